using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>One pruning and the retraining after it.</summary>
/// <param name="Round">1-based.</param>
/// <param name="Stage"><c>all</c>, <c>fc</c> or <c>conv</c>: which layers were pruned and retrained.</param>
/// <param name="Sparsity">After the pruning.</param>
/// <param name="ErrorBefore">Fraction of the test set wrong after pruning, before retraining.</param>
/// <param name="ErrorAfter">The same after retraining.</param>
/// <param name="Epochs">Of the retraining.</param>
public sealed record PruningRound(
    int Round, string Stage, NetworkSparsity Sparsity, double ErrorBefore, double ErrorAfter, ImmutableArray<EpochRecord> Epochs);

/// <param name="Graph">The pruned and retrained network, with masks.</param>
/// <param name="Rounds">In order.</param>
/// <param name="Granularities">
/// In which granularity each pruned layer was pruned: single weights where the stage's makes no sense, which was told as a note.
/// </param>
public sealed record PruningResult(
    Graph Graph, ImmutableArray<PruningRound> Rounds, ImmutableSortedDictionary<string, Granularity> Granularities);
