using System.Diagnostics;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Compiler.Verification.Xnnpack;
using EdgeSparse.Runtime;

namespace EdgeSparse.Layers;

/// <summary>
/// One 1×1 convolution in EdgeSparse and as XNNPACK's operators, dense and sparse, in turns. What is timed of XNNPACK is a call of
/// the operator with the copies of its input and output, as of ONNX Runtime; the copies alone are timed too, and the ratios leave
/// them out, since a layer's step in EdgeSparse has none.
/// </summary>
internal static class PeerContest
{
    public const string Header = """
        | layer | pruning | kernel | layer µs | XNNPACK sparse µs | XNNPACK dense µs | copies µs | to sparse, p5–p95 | to dense, p5–p95 |
        |---|---|---|---|---|---|---|---|---|
        """;

    /// <summary>A line of the table below <see cref="Header"/>.</summary>
    /// <exception cref="PeerUnavailableException">There is no XNNPACK, or it has no such operator.</exception>
    public static string Run(LayerCase layer, Graph graph, Model model, Session session, int threads, double seconds)
    {
        using var sparse = XnnpackConvolution.Sparse(graph, threads);
        using var dense = XnnpackConvolution.Dense(graph, threads);
        int step = Array.FindIndex([.. model.Layers], l => l.Name == "layer" && l.Rows > 0);
        float[] input = new float[model.Inputs[0].ElementCount];
        Random random = new(1);
        foreach (ref float value in input.AsSpan())
        {
            value = (float)(random.NextDouble() + 0.01);
        }

        float[] output = new float[model.Outputs[0].ElementCount];
        float[] theirs = new float[output.Length];
        (float[] planes, float[] pixels) = (sparse.Prepare(input), dense.Prepare(input));
        session.Run(input, output);
        sparse.Run(planes, theirs);
        Contest.RequireEqual(sparse.Finish(theirs), output, "EdgeSparse");
        dense.Run(pixels, theirs);
        Contest.RequireEqual(dense.Finish(theirs), output, "EdgeSparse");

        float[] copyOfInput = new float[input.Length];
        long[] ticks = new long[model.Layers.Count];
        List<double>[] rounds = [[], [], [], []];
        var total = Stopwatch.StartNew();
        while (rounds[0].Count < 10 || total.Elapsed.TotalSeconds < seconds)
        {
            List<double> steps = [];
            List<double> calls = [];
            Contest.Turn(calls, () =>
            {
                Array.Clear(ticks);
                session.RunTimed(input, output, ticks);
                steps.Add(ticks[step] * 1e6 / Stopwatch.Frequency);
            });
            double[] round =
            [
                Times.Spread([.. steps]).Median, Median(() => sparse.Run(planes, theirs)), Median(() => dense.Run(pixels, theirs)),
                Median(() =>
                {
                    input.CopyTo(copyOfInput, 0);
                    output.CopyTo(theirs, 0);
                }),
            ];
            if (total.Elapsed.TotalSeconds > seconds * 0.2)
            {
                for (int i = 0; i < round.Length; i++)
                {
                    rounds[i].Add(round[i]);
                }
            }
        }

        string Microseconds(int i) => FormattableString.Invariant($"{Times.Spread([.. rounds[i]]).Median:0.0}");
        string Ratio(int i)
        {
            (double median, double p5, double p95) = Times.Spread([.. rounds[i].Select((t, n) => (t - rounds[3][n]) / rounds[0][n])]);
            return FormattableString.Invariant($"{median:0.00}×, {p5:0.00}–{p95:0.00}");
        }

        return $"| {layer.Name} | {layer.Pruning} | {model.Layers[step].Kernel} | {Microseconds(0)} | {Microseconds(1)} | {Microseconds(2)} | "
            + $"{Microseconds(3)} | {Ratio(1)} | {Ratio(2)} |";
    }

    private static double Median(Action call)
    {
        List<double> times = [];
        Contest.Turn(times, call);
        return Times.Spread([.. times]).Median;
    }
}
