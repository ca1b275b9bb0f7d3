using System.Diagnostics;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Verification;

/// <summary>
/// Measures the latency of single calls at batch 1. With an ONNX model beside the blob the two take turns every few
/// milliseconds, so that whatever else the machine does meets both; only their ratio means anything on a shared machine.
/// </summary>
public static class LatencyBench
{
    // Long enough that reading the clock (about 25 ns) does not count, short enough that an interrupt spoils few samples.
    private const double SampleMicroseconds = 20;
    private const double TurnMilliseconds = 2;
    private const int MaxCallsPerSample = 1000;

    /// <param name="model">The blob; one input, one output.</param>
    /// <param name="reference">The ONNX model, loaded with the same number of threads; null to measure the blob alone.</param>
    /// <param name="inputs">Inputs, used in turn, at least one; see <see cref="BenchInputs"/>.</param>
    /// <param name="seconds">How long to measure, the warm-up not counted.</param>
    /// <param name="threads">Threads; see <see cref="RequireThreads"/>.</param>
    /// <param name="progress">Told the milliseconds that have passed.</param>
    /// <param name="cancellation">Checked between turns.</param>
    /// <exception cref="EdgeSparseException">The models or inputs have different shapes, or the threads are not supported.</exception>
    public static BenchResult Measure(
        Model model,
        OnnxRuntimeModel? reference,
        IReadOnlyList<float[]> inputs,
        double seconds,
        int threads,
        IProgressSink progress,
        CancellationToken cancellation = default)
    {
        RequireThreads(threads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(seconds);
        ArgumentOutOfRangeException.ThrowIfZero(inputs.Count);
        SameShapes.RequireOne(model);
        if (reference is not null)
        {
            SameShapes.Require(model, reference);
            ArgumentOutOfRangeException.ThrowIfNotEqual(reference.Threads, threads, nameof(reference));
        }

        if (inputs.FirstOrDefault(i => i.Length != model.Inputs[0].ElementCount) is { } odd)
        {
            throw new EdgeSparseException($"an input has {odd.Length} values, but the network's input is {string.Join('×', model.Inputs[0].Shape)}");
        }

        using Session session = model.CreateSession();
        Contestant ours = new(session.Run, inputs, model.Outputs[0].ElementCount);
        List<Contestant> turns = reference is null ? [ours] : [ours, new(reference.RunInto, inputs, reference.OutputElementCount)];
        foreach (Contestant contestant in turns)
        {
            contestant.WarmUp();
        }

        TakeTurns(turns, seconds, progress, cancellation);
        var own = LatencyStatistics.Of(ours.Microseconds);
        LatencyStatistics? other = reference is null ? null : LatencyStatistics.Of(turns.Single(t => t != ours).Microseconds);
        return new BenchResult(
            own, other, other?.MedianMicroseconds / own.MedianMicroseconds, threads, model.ArenaBytes, PeakMemory.ResidentBytes(), ours.Calls);
    }

    /// <summary>The one place that knows how many threads a session can use.</summary>
    /// <exception cref="EdgeSparseException">More than one, or fewer.</exception>
    public static void RequireThreads(int threads)
    {
        if (threads != 1)
        {
            throw new EdgeSparseException($"{threads} threads are asked for, but a session runs on one thread; use --threads 1");
        }
    }

    private static void TakeTurns(List<Contestant> turns, double seconds, IProgressSink progress, CancellationToken cancellation)
    {
        long total = (long)Math.Ceiling(seconds * 1000);
        using IProgressTask task = progress.Begin("measuring latency", total, "ms");
        var elapsed = Stopwatch.StartNew();
        long told = 0;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (Contestant contestant in turns)
            {
                contestant.TakeTurn(TurnMilliseconds);
            }

            // Who goes first finds the caches as the other left them; each does in half of the rounds.
            turns.Reverse();
            long now = Math.Min(total, elapsed.ElapsedMilliseconds);
            task.Advance(now - told);
            told = now;
        }
        while (elapsed.Elapsed.TotalSeconds < seconds);
    }

    private delegate void Call(ReadOnlySpan<float> input, Span<float> output);

    /// <summary>One side of the comparison, its inputs and its samples so far.</summary>
    private sealed class Contestant(Call call, IReadOnlyList<float[]> inputs, int outputs)
    {
        private readonly float[] output = new float[outputs];
        private int next;
        private int callsPerSample = 1;

        public List<double> Microseconds { get; } = new(1 << 16);

        public long Calls => (long)Microseconds.Count * callsPerSample;

        /// <summary>Runs until the just-in-time compiler has done its best, and finds how many calls make a sample.</summary>
        public void WarmUp()
        {
            var elapsed = Stopwatch.StartNew();
            long calls = 0;
            while (elapsed.Elapsed.TotalSeconds < 0.5 || (calls < 100 && elapsed.Elapsed.TotalSeconds < 3))
            {
                Next();
                calls++;
            }

            // Once more, now that the code is as fast as it gets.
            long start = Stopwatch.GetTimestamp();
            long timed = Math.Max(1, calls / 8);
            for (long i = 0; i < timed; i++)
            {
                Next();
            }

            double each = Stopwatch.GetElapsedTime(start).TotalMicroseconds / timed;
            callsPerSample = (int)Math.Clamp(Math.Ceiling(SampleMicroseconds / each), 1, MaxCallsPerSample);
        }

        public void TakeTurn(double milliseconds)
        {
            // The other's work has pushed ours out of the caches.
            Next();
            long start = Stopwatch.GetTimestamp();
            long end = start + (long)(milliseconds * 1e-3 * Stopwatch.Frequency);
            long now = start;
            do
            {
                long before = now;
                for (int i = 0; i < callsPerSample; i++)
                {
                    Next();
                }

                now = Stopwatch.GetTimestamp();
                Microseconds.Add((now - before) * 1e6 / Stopwatch.Frequency / callsPerSample);
            }
            while (now < end);
        }

        private void Next()
        {
            call(inputs[next], output);
            next = next + 1 == inputs.Count ? 0 : next + 1;
        }
    }
}
