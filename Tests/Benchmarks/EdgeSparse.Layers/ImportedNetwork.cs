using System.Globalization;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;

namespace EdgeSparse.Layers;

/// <summary>
/// A network of an ONNX file beside ONNX Runtime, all its prunable weights pruned in one shot by magnitude. Weights that are all
/// equal, as in graphs published without theirs, become random ones: nothing could be chosen among them.
/// </summary>
internal static class ImportedNetwork
{
    private const int Seed = 20151;
    private const int SlowestShown = 8;

    /// <param name="path">The ONNX file.</param>
    /// <param name="sparsity">The share of pruned weights of each layer; 0 measures the file as it is.</param>
    /// <param name="options">How to pack.</param>
    /// <param name="threads">Of both runtimes.</param>
    /// <param name="seconds">To measure.</param>
    public static void Run(string path, double sparsity, PackOptions options, int threads, double seconds)
    {
        Graph graph = InferenceSimplification.Apply(OnnxImporter.Read(path));
        string onnx = path;
        string folder = Directory.CreateTempSubdirectory("edgesparse-layers-").FullName;
        try
        {
            if (sparsity > 0)
            {
                graph = OneShotPruning.Apply(WithRandomWeights(graph), _ => (Granularity.Weight, 1 - sparsity));
                onnx = Path.Combine(folder, "pruned.onnx");
                OnnxExporter.Write(graph, onnx);
            }

            Measure(Path.GetFileNameWithoutExtension(path), sparsity, onnx, Packer.Pack(graph, options), threads, seconds);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(string name, double sparsity, string onnx, PackedModel packed, int threads, double seconds)
    {
        using Model model = Model.FromBytes(packed.Bytes.Span);
        BenchOptions bench = new() { OnnxPath = onnx, Peers = BenchPeers.OnnxRuntime, Threads = [threads], Seconds = seconds };
        BenchResult result = ModelBench.Run(model, BenchInputs.Random(model.Inputs[0].ElementCount, seed: 1), bench, IProgressSink.Silent);
        foreach (LayerReport layer in result.Layers.OrderByDescending(l => l.MeasuredMicroseconds).Take(SlowestShown))
        {
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{layer.MeasuredMicroseconds,9:0.0} µs {100 * layer.Share,5:0.0} %  {layer.Kernel,-36} {layer.Name}"));
        }

        PeerRun peer = result.Runs[0].Peers[0];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {sparsity * 100:0} % | {Text(peer.Latency!)} | {Text(result.EdgeSparse)} | {peer.Ratio!.Median:0.00}×, {peer.Ratio.P5:0.00}–{peer.Ratio.P95:0.00} |"));
    }

    private static string Text(LatencyStatistics latency) => string.Create(
        CultureInfo.InvariantCulture,
        $"{latency.MedianMicroseconds / 1000:0.000}, {latency.P5Microseconds / 1000:0.000}–{latency.P95Microseconds / 1000:0.000}");

    /// <summary>Uniform with He's variance, so that activations stay in range.</summary>
    private static Graph WithRandomWeights(Graph graph)
    {
        Random random = new(Seed);
        List<Weight> replaced = [];
        foreach (Weight weight in graph.PrunableNodes.Select(n => n.PrunableWeight!).Distinct().Select(graph.WeightOf))
        {
            float[] values = weight.Values.ToArray();
            if (values.AsSpan().ContainsAnyExcept(values[0]))
            {
                continue;
            }

            float bound = MathF.Sqrt(6f * weight.Shape[0] / values.Length);
            foreach (ref float value in values.AsSpan())
            {
                value = ((random.NextSingle() * 2) - 1) * bound;
            }

            replaced.Add(weight.With(values));
        }

        return graph.WithWeights(replaced);
    }
}
