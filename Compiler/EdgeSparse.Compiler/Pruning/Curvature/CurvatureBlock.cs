using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>Consecutive weights, in flattened order, whose curvature is kept among themselves and ignored with all others.</summary>
/// <param name="Start">The first weight.</param>
/// <param name="Length">How many, at least 1.</param>
internal readonly record struct CurvatureBlock(long Start, long Length)
{
    /// <summary>Chunks of <paramref name="size"/> weights, the last one shorter where they do not come out even.</summary>
    /// <param name="count">Weights, at least 1.</param>
    /// <param name="size">At least 1; null or above <paramref name="count"/>: one block of all.</param>
    public static ImmutableArray<CurvatureBlock> Split(long count, long? size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        long length = Math.Min(size ?? count, count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length, nameof(size));
        ImmutableArray<CurvatureBlock>.Builder blocks = ImmutableArray.CreateBuilder<CurvatureBlock>();
        for (long start = 0; start < count; start += length)
        {
            blocks.Add(new CurvatureBlock(start, Math.Min(length, count - start)));
        }

        return blocks.ToImmutable();
    }
}
