using System.Diagnostics;

namespace EdgeSparse.Compiler.Verification;

/// <summary>One side of the comparison with its inputs in its own order, and its samples so far.</summary>
internal sealed class Contender
{
    // Long enough that reading the clock (about 25 ns) does not count, short enough that an interrupt spoils few samples.
    private const double SampleMicroseconds = 20;
    private const int MaxCallsPerSample = 1000;

    private readonly IContestant contestant;
    private readonly float[][] inputs;
    private readonly float[] output;
    private int next;
    private int callsPerSample = 1;

    /// <param name="contestant">Not owned.</param>
    /// <param name="inputs">Row-major, at least one.</param>
    /// <param name="outputs">Values of the network's output.</param>
    public Contender(IContestant contestant, IReadOnlyList<float[]> inputs, int outputs)
    {
        this.contestant = contestant;
        this.inputs = [.. inputs.Select(i => contestant.Prepare(i))];
        output = new float[outputs];
    }

    public TurnSamples Samples { get; } = new();

    public long Calls => (long)Samples.Count * callsPerSample;

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
        // The others' work has pushed ours out of the caches, and our threads may have gone to sleep.
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
            Samples.Add((now - before) * 1e6 / Stopwatch.Frequency / callsPerSample);
        }
        while (now < end);
        Samples.EndRound();
    }

    private void Next()
    {
        contestant.Run(inputs[next], output);
        next = next + 1 == inputs.Length ? 0 : next + 1;
    }
}
