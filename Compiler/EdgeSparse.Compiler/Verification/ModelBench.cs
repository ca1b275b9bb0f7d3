using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Verification.Xnnpack;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Verification;

/// <summary>What to measure a blob with.</summary>
public sealed record BenchOptions
{
    /// <summary>The ONNX model that the blob stands for, which the peers run; null to measure the blob alone.</summary>
    public string? OnnxPath { get; init; }

    /// <summary>Whom to measure beside it; without an ONNX model nobody is.</summary>
    public BenchPeers Peers { get; init; } = BenchPeers.All;

    /// <summary>Numbers of threads, one run each, at least one.</summary>
    public ImmutableArray<int> Threads { get; init; } = [1];

    /// <summary>How long to measure with each number of threads, the warm-up not counted.</summary>
    public double Seconds { get; init; } = 5;
}

/// <summary>Measures a blob beside its peers, with each number of threads in turn, and then each of its layers.</summary>
public static class ModelBench
{
    private const double MostLayerSeconds = 1.5;

    /// <param name="model">The blob; one input.</param>
    /// <param name="inputs">Inputs, used in turn, at least one; see <see cref="BenchInputs"/>.</param>
    /// <param name="options">Peers, threads and time.</param>
    /// <param name="progress">Told the milliseconds that have passed.</param>
    /// <param name="cancellation">Checked between turns.</param>
    /// <exception cref="EdgeSparseException">
    /// The models or inputs have different shapes, a contestant's outputs differ from ONNX Runtime's, or ONNX Runtime refuses
    /// the model.
    /// </exception>
    public static BenchResult Run(
        Model model, IReadOnlyList<float[]> inputs, BenchOptions options, IProgressSink progress, CancellationToken cancellation = default)
    {
        SameShapes.RequireOneInput(model);
        ArgumentOutOfRangeException.ThrowIfZero(options.Threads.Length);
        if (inputs.FirstOrDefault(i => i.Length != model.Inputs[0].ElementCount) is { } odd)
        {
            throw new EdgeSparseException($"an input has {odd.Length} values, but the network's input is {string.Join('×', model.Inputs[0].Shape)}");
        }

        ImmutableArray<BenchRun> runs =
            [.. options.Threads.Select(t => Measure(model, inputs, options, t, progress, cancellation))];
        BenchRun first = runs[0];
        LatencyStatistics? onnxRuntime = first.Peers.FirstOrDefault(p => p.Name == OnnxRuntimeModel.RuntimeName)?.Latency;
        long resident = ResidentMemory.Current();
        ImmutableArray<LayerReport> layers = LayerReports.Measure(
            model, inputs, first.Threads, Math.Min(options.Seconds, MostLayerSeconds), cancellation);
        return new BenchResult(
            first.EdgeSparse,
            onnxRuntime,
            onnxRuntime?.MedianMicroseconds / first.EdgeSparse.MedianMicroseconds,
            first.Threads,
            model.ArenaBytes,

            // Linux counts pages in batches for each thread: its peak may lag behind what it said a moment before.
            Math.Max(ResidentMemory.Peak(), resident),
            resident,
            first.Calls,
            runs,
            layers);
    }

    private static BenchRun Measure(
        Model model, IReadOnlyList<float[]> inputs, BenchOptions options, int threads, IProgressSink progress, CancellationToken cancellation)
    {
        using SessionContestant own = new(model, threads);
        using OnnxRuntimeModel? reference = options.OnnxPath is { } path ? new OnnxRuntimeModel(path, threads) : null;
        List<BenchPeer> peers = [];
        try
        {
            if (reference is not null)
            {
                SameShapes.Require(model, reference);
                peers.AddRange(Peers(reference, options, threads));
                LatencyBench.RequireSameOutputs(reference, [own, .. peers.Select(p => p.Contestant).OfType<IContestant>()], inputs);
            }

            return LatencyBench.Measure(own, peers, inputs, model.Outputs.Sum(o => o.ElementCount), options.Seconds, progress, cancellation);
        }
        finally
        {
            foreach (BenchPeer peer in peers.Where(p => p.Contestant != reference))
            {
                peer.Contestant?.Dispose();
            }
        }
    }

    private static IEnumerable<BenchPeer> Peers(OnnxRuntimeModel reference, BenchOptions options, int threads)
    {
        if (options.Peers.HasFlag(BenchPeers.OnnxRuntime))
        {
            yield return new BenchPeer(OnnxRuntimeModel.RuntimeName, reference, null);
        }

        if (options.Peers.HasFlag(BenchPeers.Xnnpack))
        {
            Lazy<Graph> graph = new(() => Import(options.OnnxPath!));
            yield return BenchPeer.Of("XNNPACK dense", () => XnnpackNetwork.Dense(graph.Value, threads));
            yield return BenchPeer.Of("XNNPACK sparse", () => XnnpackConvolution.IsOneConvolution(graph.Value)
                ? XnnpackConvolution.Sparse(graph.Value, threads)
                : XnnpackNetwork.Sparse(graph.Value, threads));
        }
    }

    /// <summary>The network as EdgeSparse reads it; where it cannot, there is nothing to give to XNNPACK.</summary>
    private static Graph Import(string path)
    {
        XnnpackLibrary.Require();
        try
        {
            return InferenceSimplification.Apply(OnnxImporter.Read(path));
        }
        catch (Exception error) when (error is OnnxFormatException or GraphException)
        {
            throw new PeerUnavailableException(error.Message);
        }
    }
}
