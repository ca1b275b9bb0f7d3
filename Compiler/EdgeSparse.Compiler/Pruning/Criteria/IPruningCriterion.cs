using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pruning.Criteria;

/// <summary>What a criterion judges by.</summary>
/// <param name="Graph">The network as it is now, with masks.</param>
/// <param name="Layers">The layers pruned.</param>
/// <param name="Run">Data, scaling, seed, device, the dense network.</param>
/// <param name="Round">How many prunings there were: each draws samples of its own.</param>
/// <param name="Movement">What training has told of each weight since it began, by name; for criteria that ask for it.</param>
/// <param name="Progress">Told how far it is.</param>
/// <param name="Cancellation">Stops it.</param>
internal sealed record CriterionContext(
    Graph Graph, ImmutableArray<PrunedLayer> Layers, TrainingRun Run, int Round, IReadOnlyDictionary<string, float[]> Movement,
    IProgressSink Progress, CancellationToken Cancellation)
{
    public ReadOnlySpan<float> ValuesOf(int layer) => Graph.WeightOf(Layers[layer].Weight).Values.Span;
}

/// <summary>A way to tell which weights a network misses least.</summary>
internal interface IPruningCriterion
{
    Judgement Judge(CriterionContext context);
}

/// <summary>Makes criteria of options.</summary>
internal static class PruningCriteria
{
    public static IPruningCriterion Of(CriterionOptions options) => options switch
    {
        MagnitudeOptions => new MagnitudeCriterion(),
        RandomOptions => new RandomCriterion(),
        MovementOptions => new MovementCriterion(),
        DiagonalFisherOptions diagonal => new DiagonalFisherCriterion(diagonal),
        KroneckerOptions kronecker => new KroneckerCriterion(kronecker),
        WoodFisherOptions fisher => new WoodFisherCriterion(fisher),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options, "no criterion"),
    };
}
