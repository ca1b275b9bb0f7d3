using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// A transposed convolution as a convolution of stride 1 that computes one set of channels for each phase of the output, the
/// position of a pixel modulo the stride, and a movement that puts the phases side by side and cuts the padding off.
/// </summary>
internal static class ConvTransposeLowering
{
    /// <summary>One dimension. Place u of the uncut output, u mod Stride = phase, sums taps t back from input ⌊u / Stride⌋.</summary>
    private readonly record struct Phases(int Stride, int Kernel, int Dilation, int Cut, int Output, int Input)
    {
        /// <summary>Inputs before its own that a place reaches back to.</summary>
        public int Reach => (Kernel - 1) * Dilation / Stride;

        /// <summary>The first row that is computed: those wholly cut off are not.</summary>
        public int First => Math.Min(Cut / Stride, Reach);

        public int Rows => ((Cut + Output - 1) / Stride) + 1 - First;

        /// <summary>Padding behind, so that as many rows come out.</summary>
        public int PadAfter => Math.Max(0, First + Rows - Input);

        /// <summary>Phase and tap of the kernel's element; the tap counts from the last.</summary>
        public (int Phase, int Tap) Of(int element) => (element * Dilation % Stride, Reach - (element * Dilation / Stride));

        /// <summary>Row in the computed map and phase of an output place.</summary>
        public (int Row, int Phase) At(int output) => (((output + Cut) / Stride) - First, (output + Cut) % Stride);
    }

    public static void Lower(Lowering to, ConvTranspose2d node, SampleLayer sample)
    {
        string input = to.Get(sample.Inputs[0]);
        TensorShape x = to.ShapeOf(sample.Inputs[0]);
        TensorShape y = sample.Shape;
        Window2d w = node.Window;
        Phases rows = new(w.StrideY, w.KernelY, w.DilationY, w.PadTop, y[2], x[2]);
        Phases columns = new(w.StrideX, w.KernelX, w.DilationX, w.PadLeft, y[3], x[3]);
        int phases = w.StrideY * w.StrideX;
        int height = Math.Max(rows.Rows, x[2] - rows.First);
        int width = Math.Max(columns.Rows, x[3] - columns.First);
        int groupOutputs = y[1] / node.Groups;
        (string kernel, string? bias) = Weights(to, node, rows, columns, groupOutputs);
        Window2d window = new(
            rows.Reach + 1, columns.Reach + 1, 1, 1,
            rows.Reach - rows.First, columns.Reach - columns.First, rows.PadAfter, columns.PadAfter);
        TensorShape computed = new(1, y[1] * phases, height, width);
        bool isWhole = phases == 1 && rows.Cut == rows.First && columns.Cut == columns.First && height == y[2] && width == y[3];
        string output = isWhole ? sample.Output : to.Fresh(sample.Name, "phases");
        to.Emit(new Conv2d(sample.Name, input, output, kernel, bias, window, node.Groups), computed, node.Name);
        if (isWhole)
        {
            return;
        }

        // Computed channels are (group, phase y, phase x, output of the group); a row of the output has phase and row at once.
        int[] placesY = [.. Enumerable.Range(0, y[2]).Select(rows.At).Select(p => (p.Phase * height) + p.Row)];
        int[] placesX = [.. Enumerable.Range(0, y[3]).Select(columns.At).Select(p => (p.Phase * width) + p.Row)];
        string ordered = to.Fresh(sample.Name, "ordered");
        to.Move(
            output,
            Movement.Transposed([node.Groups, w.StrideY, w.StrideX, groupOutputs, height, width], 0, 3, 1, 4, 2, 5),
            ordered,
            new TensorShape(1, y[1], w.StrideY * height, w.StrideX * width),
            node.Name);
        to.Move(
            ordered,
            new Movement(
                [y[1], w.StrideY * height, w.StrideX * width],
                [new MovementAxis(0, y[1], null), new MovementAxis(1, y[2], placesY), new MovementAxis(2, y[3], placesX)]),
            sample.Output,
            y,
            node.Name);
    }

    private static (string Kernel, string? Bias) Weights(Lowering to, ConvTranspose2d node, Phases rows, Phases columns, int groupOutputs)
    {
        Weight weight = to.WeightOf(node.Weight);
        string name = $"{node.Name}.phases";
        string? biasName = node.Bias is null ? null : $"{node.Name}.phases.bias";
        if (to.HasWeight(name))
        {
            return (name, biasName);
        }

        int groupInputs = weight.Shape[0] / node.Groups;
        int phases = rows.Stride * columns.Stride;
        TensorShape shape = new(node.Groups * phases * groupOutputs, groupInputs, rows.Reach + 1, columns.Reach + 1);
        float[] values = new float[shape.ElementCount];
        ReadOnlySpan<float> source = weight.Values.Span;
        int next = 0;
        for (int i = 0; i < weight.Shape[0]; i++)
        {
            for (int o = 0; o < groupOutputs; o++)
            {
                for (int ky = 0; ky < rows.Kernel; ky++)
                {
                    for (int kx = 0; kx < columns.Kernel; kx++)
                    {
                        (int phaseY, int tapY) = rows.Of(ky);
                        (int phaseX, int tapX) = columns.Of(kx);
                        int row = (((i / groupInputs * phases) + (phaseY * columns.Stride) + phaseX) * groupOutputs) + o;
                        int column = (((i % groupInputs * (rows.Reach + 1)) + tapY) * (columns.Reach + 1)) + tapX;
                        values[(row * (shape.ElementCount / shape[0])) + column] = source[next++];
                    }
                }
            }
        }

        to.AddWeight(name, shape, values);
        if (node.Bias is not null)
        {
            float[] bias = to.WeightOf(node.Bias).Values.ToArray();
            float[] repeated = [.. Enumerable.Range(0, shape[0]).Select(r => bias[(r / groupOutputs / phases * groupOutputs) + (r % groupOutputs)])];
            to.AddWeight(biasName!, new TensorShape(shape[0]), repeated);
        }

        return (name, biasName);
    }
}
