using System.Globalization;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Compiler.Zoo;
using EdgeSparse.Runtime;

namespace EdgeSparse.Layers;

/// <summary>
/// A whole network of the zoo with seeded weights, its layers pruned in one shot: what it computes means nothing, but what it costs
/// is what a trained one with as many weights would cost.
/// </summary>
internal static class NetworkContest
{
    private const int Seed = 20151;

    /// <param name="name">The network's name in the zoo.</param>
    /// <param name="sparsity">The share of pruned weights, for
    /// layers that are pruned: all but the first and depthwise ones, and in MobileNetV1 its 1×1 convolutions only.</param>
    /// <param name="blockRows">Rows of pruned blocks, 1 for single weights.</param>
    /// <param name="options">How to pack.</param>
    /// <param name="threads">Of both runtimes.</param>
    /// <param name="seconds">To measure.</param>
    /// <param name="folder">Where to leave the ONNX model and the blob, or null.</param>
    public static void Run(string name, double sparsity, int blockRows, PackOptions options, int threads, double seconds, string? folder)
    {
        Graph graph = ModelZoo.Create(name, Seed);
        Granularity granularity = blockRows == 1 ? Granularity.Weight
            : Granularity.Find($"{blockRows}x1") ?? throw new EdgeSparseException($"no pruner makes blocks of {blockRows} rows");
        bool isFirst = true;
        graph = OneShotPruning.Apply(graph, node =>
        {
            bool isPruned = node switch
            {
                Conv2d conv => !isFirst && conv.Groups == 1 && (name != "mobilenet-v1" || conv.Window is { KernelY: 1, KernelX: 1 }),
                _ => name != "mobilenet-v1",
            };
            isFirst = false;
            return (granularity, isPruned ? 1 - sparsity : 1);
        });
        byte[] onnx = OnnxExporter.ToBytes(graph);
        PackedModel packed = Packer.Pack(graph, options);
        if (folder is not null)
        {
            AtomicFile.Write(Path.Combine(folder, name + ".onnx"), onnx);
            AtomicFile.Write(Path.Combine(folder, name + ".esb"), packed.Bytes);
        }

        using Model model = Model.FromBytes(packed.Bytes.Span);
        using Session session = model.CreateSession(new SessionOptions { Threads = threads });
        using OnnxRuntimeModel peer = new(onnx, threads);
        (Times times, double[] layers) = Contest.RunNetwork(session, model.Layers.Count, peer, seconds);
        double total = layers.Sum();
        for (int i = 0; i < layers.Length; i++)
        {
            LayerInfo layer = model.Layers[i];
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{layers[i],9:0.0} µs {100 * layers[i] / total,5:0.0} %  {layer.Kernel,-36} {layer.Name}"));
        }

        (double ours, double ours5, double ours95) = Times.Spread(times.Session);
        (double theirs, double theirs5, double theirs95) = Times.Spread(times.Peer);
        (double ratio, double p5, double p95) = times.SessionRatio;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {sparsity * 100:0.#} % {granularity.Name} | {threads} | {ours / 1000:0.00}, {ours5 / 1000:0.00}–{ours95 / 1000:0.00} | {theirs / 1000:0.00}, {theirs5 / 1000:0.00}–{theirs95 / 1000:0.00} | {ratio:0.00}×, {p5:0.00}–{p95:0.00} | {packed.Bytes.Length / 1e6:0.0} | {onnx.Length / 1e6:0.0} |"));
    }
}
