using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Verification;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>How a network does on the whole test set.</summary>
/// <param name="Error">Share of samples classified wrongly, 0 to 1.</param>
/// <param name="Loss">Mean cross-entropy.</param>
public sealed record ErrorFigures(double Error, double Loss)
{
    internal static ErrorFigures Of(EvaluationResult result) => new(result.Error, result.Loss);
}

/// <summary>How near a network without labelled samples is to the dense one, on all samples for measuring.</summary>
/// <param name="SameClass">Share of samples for which both give the same class, 0 to 1; null where the network tells no classes apart.</param>
/// <param name="MeanAbsolute">Mean absolute difference of the outputs (of a classifier: of the values before the softmax).</param>
public sealed record AgreementFigures(double? SameClass, double MeanAbsolute)
{
    internal static AgreementFigures Of(EvaluationResult result) =>
        new(result.Basis == EvaluationBasis.DenseClasses ? 1 - result.Error : null, result.Loss);
}

/// <summary>A count of the dense network, and of what is left.</summary>
public sealed record BeforeAndAfter(long Before, long After);

/// <summary>One layer with weights.</summary>
/// <param name="Name">As in the model.</param>
/// <param name="Total">Weights of the dense layer, biases not counted.</param>
/// <param name="Kept">Weights that are not zero after pruning.</param>
public sealed record LayerFigures(string Name, long Total, long Kept)
{
    /// <summary>Output channels of the dense layer, and those that are left.</summary>
    public BeforeAndAfter? Channels { get; init; }

    /// <summary>The layers of the dense network with what is left of them; nothing where a layer is gone.</summary>
    internal static ImmutableArray<LayerFigures> Of(Graph dense, Graph sparse)
    {
        var channels = sparse.Nodes.OfType<WeightedLayer>().ToDictionary(n => n.Name, n => ChannelsOf(sparse, n));
        var left = sparse.PrunableNodes.ToDictionary(n => n.Name, n => (long)sparse.WeightOf(n.PrunableWeight!).NonZeroCount);
        return
        [
            .. dense.Nodes.OfType<WeightedLayer>().Select(n =>
                new LayerFigures(n.Name, dense.WeightOf(n.Weight).ElementCount, left.GetValueOrDefault(n.Name))
                {
                    Channels = new BeforeAndAfter(ChannelsOf(dense, n), channels.GetValueOrDefault(n.Name)),
                }),
        ];
    }

    private static long ChannelsOf(Graph graph, WeightedLayer layer) => layer.KernelsOf(graph.WeightOf(layer.Weight).Shape).Outputs;
}

/// <summary>What a run came to: <c>compress --json</c> prints this record.</summary>
public sealed record CompressResult
{
    /// <summary>Name of the recipe.</summary>
    public required string Recipe { get; init; }

    public required string Model { get; init; }

    public required string Data { get; init; }

    public required int Seed { get; init; }

    public required string Target { get; init; }

    /// <summary>Before pruning; null without labels.</summary>
    public ErrorFigures? Dense { get; init; }

    /// <summary>What the blob does: its error is that of the runtime over the whole test set. Null without labels.</summary>
    public ErrorFigures? Sparse { get; init; }

    /// <summary>The pruned network beside the dense one; null with labels.</summary>
    public AgreementFigures? Agreement { get; init; }

    public required WeightCount Weights { get; init; }

    /// <summary>Multiplications with accumulation for one sample, by the layers' shapes.</summary>
    public required BeforeAndAfter Macs { get; init; }

    /// <summary>Weights, biases, scales and shifts, by the layers' shapes: a weight that is pruned singly still counts.</summary>
    public required BeforeAndAfter Parameters { get; init; }

    public required ImmutableArray<LayerFigures> Layers { get; init; }

    /// <summary>The comparison of blob and ONNX, sample by sample.</summary>
    public required VerificationReport Verification { get; init; }

    public required ImmutableArray<StageReport> Stages { get; init; }

    /// <summary>Path of the blob.</summary>
    public required string Blob { get; init; }

    public required long BlobBytes { get; init; }

    /// <summary>Path of the ONNX file, or null.</summary>
    public string? Onnx { get; init; }

    /// <summary>Size of the pruned network as ONNX, written or not.</summary>
    public required long OnnxBytes { get; init; }

    /// <summary>Wall time of the whole run, of this process alone where it went on from an interrupted one.</summary>
    public required double Seconds { get; init; }
}
