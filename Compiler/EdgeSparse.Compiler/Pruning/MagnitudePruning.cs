using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>Which weights of one layer stay, judged by their magnitude. What is pruned already stays pruned.</summary>
public static class MagnitudePruning
{
    /// <summary>
    /// Keeps weights above the threshold quality × standard deviation (Han et al. 2015, section 3.1). The deviation is the
    /// population's over the surviving weights: the zeros of an earlier round would shrink it.
    /// </summary>
    /// <returns>The mask. Where all survivors are equal the deviation is 0 and says nothing, so all of them stay.</returns>
    public static bool[] ByQuality(Weight weight, double quality)
    {
        double threshold = quality * PopulationDeviation(weight);
        ReadOnlySpan<float> values = weight.Values.Span;
        bool[] kept = Survivors(weight);
        for (int i = 0; i < kept.Length && threshold > 0; i++)
        {
            kept[i] &= Math.Abs(values[i]) > threshold;
        }

        return kept;
    }

    /// <summary>Keeps exactly <paramref name="count"/> weights, those of largest magnitude; of equal ones the first in row-major order.</summary>
    /// <param name="weight">Where fewer survive, all survivors stay.</param>
    /// <param name="count">Not negative.</param>
    public static bool[] ByCount(Weight weight, int count)
    {
        bool[] kept = Survivors(weight);
        ReadOnlySpan<float> values = weight.Values.Span;
        float[] ascending = new float[weight.KeptCount];
        int survivors = 0;
        for (int i = 0; i < kept.Length; i++)
        {
            if (kept[i])
            {
                ascending[survivors++] = Math.Abs(values[i]);
            }
        }

        if (count >= survivors)
        {
            return kept;
        }

        // Sorting the bare magnitudes is many times faster than sorting positions by them. CompareTo also orders what is no number.
        Array.Sort(ascending);
        float threshold = count > 0 ? ascending[survivors - count] : float.PositiveInfinity;
        int ties = count - ascending.Count(m => m.CompareTo(threshold) > 0);
        for (int i = 0; i < kept.Length; i++)
        {
            if (kept[i])
            {
                int order = Math.Abs(values[i]).CompareTo(threshold);
                kept[i] = order > 0 || (order == 0 && ties-- > 0);
            }
        }

        return kept;
    }

    /// <summary>How many of <paramref name="total"/> weights a density keeps: the nearest whole number.</summary>
    public static int CountAt(int total, double density) => (int)Math.Round(total * density, MidpointRounding.AwayFromZero);

    /// <summary>
    /// The rule of WoodFisher's code (Singh and Alistarh 2020), for comparisons with it: k = ⌈n(1 − p)⌉, and what is strictly
    /// above the k-th largest stays, so that k − 1 are kept, fewer with ties; p = 0 keeps everything.
    /// </summary>
    /// <param name="statistics">Not negative.</param>
    /// <param name="sparsity">p, 0 to 1.</param>
    public static bool[] ByThresholdRule(ReadOnlySpan<float> statistics, double sparsity)
    {
        float threshold = -1;
        if (sparsity > 0)
        {
            float[] descending = statistics.ToArray();
            Array.Sort(descending, (a, b) => b.CompareTo(a));
            int k = (int)Math.Ceiling(statistics.Length * (1 - sparsity));
            threshold = k > 0 ? descending[k - 1] : float.PositiveInfinity;
        }

        bool[] kept = new bool[statistics.Length];
        for (int i = 0; i < kept.Length; i++)
        {
            kept[i] = statistics[i] > threshold;
        }

        return kept;
    }

    /// <summary>The population standard deviation of the surviving weights; 0 for none.</summary>
    public static double PopulationDeviation(Weight weight)
    {
        ReadOnlySpan<float> values = weight.Values.Span;
        bool[] survivors = Survivors(weight);
        double sum = 0;
        int count = 0;
        for (int i = 0; i < survivors.Length; i++)
        {
            if (survivors[i])
            {
                sum += values[i];
                count++;
            }
        }

        double mean = sum / Math.Max(1, count);
        double squares = 0;
        for (int i = 0; i < survivors.Length; i++)
        {
            if (survivors[i])
            {
                squares += (values[i] - mean) * (values[i] - mean);
            }
        }

        return Math.Sqrt(squares / Math.Max(1, count));
    }

    /// <summary>A copy of the mask; all true where there is none.</summary>
    internal static bool[] Survivors(Weight weight)
    {
        if (weight.Mask is { } mask)
        {
            return mask.ToArray();
        }

        bool[] all = new bool[weight.ElementCount];
        Array.Fill(all, true);
        return all;
    }
}
