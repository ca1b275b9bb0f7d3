using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>ConvTranspose with constant weight and bias, two-dimensional.</summary>
internal sealed class ConvTransposeImport : OperatorImport
{
    public override string Operator => "ConvTranspose";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        ConstantTensor weight = graph.Constant(node, 1, "weight");
        if (weight.Dims.Length != 4)
        {
            throw node.Fail($"has a weight {ConstantTensor.Describe(weight.Dims)}; only two-dimensional convolutions (rank 4) are supported");
        }

        (Window2d window, int padY, int padX) = Geometry(node, graph.ShapeOf(x), (weight.Dims[2], weight.Dims[3]));
        int groups = node.Integer("group", 1, 1, int.MaxValue);
        string w = graph.AddWeight(node, node.Input(1), new TensorShape(weight.Dims.AsSpan()), weight.Floats());
        long outputs = (long)weight.Dims[1] * groups;
        string? bias = node.HasInput(2) ? ConvImport.BiasOf(node, graph, (int)Math.Min(outputs, int.MaxValue)) : null;
        graph.Emit(node, name => new ConvTranspose2d(name, x, node.Output, w, bias, window, groups, padY, padX));
    }

    private static (Window2d Window, int OutputPadY, int OutputPadX) Geometry(OnnxNode node, TensorShape input, (int Rows, int Columns) weight)
    {
        ImmutableArray<int> kernel = WindowAttributes.Kernel(node, input, weight);
        ImmutableArray<int> strides = WindowAttributes.Pair(node, "strides", [1, 1], 1);
        ImmutableArray<int> dilations = WindowAttributes.Pair(node, "dilations", [1, 1], 1);
        ImmutableArray<int> pads = WindowAttributes.ExplicitPads(node);
        ImmutableArray<int> outputPads = WindowAttributes.Pair(node, "output_padding", [0, 0], 0);
        string autoPad = node.Text("auto_pad", "NOTSET");
        if (autoPad is not ("NOTSET" or "VALID" or "SAME_UPPER" or "SAME_LOWER"))
        {
            throw node.Fail($"has auto_pad = {autoPad}; supported are NOTSET, SAME_UPPER, SAME_LOWER and VALID");
        }

        Window2d unpadded = new(kernel[0], kernel[1], strides[0], strides[1], DilationY: dilations[0], DilationX: dilations[1]);
        (int Rows, int Columns)? wanted = null;
        if (node.HasAttribute("output_shape"))
        {
            ImmutableArray<int> shape = WindowAttributes.Pair(node, "output_shape", [], 1);
            wanted = (shape[0], shape[1]);
        }
        else if (autoPad is "SAME_UPPER" or "SAME_LOWER")
        {
            wanted = (Product(input[2], strides[0]), Product(input[3], strides[1]));
        }

        if (wanted is not { } output)
        {
            return autoPad == "VALID"
                ? (unpadded, outputPads[0], outputPads[1])
                : (unpadded with { PadTop = pads[0], PadLeft = pads[1], PadBottom = pads[2], PadRight = pads[3] }, outputPads[0], outputPads[1]);
        }

        // The padding that gives this output. Where it is negative, the output is longer than the product: that is output padding.
        int rows = unpadded.TransposedRows(input[2], outputPads[0]) - output.Rows;
        int columns = unpadded.TransposedColumns(input[3], outputPads[1]) - output.Columns;
        (int top, int bottom) = Split(Math.Max(0, rows), autoPad);
        (int left, int right) = Split(Math.Max(0, columns), autoPad);
        if ((rows < 0 || columns < 0) && !node.HasAttribute("output_shape"))
        {
            // The specification and ONNX Runtime disagree about the size then.
            throw node.Fail($"has auto_pad = {autoPad} and a kernel that does not reach over its stride, which is not supported; give output_shape");
        }

        return (
            unpadded with { PadTop = top, PadLeft = left, PadBottom = bottom, PadRight = right },
            outputPads[0] + Math.Max(0, -rows), outputPads[1] + Math.Max(0, -columns));
    }

    private static int Product(int length, int stride) => (int)Math.Min((long)length * stride, int.MaxValue);

    /// <summary>The odd pixel goes to the end for SAME_UPPER, else to the beginning (the specification's words from opset 11 on).</summary>
    private static (int Before, int After) Split(int total, string autoPad) =>
        autoPad == "SAME_UPPER" ? (total / 2, total - (total / 2)) : (total - (total / 2), total / 2);
}
