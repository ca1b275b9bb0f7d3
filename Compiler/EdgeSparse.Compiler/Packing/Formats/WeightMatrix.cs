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
    public bool IsConvolution { get; init; }

    /// <summary>Positions of the kernel; a column is channel · KernelPositions + position.</summary>
    public int KernelPositions { get; init; } = 1;

    /// <summary>Elements between the same kernel position of two input channels.</summary>
    public int ColumnStride { get; init; } = 1;

    /// <summary>Lanes of the input's slots, which all offsets are multiples of.</summary>
    public int IndexUnit { get; init; } = 1;

    public int Rows => Weight.Shape[0];

    public int Columns => Weight.ElementCount / Rows;

    public int RowsOfGroup => Rows / Groups;

    /// <summary>Input channels of a group.</summary>
    public int Channels => Columns / KernelPositions;

    public ReadOnlySpan<float> Row(int row) => Weight.Values.Span.Slice(row * Columns, Columns);

    /// <summary>Offsets of a group's columns.</summary>
    public ReadOnlySpan<uint> OffsetsOf(int group) => Offsets.AsSpan(group * Columns, Columns);

    /// <param name="layer">A fully connected layer or a 1×1 convolution of vectors.</param>
    /// <param name="weightName">Its weight, [out, in] or [out, in, 1, 1].</param>
    /// <param name="bias">Its bias.</param>
    /// <param name="graph">Its graph.</param>
    /// <exception cref="PackingException">A weight or bias is not finite.</exception>
    public static WeightMatrix OfVectors(string layer, string weightName, string? bias, LoweredGraph graph)
    {
        Weight weight = Finite(layer, graph.WeightOf(weightName));
        uint[] offsets = new uint[weight.Shape[1]];
        for (int column = 0; column < offsets.Length; column++)
        {
            offsets[column] = (uint)column;
        }

        return new WeightMatrix(layer, weight, BiasOf(layer, bias, weight.Shape[0], graph), 1, offsets);
    }

    /// <param name="conv">The layer.</param>
    /// <param name="graph">Its graph.</param>
    /// <param name="input">Layout of the value that the kernel reads.</param>
    /// <exception cref="PackingException">A weight or bias is not finite.</exception>
    public static WeightMatrix Of(Conv2d conv, LoweredGraph graph, ValueLayout input)
    {
        Weight weight = Finite(conv.Name, graph.WeightOf(conv.Weight));
        return new WeightMatrix(
            graph.LayerOf(conv.Name), weight, BiasOf(conv.Name, conv.Bias, weight.Shape[0], graph), conv.Groups,
            OffsetsOf(conv, weight.Shape[1], input))
        {
            IsConvolution = true,
            KernelPositions = conv.Window.KernelY * conv.Window.KernelX,
            ColumnStride = input.ChannelStride,
            IndexUnit = input.Geometry.Lanes,
        };
    }

    /// <summary>
    /// The blocks of <paramref name="width"/> columns at one kernel position, in the order of their offsets: consecutive input
    /// channels from a multiple of the width on; a last block of fewer channels begins earlier, but owns only those left.
    /// </summary>
    public ColumnBlock[] ColumnBlocks(int width)
    {
        List<ColumnBlock> blocks = [];
        for (int owned = 0; owned < Channels; owned += width)
        {
            int first = Math.Max(0, Math.Min(owned, Channels - width));
            for (int position = 0; position < KernelPositions; position++)
            {
                blocks.Add(new ColumnBlock(first, owned, position, (first * KernelPositions) + position));
            }
        }

        // The order of offsets is the same in all groups: they are one shift apart.
        return [.. blocks.OrderBy(b => Offsets[b.FirstColumn])];
    }

    /// <summary>
    /// Offsets of lane 0 of the slots under the kernel for output slot (0, 0), in the order of the weight's columns. Padding
    /// moves them up and left into the halo.
    /// </summary>
    private static uint[] OffsetsOf(Conv2d conv, int channelsOfGroup, ValueLayout input)
    {
        Window2d window = conv.Window;
        uint[] offsets = new uint[conv.Groups * channelsOfGroup * window.KernelY * window.KernelX];
        int next = 0;
        for (int channel = 0; channel < conv.Groups * channelsOfGroup; channel++)
        {
            for (int ky = 0; ky < window.KernelY; ky++)
            {
                for (int kx = 0; kx < window.KernelX; kx++)
                {
                    offsets[next++] = checked((uint)input.OffsetOf(
                        channel, ((long)ky * window.DilationY) - window.PadTop, ((long)kx * window.DilationX) - window.PadLeft));
                }
            }
        }

        return offsets;
    }

    private static float[] BiasOf(string layer, string? bias, int rows, LoweredGraph graph) =>
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

/// <summary>Columns of consecutive input channels at one kernel position.</summary>
/// <param name="FirstChannel">Of the group.</param>
/// <param name="FirstOwned">Channels before this one are another block's.</param>
/// <param name="Position">Kernel position.</param>
/// <param name="FirstColumn">The column of the first channel.</param>
internal readonly record struct ColumnBlock(int FirstChannel, int FirstOwned, int Position, int FirstColumn);
