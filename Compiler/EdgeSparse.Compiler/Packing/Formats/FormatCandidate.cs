namespace EdgeSparse.Compiler.Packing;

/// <summary>A format that a weight could get.</summary>
/// <param name="Layout">The format.</param>
/// <param name="Chunks">Parts of the input channels.</param>
/// <param name="Work">What its kernel does in one run of the layer.</param>
/// <param name="Nanoseconds">Predicted for one run of the layer.</param>
/// <param name="Pack">Makes it; null when the format turns out to be impossible for the weight.</param>
internal sealed record FormatCandidate(WeightLayout Layout, int Chunks, WorkCount Work, double Nanoseconds, Func<PackedWeight?> Pack)
{
    /// <summary>Share of non-zeros among the weights of stored blocks from which on a mask counts as made for them.</summary>
    private const double LeastFill = 0.8;

    /// <summary>Entries of a row in a chunk, on average, below which more chunks are not worth measuring.</summary>
    private const int FewestEntriesTried = 3;

    private const int SmallestChunkTried = 8;

    private static readonly WeightLayout[] Blocks =
        [WeightLayout.Bsr1x4, WeightLayout.Bsr4x1, WeightLayout.Bsr8x1, WeightLayout.Bsr16x1, WeightLayout.Bsr4x4];

    private static readonly WeightLayout[] NofM = [WeightLayout.TwoOfFour, WeightLayout.FourOfEight];

    private readonly record struct Chunking(ChunkPlan Plan, bool IsPlanned);

    /// <summary>Whether the chunks are those that <see cref="ChunkPlan.For"/> plans, or the format has none.</summary>
    public bool IsPlanned { get; init; } = true;

    /// <summary>The format's name and its chunks, for reports.</summary>
    public string Name => Chunks == 1 ? WeightLayouts.NameOf(Layout) : $"{WeightLayouts.NameOf(Layout)} in {Chunks} chunks";

    /// <summary>The formats for a fully connected layer.</summary>
    /// <param name="matrix">The layer.</param>
    /// <param name="costs">What kernels cost.</param>
    /// <param name="lanes">Lanes of the target.</param>
    /// <param name="wanted">A format to include whatever the mask is like.</param>
    /// <param name="inputs">How many of its inputs are not zero, where that is known.</param>
    public static IEnumerable<FormatCandidate> ForLinear(
        WeightMatrix matrix, KernelCosts costs, int lanes, WeightLayout? wanted, NonZeroInputs? inputs = null)
    {
        ChunkPlan whole = ChunkPlan.Whole(matrix.Channels);
        FormatCandidate Of(WeightLayout layout, double weights, long rows, Func<PackedWeight?> pack)
        {
            WorkCount work = new(weights, rows);
            return new FormatCandidate(layout, 1, work, costs.Nanoseconds(false, layout, work), pack);
        }

        SlicedEllFormat sliced = new(matrix, SliceShape.ForLanes(lanes));
        if (sliced.IsPossible || wanted == WeightLayout.SlicedEll)
        {
            yield return Of(WeightLayout.SlicedEll, sliced.Stored, sliced.Slices, sliced.Pack);
        }

        if ((inputs is { AreFew: true } && costs.HasLinear(WeightLayout.Csc)) || wanted == WeightLayout.Csc)
        {
            CscFormat columns = new(matrix);
            yield return Of(WeightLayout.Csc, matrix.Weight.NonZeroCount * (inputs?.Share ?? 1), columns.Columns, columns.Pack);
        }

        yield return Of(WeightLayout.Csr, matrix.Weight.NonZeroCount, matrix.Rows, () => CsrFormat.Pack(matrix, whole));
        yield return Of(WeightLayout.Dense, matrix.Weight.ElementCount, matrix.Rows, () => DenseFormat.PackLinear(matrix));
        foreach (WeightLayout layout in Blocks)
        {
            (int height, int width) = WeightLayouts.BlockOf(layout);
            if (CountBlocks(matrix, height, width, layout == wanted) is { } blocks)
            {
                yield return Of(
                    layout, blocks * height * width, new BlockRows(matrix, height, width).Count, () => BsrFormat.Pack(matrix, whole, height, width));
            }
        }

        foreach (WeightLayout layout in NofM)
        {
            (int n, int m) = WeightLayouts.BlockOf(layout);
            if (CountEntries(matrix, n, m, layout == wanted) is { } entries)
            {
                yield return Of(layout, entries * n, matrix.Rows, () => NofMFormat.Pack(matrix, whole, n, m));
            }
        }
    }

