using System.Diagnostics;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;

namespace EdgeSparse.Layers;

/// <summary>Times of one layer in both runtimes, taken in turns.</summary>
/// <param name="Layer">Microseconds of the layer's own step, its input and output where they lie inside a network: medians of rounds.</param>
/// <param name="Session">Microseconds of whole runs, conversions of the caller's layout included.</param>
/// <param name="Peer">Microseconds of ONNX Runtime's whole runs.</param>
internal sealed record Times(double[] Layer, double[] Session, double[] Peer)
{
    public (double Median, double P5, double P95) Ratio => Spread([.. Peer.Zip(Layer, (p, l) => p / l)]);

    public (double Median, double P5, double P95) SessionRatio => Spread([.. Peer.Zip(Session, (p, s) => p / s)]);

    public static (double Median, double P5, double P95) Spread(double[] values)
    {
        double[] sorted = [.. values.Order()];
        double At(double share) => sorted[(int)Math.Round(share * (sorted.Length - 1))];
        return (At(0.5), At(0.05), At(0.95));
    }
}

/// <summary>Runs both a few times each, again and again, so that whatever else the machine does meets both.</summary>
internal static class Contest
{
    private const double TurnMilliseconds = 4;
    private const int FewestRuns = 3;

    /// <summary>One layer of a session.</summary>
    public static Times Run(Session session, int layer, int layers, OnnxRuntimeModel peer, double seconds)
    {
        (Times times, double[][] rounds) = Measure(session, layers, peer, seconds);
        return times with { Layer = [.. rounds.Select(r => r[layer])] };
    }

    /// <summary>A whole network, and the median microseconds of each of its layers.</summary>
    public static (Times Times, double[] Layers) RunNetwork(Session session, int layers, OnnxRuntimeModel peer, double seconds)
    {
        (Times times, double[][] rounds) = Measure(session, layers, peer, seconds);
        return (times, [.. Enumerable.Range(0, layers).Select(i => Times.Spread([.. rounds.Select(r => r[i])]).Median)]);
    }

    private static (Times Times, double[][] Rounds) Measure(Session session, int layers, OnnxRuntimeModel peer, double seconds)
    {
        Random random = new(1);
        float[] input = new float[peer.InputElementCount];
        foreach (ref float value in input.AsSpan())
        {
            value = (float)(random.NextDouble() + 0.01);
        }

        float[] output = new float[peer.OutputElementCount];
        float[] expected = new float[output.Length];
        long[] ticks = new long[layers];
        peer.RunInto(input, expected);
        session.Run(input, output);
        RequireEqual(output, expected);
        List<double[]> rounds = [];
        List<double> whole = [];
        List<double> theirs = [];
        var total = Stopwatch.StartNew();
        for (int round = 0; round < 10 || total.Elapsed.TotalSeconds < seconds; round++)
        {
            List<double> runs = [];
            List<double[]> steps = [];
            Turn(runs, () =>
            {
                Array.Clear(ticks);
                session.RunTimed(input, output, ticks);
                steps.Add([.. ticks.Select(t => t * 1e6 / Stopwatch.Frequency)]);
            });
            List<double> others = [];
            Turn(others, () => peer.RunInto(input, expected));
            if (total.Elapsed.TotalSeconds > seconds * 0.2)
            {
                rounds.Add([.. Enumerable.Range(0, layers).Select(i => Times.Spread([.. steps.Select(s => s[i])]).Median)]);
                whole.Add(Times.Spread([.. runs]).Median);
                theirs.Add(Times.Spread([.. others]).Median);
            }
        }

        return (new Times([], [.. whole], [.. theirs]), [.. rounds]);
    }

    /// <summary>Calls for about as long as a turn is, at least three times, and adds each call's microseconds.</summary>
    public static void Turn(List<double> times, Action call)
    {
        call();
        long start = Stopwatch.GetTimestamp();
        do
        {
            long before = Stopwatch.GetTimestamp();
            call();
            times.Add(Stopwatch.GetElapsedTime(before).TotalMicroseconds);
        }
        while (times.Count < FewestRuns || Stopwatch.GetElapsedTime(start).TotalMilliseconds < TurnMilliseconds);
    }

    /// <exception cref="EdgeSparseException">The two differ by more than rounding.</exception>
    public static void RequireEqual(float[] actual, float[] expected, string whose = "ONNX Runtime")
    {
        float scale = expected.Max(Math.Abs);
        for (int i = 0; i < actual.Length; i++)
        {
            if (!(Math.Abs(actual[i] - expected[i]) <= 1e-4 * scale))
            {
                throw new EdgeSparseException($"output {i} is {actual[i]}, but {whose} says {expected[i]}");
            }
        }
    }
}
