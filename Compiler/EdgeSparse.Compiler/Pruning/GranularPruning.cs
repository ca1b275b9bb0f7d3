using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>
/// Which weights of one layer stay when they are pruned by magnitude in a given <see cref="Granularity"/>. A block's score is the
/// root of its mean square, so that a smaller block at an edge is judged like the others. What is pruned already counts as 0 and
/// stays pruned.
/// </summary>
public static class GranularPruning
{
    /// <summary>
    /// Keeps the blocks of highest score, of equal ones the first, so many that the weights kept come nearest to
    /// <paramref name="density"/> × all; of two equally near counts the larger. In N:M, keeps of each M weights the nearest count
    /// to density × M, but not fewer than N, those of largest magnitude; of an incomplete group of k, ⌈count·k/M⌉.
    /// </summary>
    /// <param name="node">The layer, which says how many groups a convolution has.</param>
    /// <param name="weight">Its weight.</param>
    /// <param name="granularity">One that fits the layer.</param>
    /// <param name="density">0 to 1. N:M is reached at N/M and below; above it is the way there.</param>
    /// <exception cref="PruningException">The granularity makes no sense for the layer.</exception>
    public static bool[] ByDensity(Node node, Weight weight, Granularity granularity, double density)
    {
        if (granularity.RefusalOf(node, weight.Shape) is { } refusal)
        {
            throw new PruningException(refusal);
        }

        if (granularity.IsSingleWeights)
        {
            return MagnitudePruning.ByCount(weight, MagnitudePruning.CountAt(weight.ElementCount, density));
        }

        BlockGrid grid = new(node, weight.Shape, granularity);
        return granularity.KeptPerGroup is { } n
            ? ByGroups(weight, grid, Math.Clamp(MagnitudePruning.CountAt(granularity.Columns, density), n, granularity.Columns))
            : ByBlocks(weight, grid, density * weight.ElementCount);
    }

    /// <summary>
    /// Keeps blocks whose score is above quality × the standard deviation of the surviving weights: <see
    /// cref="MagnitudePruning.ByQuality"/> for blocks.
    /// </summary>
    /// <exception cref="PruningException">The granularity is N:M, which knows no threshold, or makes no sense for the layer.</exception>
    public static bool[] ByQuality(Node node, Weight weight, Granularity granularity, double quality)
    {
        if (granularity.RefusalOf(node, weight.Shape) is { } refusal)
        {
            throw new PruningException(refusal);
        }

        if (granularity.KeptPerGroup is not null)
        {
            throw new PruningException($"layer '{node.Name}' cannot be pruned by quality in the granularity {granularity}");
        }

        if (granularity.IsSingleWeights)
        {
            return MagnitudePruning.ByQuality(weight, quality);
        }

        double threshold = quality * MagnitudePruning.PopulationDeviation(weight);
        bool[] kept = MagnitudePruning.Survivors(weight);
        BlockGrid grid = new(node, weight.Shape, granularity);
        Span<int> places = stackalloc int[grid.BlockSize];
        for (int block = 0; block < grid.Count && threshold > 0; block++)
        {
            ReadOnlySpan<int> members = grid.PlacesOf(block, places);
            if (Math.Sqrt(MeanSquare(weight.Values.Span, members)) <= threshold)
            {
                foreach (int place in members)
                {
                    kept[place] = false;
                }
            }
        }

        return kept;
    }

    /// <summary>The highest score among what a mask prunes of the survivors, 0 for none: the threshold that would prune as much.</summary>
    internal static double HighestScorePruned(Node node, Weight weight, Granularity granularity, bool[] mask)
    {
        BlockGrid grid = new(node, weight.Shape, granularity);
        Span<int> places = stackalloc int[grid.BlockSize];
        double highest = 0;
        for (int block = 0; block < grid.Count; block++)
        {
            ReadOnlySpan<int> members = grid.PlacesOf(block, places);
            if (KeptOf(mask, members) == 0)
            {
                highest = Math.Max(highest, MeanSquare(weight.Values.Span, members));
            }
        }

        return Math.Sqrt(highest);
    }

    private static bool[] ByBlocks(Weight weight, BlockGrid grid, double target)
    {
        bool[] survivors = MagnitudePruning.Survivors(weight);
        List<(double Negated, int Block, int Weights)> ranked = [];
        Span<int> places = stackalloc int[grid.BlockSize];
        for (int block = 0; block < grid.Count; block++)
        {
            ReadOnlySpan<int> members = grid.PlacesOf(block, places);
            if (KeptOf(survivors, members) is > 0 and int weights)
            {
                ranked.Add((-MeanSquare(weight.Values.Span, members), block, weights));
            }
        }

        // By score, then by block: the highest first.
        ranked.Sort();
        bool[] kept = new bool[survivors.Length];
        double count = 0;
        foreach ((_, int block, int weights) in ranked)
        {
            if (count + weights - target > target - count)
            {
                break;
            }

            count += weights;
            foreach (int place in grid.PlacesOf(block, places))
            {
                kept[place] = survivors[place];
            }
        }

        return kept;
    }

    private static bool[] ByGroups(Weight weight, BlockGrid grid, int count)
    {
        ReadOnlySpan<float> values = weight.Values.Span;
        bool[] survivors = MagnitudePruning.Survivors(weight);
        bool[] kept = new bool[survivors.Length];
        Span<int> places = stackalloc int[grid.BlockSize];
        for (int group = 0; group < grid.Count; group++)
        {
            ReadOnlySpan<int> members = grid.PlacesOf(group, places);
            int left = ((count * members.Length) + grid.BlockSize - 1) / grid.BlockSize;
            while (left-- > 0 && LargestLeft(values, survivors, kept, members) is { } place)
            {
                kept[place] = true;
            }
        }

        return kept;
    }

    private static int? LargestLeft(ReadOnlySpan<float> values, bool[] survivors, bool[] kept, ReadOnlySpan<int> members)
    {
        int? largest = null;
        foreach (int place in members)
        {
            if (survivors[place] && !kept[place] && (largest is null || Math.Abs(values[place]) > Math.Abs(values[largest.Value])))
            {
                largest = place;
            }
        }

        return largest;
    }

    private static double MeanSquare(ReadOnlySpan<float> values, ReadOnlySpan<int> members)
    {
        double sum = 0;
        foreach (int place in members)
        {
            sum += (double)values[place] * values[place];
        }

        return sum / members.Length;
    }

    private static int KeptOf(bool[] mask, ReadOnlySpan<int> members)
    {
        int count = 0;
        foreach (int place in members)
        {
            count += mask[place] ? 1 : 0;
        }

        return count;
    }
}
