using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Verification;

/// <summary>
/// Measures the latency of single calls at batch 1. The contestants take turns every few milliseconds on the same inputs, so
/// that whatever else the machine does meets all of them; only their ratios mean anything on a shared machine.
/// </summary>
public static class LatencyBench
{
    /// <summary>Outputs may differ by this share of the largest magnitude among the reference's; see <see cref="OutputComparison"/>.</summary>
    public const double RelativeTolerance = 1e-3;

    private const double TurnMilliseconds = 2;

    // With several threads a turn begins with a wait for the others' threads to sleep: longer turns, so that it pays.
    private const double ThreadedTurnMilliseconds = 20;
    private const int OrderSeed = 1;
    private const int ComparedInputs = 4;

    /// <param name="own">The blob; <see cref="SessionContestant"/>.</param>
    /// <param name="peers">Those to compare it with; ones that are unavailable are passed on to the result.</param>
    /// <param name="inputs">Inputs, used in turn, at least one; see <see cref="BenchInputs"/>.</param>
    /// <param name="outputs">Values of the network's outputs together.</param>
    /// <param name="seconds">How long to measure, the warm-up not counted.</param>
    /// <param name="progress">Told the milliseconds that have passed.</param>
    /// <param name="cancellation">Checked between turns.</param>
    internal static BenchRun Measure(
        IContestant own,
        IReadOnlyList<BenchPeer> peers,
        IReadOnlyList<float[]> inputs,
        int outputs,
        double seconds,
        IProgressSink progress,
        CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(seconds);
        ArgumentOutOfRangeException.ThrowIfZero(inputs.Count);
        Contender ours = new(own, inputs, outputs);
        var theirs = peers.Where(p => p.Contestant is not null).ToDictionary(p => p, p => new Contender(p.Contestant!, inputs, outputs));
        Contender[] turns = [ours, .. theirs.Values];
        foreach (Contender contender in turns)
        {
            cancellation.ThrowIfCancellationRequested();
            contender.WarmUp();
        }

        TakeTurns(turns, own.Threads, seconds, progress, cancellation);
        return new BenchRun(own.Threads, ours.Samples.Latency(), ours.Calls, [.. peers.Select(p => Report(p, theirs.GetValueOrDefault(p), ours))]);
    }

    /// <summary>Runs the first inputs through each contestant.</summary>
    /// <param name="reference">ONNX Runtime.</param>
    /// <param name="contestants">All that are to be measured.</param>
    /// <param name="inputs">At least one.</param>
    /// <exception cref="EdgeSparseException">An output differs from the reference's: times would be of different networks.</exception>
    internal static void RequireSameOutputs(OnnxRuntimeModel reference, IEnumerable<IContestant> contestants, IReadOnlyList<float[]> inputs)
    {
        float[] output = new float[reference.OutputElementCount];
        foreach (IContestant contestant in contestants)
        {
            for (int i = 0; i < Math.Min(inputs.Count, ComparedInputs); i++)
            {
                contestant.Run(contestant.Prepare(inputs[i]), output);
                double relative = Difference(contestant.Finish(output), reference.Run(inputs[i]), reference);
                if (!(relative <= RelativeTolerance))
                {
                    throw new EdgeSparseException(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{contestant.Name}'s outputs differ from ONNX Runtime's by {relative:0.#e-00} relative on input {i}, more than {RelativeTolerance}: the two do not run the same network"));
                }
            }
        }
    }

    /// <summary>The largest difference, each output relative to its own scale.</summary>
    private static double Difference(ReadOnlySpan<float> outputs, ReadOnlySpan<float> expected, OnnxRuntimeModel reference)
    {
        double relative = 0;
        int start = 0;
        foreach (ImmutableArray<int> shape in reference.OutputShapes)
        {
            int count = shape.Aggregate(1, (product, d) => product * d);
            relative = Math.Max(relative, OutputComparison.Of(outputs.Slice(start, count), expected.Slice(start, count)).Relative);
            start += count;
        }

        return relative;
    }

    private static PeerRun Report(BenchPeer peer, Contender? measured, Contender ours) => measured is null
        ? new PeerRun(peer.Name, PeerState.Unavailable, peer.Unavailable, null, null)
        : new PeerRun(peer.Name, PeerState.Measured, null, measured.Samples.Latency(), measured.Samples.RatioTo(ours.Samples));

    private static void TakeTurns(Contender[] turns, int threads, double seconds, IProgressSink progress, CancellationToken cancellation)
    {
        long total = (long)Math.Ceiling(seconds * 1000);
        using IProgressTask task = progress.Begin($"measuring latency, {threads} thread{(threads == 1 ? "" : "s")}", total, "ms");
        var elapsed = Stopwatch.StartNew();
        System.Random order = new(OrderSeed);
        long told = 0;
        do
        {
            cancellation.ThrowIfCancellationRequested();

            // Who runs finds the caches as the one before left them; in time each follows each.
            order.Shuffle(turns);
            foreach (Contender contender in turns)
            {
                if (threads > 1)
                {
                    IdleWait.UntilThreadsSleep();
                }

                contender.TakeTurn(threads > 1 ? ThreadedTurnMilliseconds : TurnMilliseconds);
            }

            long now = Math.Min(total, elapsed.ElapsedMilliseconds);
            task.Advance(now - told);
            told = now;
        }
        while (elapsed.Elapsed.TotalSeconds < seconds);
    }
}
