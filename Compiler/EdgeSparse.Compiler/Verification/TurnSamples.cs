using System.Runtime.InteropServices;

namespace EdgeSparse.Compiler.Verification;

/// <summary>The samples of one contestant, in the order of the rounds in which they were taken.</summary>
internal sealed class TurnSamples
{
    private const int MostBlocks = 60;

    private readonly List<double> microseconds = new(1 << 16);
    private readonly List<int> roundEnds = new(1 << 10);

    public int Rounds => roundEnds.Count;

    public int Count => microseconds.Count;

    public void Add(double sample) => microseconds.Add(sample);

    public void EndRound() => roundEnds.Add(microseconds.Count);

    public LatencyStatistics Latency() => LatencyStatistics.Of([.. microseconds]);

    /// <summary>These samples' medians over the other's, block of rounds by block of rounds.</summary>
    /// <param name="own">Samples of the same rounds.</param>
    public RatioStatistics RatioTo(TurnSamples own)
    {
        int blocks = Math.Min(Rounds, MostBlocks);
        List<double> ratios = new(blocks);
        for (int block = 0; block < blocks; block++)
        {
            int first = (int)((long)Rounds * block / blocks);
            int end = (int)((long)Rounds * (block + 1) / blocks);
            ratios.Add(Quantiles.Median(Of(first, end)) / Quantiles.Median(own.Of(first, end)));
        }

        ratios.Sort();
        ReadOnlySpan<double> sorted = CollectionsMarshal.AsSpan(ratios);
        return new RatioStatistics(Quantiles.Of(sorted, 0.5), Quantiles.Of(sorted, 0.05), Quantiles.Of(sorted, 0.95));
    }

    private ReadOnlySpan<double> Of(int firstRound, int endRound)
    {
        int start = firstRound == 0 ? 0 : roundEnds[firstRound - 1];
        return CollectionsMarshal.AsSpan(microseconds)[start..roundEnds[endRound - 1]];
    }
}
