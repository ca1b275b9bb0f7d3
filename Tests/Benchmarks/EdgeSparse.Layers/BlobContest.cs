using System.Diagnostics;
using System.Globalization;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;

namespace EdgeSparse.Layers;

/// <summary>Two blobs of one input shape, in turns: how much faster the second one is, for example with fewer channels.</summary>
internal static class BlobContest
{
    /// <param name="paths">The blob before and the one after.</param>
    /// <param name="threads">Of both sessions.</param>
    /// <param name="seconds">To measure; the first fifth warms up.</param>
    /// <param name="samples">Inputs that take turns; null for one of random numbers, none of them zero.</param>
    /// <exception cref="EdgeSparseException">There are not two blobs, or their inputs differ in size.</exception>
    public static void Run(IReadOnlyList<string> paths, int threads, double seconds, DataSplit? samples)
    {
        if (paths.Count != 2)
        {
            throw new EdgeSparseException($"give two blobs, not {paths.Count}");
        }

        using Model before = Model.Load(paths[0]);
        using Model after = Model.Load(paths[1]);
        using Session first = before.CreateSession(new SessionOptions { Threads = threads });
        using Session second = after.CreateSession(new SessionOptions { Threads = threads });
        if (before.Inputs[0].ElementCount != after.Inputs[0].ElementCount)
        {
            throw new EdgeSparseException($"'{paths[0]}' and '{paths[1]}' have inputs of different sizes");
        }

        Random random = new(1);
        int elements = before.Inputs[0].ElementCount;
        IReadOnlyList<float[]> inputs = samples is null
            ? [[.. Enumerable.Range(0, elements).Select(_ => (float)(random.NextDouble() + 0.01))]]
            : BenchInputs.From(samples, elements, before.Inputs[0].Scaling is { } scaling ? new InputScaling(scaling.Mean, scaling.Std) : null);
        (int turnOfFirst, int turnOfSecond) = (0, 0);
        float[] firstOutput = new float[before.Outputs[0].ElementCount];
        float[] secondOutput = new float[after.Outputs[0].ElementCount];
        List<double> firsts = [];
        List<double> others = [];
        var total = Stopwatch.StartNew();
        for (int round = 0; round < 10 || total.Elapsed.TotalSeconds < seconds; round++)
        {
            List<double> a = [];
            List<double> b = [];
            Contest.Turn(a, () => first.Run(inputs[turnOfFirst++ % inputs.Count], firstOutput));
            Contest.Turn(b, () => second.Run(inputs[turnOfSecond++ % inputs.Count], secondOutput));
            if (total.Elapsed.TotalSeconds > seconds * 0.2)
            {
                firsts.Add(Times.Spread([.. a]).Median);
                others.Add(Times.Spread([.. b]).Median);
            }
        }

        (double ratio, double p5, double p95) = Times.Spread([.. firsts.Zip(others, (x, y) => x / y)]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{paths[0]}: {Times.Spread([.. firsts]).Median:0.0} µs; {paths[1]}: {Times.Spread([.. others]).Median:0.0} µs; {ratio:0.00} times as fast, {p5:0.00}–{p95:0.00}, {firsts.Count} turns each"));
    }
}