    /// <summary>The formats for a convolution.</summary>
    /// <param name="matrix">The layer.</param>
    /// <param name="window">Its window.</param>
    /// <param name="slots">Slots of an output channel.</param>
    /// <param name="costs">What kernels cost.</param>
    /// <param name="wanted">A format to include whatever the mask is like.</param>
    /// <param name="everyChunking">Whether to try other numbers of chunks than the planned one.</param>
    public static IEnumerable<FormatCandidate> ForConvolution(
        WeightMatrix matrix, ChunkWindow window, int slots, KernelCosts costs, WeightLayout? wanted, bool everyChunking = false)
    {
        FormatCandidate Of(WeightLayout layout, long weights, long rows, Func<PackedWeight?> pack, Chunking? chunking = null)
        {
            int chunks = chunking?.Plan.Count ?? 1;
            WorkCount work = new((double)weights * slots, (double)rows * chunks * slots);
            return new FormatCandidate(layout, chunks, work, costs.Nanoseconds(true, layout, work), pack)
            {
                IsPlanned = chunking?.IsPlanned ?? true,
            };
        }

        IEnumerable<Chunking> Chunkings(long entries, int rows, int blockRows = 1)
        {
            ChunkPlan planned = ChunkPlan.For(matrix.Channels, window, matrix.IndexUnit, entries, rows, blockRows);
            return everyChunking ? Around(planned, matrix.Channels, entries / rows) : [new Chunking(planned, true)];
        }

        if (matrix.Channels == 1 && matrix.Groups > 1)
        {
            yield return Of(WeightLayout.Depthwise, matrix.Weight.ElementCount, matrix.Rows, () => DenseFormat.PackDepthwise(matrix));
        }

        int nonZeros = matrix.Weight.NonZeroCount;
        foreach (Chunking c in Chunkings(nonZeros, matrix.Rows))
        {
            yield return Of(WeightLayout.Csr, nonZeros, matrix.Rows, () => CsrFormat.Pack(matrix, c.Plan), c);
            if (CsrDelta8Format.TryPack(matrix, c.Plan) is { } delta8)
            {
                yield return Of(WeightLayout.CsrDelta8, delta8.Indices.Length, matrix.Rows, () => delta8, c);
            }
        }

        BlockRows dense = new(matrix, DenseFormat.RowsOfBlock, 1);
        yield return Of(
            WeightLayout.Dense, (long)dense.Count * DenseFormat.RowsOfBlock * matrix.Columns, dense.Count, () => DenseFormat.PackConvolution(matrix));
        foreach (WeightLayout layout in Blocks)
        {
            (int height, int width) = WeightLayouts.BlockOf(layout);
            if (CountBlocks(matrix, height, width, layout == wanted) is { } blocks)
            {
                int rows = new BlockRows(matrix, height, width).Count;
                foreach (Chunking c in Chunkings(blocks, rows, height))
                {
                    yield return Of(layout, blocks * height * width, rows, () => BsrFormat.Pack(matrix, c.Plan, height, width), c);
                }
            }
        }

        foreach (WeightLayout layout in NofM)
        {
            (int n, int m) = WeightLayouts.BlockOf(layout);
            if (CountEntries(matrix, n, m, layout == wanted) is { } entries)
            {
                foreach (Chunking c in Chunkings(entries, matrix.Rows))
                {
                    yield return Of(layout, entries * n, matrix.Rows, () => NofMFormat.Pack(matrix, c.Plan, n, m), c);
                }
            }
        }
    }

    /// <summary>The planned chunks, then chunks of 8, 16, 32 … channels, and one of all.</summary>
    private static IEnumerable<Chunking> Around(ChunkPlan planned, int channels, long entriesOfRow)
    {
        List<int> counts = [planned.Count, 1];
        for (int size = SmallestChunkTried; size < channels; size *= 2)
        {
            counts.Add((channels + size - 1) / size);
        }

        return counts.Distinct()
            .Where(c => c <= Math.Max(planned.Count, entriesOfRow / FewestEntriesTried))
            .Select((c, i) => new Chunking(ChunkPlan.Of(channels, c), i == 0));
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
