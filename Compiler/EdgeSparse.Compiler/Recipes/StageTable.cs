using System.Collections.Immutable;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Criteria;
using EdgeSparse.Compiler.Pruning.Reconstruction;
using EdgeSparse.Compiler.Pruning.Structured.DepGraph;
using EdgeSparse.Compiler.Pruning.Structured.GateDecorator;
using EdgeSparse.Compiler.Pruning.Structured.Oto;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Recipes;

/// <summary>One kind of stage that a recipe may have.</summary>
/// <param name="Stage">The value of its key <c>stage</c>.</param>
/// <param name="Method">The value of its key <c>method</c>, for stages that have several; else null.</param>
/// <param name="Options">The record that its other keys bind to.</param>
/// <param name="Description">For the schema and messages.</param>
public sealed record StageKind(string Stage, string? Method, Type Options, string Description);

/// <summary>All kinds of stages: reader, schema and pipeline go by this table.</summary>
public static class StageTable
{
    public static ImmutableArray<StageKind> Kinds { get; } =
    [
        new("train", null, typeof(TrainingOptions), "trains the network as it is; pruned weights stay zero"),
        new("prune", "han", typeof(HanPruningOptions), "magnitude pruning with retraining (Han et al. 2015)"),
        new("prune", "reconstruct", typeof(ReconstructionOptions), "magnitude pruning without training; what stays is solved layer by layer by least squares"),
        new("prune", "magnitude", typeof(MagnitudeOptions), "the smallest weights go, over all layers or in each: at once, in steps, or gradually in training"),
        new("prune", "random", typeof(RandomOptions), "weights go by lot: a baseline"),
        new("prune", "movement", typeof(MovementOptions), "weights go that training moves towards zero (Sanh et al. 2020)"),
        new("prune", "diagonal-fisher", typeof(DiagonalFisherOptions), "by the diagonal of the Fisher matrix"),
        new("prune", "k-fac", typeof(KroneckerOptions), "by Kronecker-factored curvature (Martens and Grosse 2015)"),
        new("prune", "woodfisher", typeof(WoodFisherOptions), "second-order pruning by the inverse Fisher matrix (Singh and Alistarh 2020)"),
        new("prune", "depgraph", typeof(DepGraphOptions), "whole channels by the norms of all that is coupled with them (Fang et al. 2023)"),
        new("prune", "oto", typeof(OtoOptions), "whole channels driven to zero in one training (Chen et al. 2023, OTOv2)"),
        new("prune", "gate-decorator", typeof(GateDecoratorOptions), "whole channels by gates on batch normalisations (You et al. 2019)"),
    ];

    /// <summary>Names of stages, each once.</summary>
    public static ImmutableArray<string> Stages { get; } = [.. Kinds.Select(k => k.Stage).Distinct()];

    /// <summary>The methods of a stage; empty when it has but one form.</summary>
    public static ImmutableArray<string> MethodsOf(string stage) => [.. Kinds.Where(k => k.Stage == stage && k.Method is not null).Select(k => k.Method!)];
}
