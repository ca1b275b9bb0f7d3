using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>ConvTranspose with constant weight and bias, over one to three dimensions.</summary>
internal sealed class ConvTransposeImport : OperatorImport
{
    public override string Operator => "ConvTranspose";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        int rank = graph.ShapeOf(x).Rank;
        ConstantTensor weight = graph.Constant(node, 1, "weight");
        ImmutableArray<(WindowAxis Window, int OutputPad)> axes = Geometry(node, graph.ShapeOf(x), ConvImport.KernelOf(node, weight));
        (WindowAxis rows, int padY) = axes.Length == 1 ? (WindowAxis.Pixel, 0) : axes[^2];
        (WindowAxis columns, int padX) = axes[^1];
        int groups = node.Integer("group", 1, 1, int.MaxValue);
        long outputs = (long)weight.Dims[1] * groups;
        string? bias = node.HasInput(2) ? ConvImport.BiasOf(node, graph, (int)Math.Min(outputs, int.MaxValue)) : null;
        if (axes.Length == 3)
        {
            Node Plane(string name, string from, string output, string weightName) =>
                new ConvTranspose2d(name, from, output, weightName, bias, WindowAxis.Of(rows, columns), groups, padY, padX);
            VolumeTransposedConvolution.Emit(node, graph, weight, axes[0].Window, axes[0].OutputPad, Plane);
            return;
        }

        string w = ConvImport.AddWeight(node, graph, weight);
        string plane = SpatialDimensions.Plane(node, graph, x);
        SpatialDimensions.Emit(
            node, graph, rank,
            (name, output) => new ConvTranspose2d(name, plane, output, w, bias, WindowAxis.Of(rows, columns), groups, padY, padX));
    }

    private static ImmutableArray<(WindowAxis Window, int OutputPad)> Geometry(OnnxNode node, TensorShape input, ImmutableArray<int> weight)
    {
        ImmutableArray<int> kernel = WindowAttributes.Kernel(node, input, most: 3, weight);
        int axes = kernel.Length;
        ImmutableArray<int> strides = WindowAttributes.Values(node, "strides", axes, 1) ?? WindowAttributes.Ones(axes);
        ImmutableArray<int> dilations = WindowAttributes.Values(node, "dilations", axes, 1) ?? WindowAttributes.Ones(axes);
        ImmutableArray<int> pads = WindowAttributes.ExplicitPads(node, axes);
        ImmutableArray<int> outputPads = WindowAttributes.Values(node, "output_padding", axes, 0) ?? [.. Enumerable.Repeat(0, axes)];
        ImmutableArray<int>? outputShape = WindowAttributes.Values(node, "output_shape", axes, 1);
        string autoPad = WindowAttributes.AutoPad(node);
        var result = ImmutableArray.CreateBuilder<(WindowAxis, int)>(axes);
        for (int i = 0; i < axes; i++)
        {
            WindowAxis unpadded = new(kernel[i], strides[i], dilations[i], 0, 0);
            long? wanted = outputShape?[i] ?? (autoPad.StartsWith("SAME", StringComparison.Ordinal) ? (long)input[i + 2] * strides[i] : default(long?));
            if (wanted is not { } output)
            {
                result.Add((autoPad == "VALID" ? unpadded : unpadded with { PadBefore = pads[i], PadAfter = pads[axes + i] }, outputPads[i]));
                continue;
            }

            // The padding that gives this output. Where it is negative, the output is longer than the product: that is output padding.
            long whole = ((long)strides[i] * (input[i + 2] - 1)) + ((long)dilations[i] * (kernel[i] - 1)) + 1 + outputPads[i];
            int surplus = (int)Math.Clamp(whole - output, int.MinValue / 2, int.MaxValue);
            if (surplus < 0 && outputShape is null)
            {
                // The specification and ONNX Runtime disagree about the size then.
                throw node.Fail($"has auto_pad = {autoPad} and a kernel that does not reach over its stride, which is not supported; give output_shape");
            }

            (int before, int after) = WindowAttributes.Split(Math.Max(0, surplus), autoPad);
            result.Add((unpadded with { PadBefore = before, PadAfter = after }, outputPads[i] + Math.Max(0, -surplus)));
        }

        return result.MoveToImmutable();
    }
}
