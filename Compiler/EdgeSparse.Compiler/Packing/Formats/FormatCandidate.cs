namespace EdgeSparse.Compiler.Packing;

/// <summary>A format that a weight could get.</summary>
/// <param name="Layout">The format.</param>
/// <param name="Nanoseconds">Predicted for one run of the layer.</param>
/// <param name="Pack">Makes it; null when the format turns out to be impossible for the weight.</param>
internal sealed record FormatCandidate(WeightLayout Layout, double Nanoseconds, Func<PackedWeight?> Pack)
{
    /// <summary>Share of non-zeros among the weights of stored blocks from which on a mask counts as made for them.</summary>
    private const double LeastFill = 0.8;

    private static readonly WeightLayout[] Blocks =
        [WeightLayout.Bsr1x4, WeightLayout.Bsr4x1, WeightLayout.Bsr8x1, WeightLayout.Bsr16x1, WeightLayout.Bsr4x4];

    private static readonly WeightLayout[] NofM = [WeightLayout.TwoOfFour, WeightLayout.FourOfEight];

    /// <summary>The formats for a fully connected layer.</summary>
    /// <param name="matrix">The layer.</param>
    /// <param name="costs">What kernels cost.</param>
    /// <param name="lanes">Lanes of the target.</param>
    /// <param name="wanted">A format to include whatever the mask is like.</param>
    public static IEnumerable<FormatCandidate> ForLinear(WeightMatrix matrix, KernelCosts costs, int lanes, WeightLayout? wanted)
    {
        ChunkPlan whole = ChunkPlan.Whole(matrix.Channels);
        double rows = costs.LinearRow * matrix.Rows;
        SlicedEllFormat sliced = new(matrix, SliceShape.ForLanes(lanes));
        if (sliced.IsPossible || wanted == WeightLayout.SlicedEll)
        {
            yield return new FormatCandidate(
                WeightLayout.SlicedEll,
                (costs.LinearWeightOf(WeightLayout.SlicedEll) * sliced.Entries * lanes) + (costs.SlicedEllSlice * sliced.Slices)
                    + (costs.SlicedEllRow * matrix.Rows),
                sliced.Pack);
        }

        yield return new FormatCandidate(
            WeightLayout.Csr, (costs.LinearWeightOf(WeightLayout.Csr) * matrix.Weight.NonZeroCount) + rows, () => CsrFormat.Pack(matrix, whole));
        yield return new FormatCandidate(
            WeightLayout.Dense, (costs.LinearWeightOf(WeightLayout.Dense) * matrix.Weight.ElementCount) + rows, () => DenseFormat.PackLinear(matrix));
        foreach (WeightLayout layout in Blocks.Where(b => WeightLayouts.BlockOf(b).Columns == 1))
        {
            (int height, int width) = WeightLayouts.BlockOf(layout);
            if (CountBlocks(matrix, height, width, layout == wanted) is { } blocks)
            {
                yield return new FormatCandidate(
                    layout, (costs.LinearWeightOf(layout) * blocks * height) + (rows / height), () => BsrFormat.Pack(matrix, whole, height, width));
            }
        }

        foreach (WeightLayout layout in NofM)
        {
            (int n, int m) = WeightLayouts.BlockOf(layout);
            if (CountEntries(matrix, n, m, layout == wanted) is { } entries)
            {
                yield return new FormatCandidate(
                    layout, (costs.LinearWeightOf(layout) * entries * n) + rows, () => NofMFormat.Pack(matrix, whole, n, m));
            }
        }
    }

    /// <summary>The formats for a convolution.</summary>
    /// <param name="matrix">The layer.</param>
    /// <param name="window">Its window.</param>
    /// <param name="slots">Slots of an output channel.</param>
    /// <param name="costs">What kernels cost.</param>
    /// <param name="wanted">A format to include whatever the mask is like.</param>
    public static IEnumerable<FormatCandidate> ForConvolution(
        WeightMatrix matrix, ChunkWindow window, int slots, KernelCosts costs, WeightLayout? wanted)
    {
        double Cost(WeightLayout layout, long weights, long rows) =>
            ((costs.ConvolutionWeightOf(layout) * weights) + (costs.ConvolutionRow * rows)) * slots;
        ChunkPlan Chunks(long entries, int rows, int blockRows = 1) =>
            ChunkPlan.For(matrix.Channels, window, matrix.IndexUnit, entries, rows, blockRows);

        if (matrix.Channels == 1 && matrix.Groups > 1)
        {
            yield return new FormatCandidate(
                WeightLayout.Depthwise, Cost(WeightLayout.Depthwise, matrix.Weight.ElementCount, matrix.Rows),
                () => DenseFormat.PackDepthwise(matrix));
        }

        int nonZeros = matrix.Weight.NonZeroCount;
        ChunkPlan chunks = Chunks(nonZeros, matrix.Rows);
        yield return new FormatCandidate(
            WeightLayout.Csr, Cost(WeightLayout.Csr, nonZeros, (long)matrix.Rows * chunks.Count), () => CsrFormat.Pack(matrix, chunks));
        if (CsrDelta8Format.TryPack(matrix, chunks) is { } delta8)
        {
            yield return new FormatCandidate(
                WeightLayout.CsrDelta8, Cost(WeightLayout.CsrDelta8, delta8.Indices.Length, (long)matrix.Rows * chunks.Count), () => delta8);
        }

        BlockRows dense = new(matrix, DenseFormat.RowsOfBlock, 1);
        yield return new FormatCandidate(
            WeightLayout.Dense, Cost(WeightLayout.Dense, (long)dense.Count * DenseFormat.RowsOfBlock * matrix.Columns, dense.Count),
            () => DenseFormat.PackConvolution(matrix));
        foreach (WeightLayout layout in Blocks)
        {
            (int height, int width) = WeightLayouts.BlockOf(layout);
            if (CountBlocks(matrix, height, width, layout == wanted) is { } blocks)
            {
                int rows = new BlockRows(matrix, height, width).Count;
                ChunkPlan parts = Chunks(blocks, rows, height);
                yield return new FormatCandidate(
                    layout, Cost(layout, blocks * height * width, (long)rows * parts.Count), () => BsrFormat.Pack(matrix, parts, height, width));
            }
        }

        foreach (WeightLayout layout in NofM)
        {
            (int n, int m) = WeightLayouts.BlockOf(layout);
            if (CountEntries(matrix, n, m, layout == wanted) is { } entries)
            {
                ChunkPlan parts = Chunks(entries, matrix.Rows);
                yield return new FormatCandidate(
                    layout, Cost(layout, entries * n, (long)matrix.Rows * parts.Count), () => NofMFormat.Pack(matrix, parts, n, m));
            }
        }
    }

    /// <summary>Blocks stored, or null where the mask was not made for them and nobody asks.</summary>
    private static long? CountBlocks(WeightMatrix matrix, int height, int width, bool isWanted)
    {
        if (!BlockRows.IsPossible(matrix, width))
        {
            return null;
        }

        long blocks = new BlockRows(matrix, height, width).CountBlocks();
        return isWanted || matrix.Weight.NonZeroCount >= LeastFill * blocks * height * width ? blocks : null;
    }

    private static long? CountEntries(WeightMatrix matrix, int n, int m, bool isWanted)
    {
        if (NofMFormat.CountEntries(matrix, n, m, exactly: !isWanted) is not { } entries)
        {
            return null;
        }

        return isWanted || matrix.Weight.NonZeroCount >= LeastFill * entries * n ? entries : null;
    }
}
