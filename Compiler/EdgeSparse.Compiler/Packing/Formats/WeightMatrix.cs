using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// A layer's weight as the kernels see it: a matrix with one row an output and, for each column, the offset of the input
/// element that it multiplies.
/// </summary>
/// <param name="Layer">The layer's name, for messages.</param>
/// <param name="Weight">Row-major [Rows, Columns] whatever the tensor's rank.</param>
/// <param name="Bias">One a row.</param>
/// <param name="Groups">Of a convolution, else 1; rows are shared out evenly.</param>
/// <param name="Offsets">[Groups, Columns] element offsets into the input value.</param>
internal sealed record WeightMatrix(string Layer, Weight Weight, float[] Bias, int Groups, uint[] Offsets)
{
    public int Rows => Weight.Shape[0];

    public int Columns => Weight.ElementCount / Rows;

    public ReadOnlySpan<float> Row(int row) => Weight.Values.Span.Slice(row * Columns, Columns);

    public ReadOnlySpan<uint> OffsetsOf(int row) => Offsets.AsSpan(row / (Rows / Groups) * Columns, Columns);

    /// <exception cref="PackingException">A weight or bias is not finite.</exception>
    public static WeightMatrix Of(Linear linear, Graph graph)
    {
        Weight weight = Finite(linear.Name, graph.WeightOf(linear.Weight));
        uint[] offsets = new uint[weight.Shape[1]];
        for (int column = 0; column < offsets.Length; column++)
        {
            offsets[column] = (uint)column;
        }

        return new WeightMatrix(linear.Name, weight, BiasOf(linear.Name, linear.Bias, weight.Shape[0], graph), 1, offsets);
    }

    /// <param name="conv">The layer.</param>
    /// <param name="graph">Its graph.</param>
    /// <param name="input">Layout of the value that the kernel reads: the layer's input or its split by phase.</param>
    /// <exception cref="PackingException">A weight or bias is not finite.</exception>
    public static WeightMatrix Of(Conv2d conv, Graph graph, PlaneLayout input)
    {
        Weight weight = Finite(conv.Name, graph.WeightOf(conv.Weight));
        return new WeightMatrix(
            conv.Name, weight, BiasOf(conv.Name, conv.Bias, weight.Shape[0], graph), conv.Groups,
            OffsetsOf(conv, weight.Shape[1], input));
    }

    /// <summary>
    /// Offsets of the elements under the kernel for output pixel (0, 0), in the order of the weight's columns. Padding moves
    /// them up and left into the border; a strided layer finds kernel position k in phase k mod stride, k / stride further on.
    /// </summary>
    private static uint[] OffsetsOf(Conv2d conv, int channelsOfGroup, PlaneLayout input)
    {
        Window2d window = conv.Window;
        bool split = PhaseSplit.IsNeededBy(conv);
        uint[] offsets = new uint[conv.Groups * channelsOfGroup * window.KernelY * window.KernelX];
        int next = 0;
        for (int channel = 0; channel < conv.Groups * channelsOfGroup; channel++)
        {
            for (int ky = 0; ky < window.KernelY; ky++)
            {
                for (int kx = 0; kx < window.KernelX; kx++)
                {
                    int y = ky * window.DilationY;
                    int x = kx * window.DilationX;
                    long offset = split
                        ? input.OffsetOf(
                            (((channel * window.StrideY) + (y % window.StrideY)) * window.StrideX) + (x % window.StrideX),
                            y / window.StrideY,
                            x / window.StrideX)
                        : input.OffsetOf(channel, y - window.PadTop, x - window.PadLeft);
                    offsets[next++] = checked((uint)offset);
                }
            }
        }

        return offsets;
    }

    private static float[] BiasOf(string layer, string? bias, int rows, Graph graph) =>
        bias is null ? new float[rows] : Finite(layer, graph.WeightOf(bias)).Values.ToArray();

    private static Weight Finite(string layer, Weight weight)
    {
        ReadOnlySpan<float> values = weight.Values.Span;
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                throw new PackingException($"layer '{layer}' has the value {values[i]} in '{weight.Name}' at element {i}; weights are finite numbers");
            }
        }

        return weight;
    }
}
