using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>Weights of a layer, in flattened order, on the borders of its curvature blocks.</summary>
internal readonly record struct CurvatureRange(int Layer, long Start, long Length);

/// <summary>What is inverted at one time.</summary>
/// <param name="Ranges">Whole layers, and parts of a layer that is too large for one pass.</param>
/// <param name="Bytes">The most memory that it takes: the inverses, what is made on the way, and the sums of gradients.</param>
internal sealed record CurvaturePass(ImmutableArray<CurvatureRange> Ranges, long Bytes);

/// <summary>How much memory inverse curvatures take, known before any of it is allocated.</summary>
internal static class CurvatureMemory
{
    private const long Float64 = sizeof(double);

    // What builders and inverses convert or make at a time, and the most tensors of that size at once.
    private const long PieceElements = 1 << 23;
    private const long PiecesAtOnce = 4;

    /// <summary>What is kept of d weights, in bytes.</summary>
    /// <param name="count">d.</param>
    /// <param name="samples">N.</param>
    /// <param name="options">Blocks and form.</param>
    public static long KeptBytes(long count, long samples, FisherOptions options)
    {
        long size = Math.Min(options.BlockSize ?? count, count);
        long blocks = (count + size - 1) / size;
        long rest = count - ((blocks - 1) * size);
        long sums = 2 * count * Float64;
        return sums + InverseCurvatures.FormOf(count, samples, options) switch
        {
            CurvatureForm.Dense => (((blocks - 1) * size * size) + (rest * rest)) * Float64,
            CurvatureForm.Factored => (samples + (options.Centred ? 1 : 0)) * (count + blocks) * Float64,
            CurvatureForm.Dual => (samples * count * sizeof(float)) + (samples * samples * blocks * Float64),
            _ => count * Float64,
        };
    }

    /// <summary>What is made on the way, in bytes: for one layer after another it is the same memory.</summary>
    /// <inheritdoc cref="KeptBytes" path="/param"/>
    public static long ScratchBytes(long count, long samples, FisherOptions options)
    {
        long size = Math.Min(options.BlockSize ?? count, count);
        CurvatureForm form = InverseCurvatures.FormOf(count, samples, options);
        long elements = form switch
        {
            CurvatureForm.Dense => Math.Max(Math.Min(PieceElements, size * count), size * size),
            CurvatureForm.Factored => Math.Max(Math.Min(PieceElements, samples * count), Math.Max(samples * samples, 128 * size)),
            CurvatureForm.Dual => Math.Max(Math.Min(PieceElements, samples * count), samples * samples),
            _ => Math.Min(PieceElements, samples * count),
        };
        return PiecesAtOnce * elements * Float64;
    }

    /// <summary>
    /// Puts layers together, in their order, into passes that each fit into the memory given. A layer that does not fit by itself
    /// is cut between its blocks.
    /// </summary>
    /// <param name="layers">Name and number of weights of each.</param>
    /// <param name="samples">N.</param>
    /// <param name="options">Blocks and form.</param>
    /// <param name="available">Bytes.</param>
    /// <exception cref="PruningException">Not even one block fits.</exception>
    public static ImmutableArray<CurvaturePass> Plan(
        IReadOnlyList<(string Name, long Weights)> layers, long samples, FisherOptions options, long available)
    {
        List<CurvaturePass> passes = [];
        List<CurvatureRange> ranges = [];
        (long kept, long scratch) = (0, 0);
        for (int layer = 0; layer < layers.Count; layer++)
        {
            long count = layers[layer].Weights;
            long size = Math.Min(options.BlockSize ?? count, count);
            long step = size;
            if (Need(Math.Min(count, step)) is long least && least > available)
            {
                throw new PruningException(
                    $"the curvature of layer '{layers[layer].Name}' in blocks of {size} weights needs {Text(least)} of memory, where {Text(available)} is free: "
                    + "set smaller blocks or fewer samples");
            }

            for (long start = 0; start < count;)
            {
                long left = count - start;
                long length = Fits(left, kept, scratch) ? left : start == 0 && Need(left) <= available ? 0 : LongestFit(left, size);
                if (length == 0)
                {
                    Close();
                    continue;
                }

                ranges.Add(new CurvatureRange(layer, start, length));
                kept += KeptBytes(length, samples, options);
                scratch = Math.Max(scratch, ScratchBytes(length, samples, options));
                start += length;
            }
        }

        Close();
        return [.. passes];

        long Need(long length) => KeptBytes(length, samples, options) + ScratchBytes(length, samples, options);

        bool Fits(long length, long already, long before) =>
            already + KeptBytes(length, samples, options) + Math.Max(before, ScratchBytes(length, samples, options)) <= available;

        // By bisection over whole blocks; 0 where not one fits beside what the pass has.
        long LongestFit(long left, long size)
        {
            (long low, long high) = (0, (left / size) + 1);
            while (high - low > 1)
            {
                long middle = (low + high) / 2;
                (low, high) = Fits(middle * size, kept, scratch) ? (middle, high) : (low, middle);
            }

            return low * size;
        }

        void Close()
        {
            if (ranges.Count > 0)
            {
                passes.Add(new CurvaturePass([.. ranges], kept + scratch));
                ranges.Clear();
                (kept, scratch) = (0, 0);
            }
        }
    }

    /// <summary>What the host has free, in bytes. A GPU's is not known to this library: its callers say.</summary>
    public static long AvailableOnHost()
    {
        GCMemoryInfo memory = GC.GetGCMemoryInfo(GCKind.Any);
        return Math.Max(0, memory.TotalAvailableMemoryBytes - Environment.WorkingSet);
    }

    private static string Text(long bytes) => bytes < 1L << 30 ? $"{bytes / 1048576.0:0.#} MiB" : $"{bytes / 1073741824.0:0.##} GiB";
}
