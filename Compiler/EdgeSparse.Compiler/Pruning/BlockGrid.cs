using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>
/// The blocks of a layer's weight: consecutive outputs by consecutive inputs at one kernel position. Blocks start at multiples of
/// their size, counted from the first output and input of a convolution's group, and never reach into another group. At the edges
/// they are smaller. Numbered by output, input, kernel position: by the place of their first weight.
/// </summary>
internal sealed class BlockGrid
{
    private readonly int rows;
    private readonly int columns;
    private readonly int inputs;
    private readonly int outputsPerGroup;
    private readonly int kernel;
    private readonly int rowBlocksPerGroup;
    private readonly int columnBlocks;

    /// <param name="node">Linear or Conv2d.</param>
    /// <param name="shape">Of its weight: [out, in], or [out, in/groups, kh, kw].</param>
    /// <param name="granularity">Gives the size of a block.</param>
    public BlockGrid(Node node, TensorShape shape, Granularity granularity)
    {
        int groups = node is Conv2d conv ? conv.Groups : 1;
        (rows, columns) = (granularity.Rows, granularity.Columns);
        inputs = shape[1];
        outputsPerGroup = shape[0] / groups;
        kernel = shape.ElementCount / shape[0] / inputs;
        rowBlocksPerGroup = (outputsPerGroup + rows - 1) / rows;
        columnBlocks = (inputs + columns - 1) / columns;
        Count = groups * rowBlocksPerGroup * columnBlocks * kernel;
    }

    public int Count { get; }

    /// <summary>Weights in a block that is not at an edge.</summary>
    public int BlockSize => rows * columns;

    /// <summary>Writes the places of a block's weights in the row-major weight, ascending by output, then input.</summary>
    /// <param name="block">0 to <see cref="Count"/> − 1.</param>
    /// <param name="places">At least <see cref="BlockSize"/> long.</param>
    /// <returns>The part of <paramref name="places"/> that was written.</returns>
    public ReadOnlySpan<int> PlacesOf(int block, Span<int> places)
    {
        (int blockRow, int rest) = Math.DivRem(block, columnBlocks * kernel);
        (int blockColumn, int position) = Math.DivRem(rest, kernel);
        (int group, int rowInGroup) = Math.DivRem(blockRow, rowBlocksPerGroup);
        int firstRow = (group * outputsPerGroup) + (rowInGroup * rows);
        int lastRow = Math.Min(firstRow + rows, (group + 1) * outputsPerGroup);
        int firstColumn = blockColumn * columns;
        int lastColumn = Math.Min(firstColumn + columns, inputs);
        int count = 0;
        for (int row = firstRow; row < lastRow; row++)
        {
            for (int column = firstColumn; column < lastColumn; column++)
            {
                places[count++] = (((row * inputs) + column) * kernel) + position;
            }
        }

        return places[..count];
    }
}
