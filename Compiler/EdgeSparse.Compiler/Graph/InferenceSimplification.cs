namespace EdgeSparse.Compiler.Graphs;

/// <summary>
/// The graph as inference needs it: without Dropout and other layers that change nothing, with BatchNorm and constants of one value a channel folded, and without
/// layers and weights that reach no output. It computes the same, up to rounding. Runs before packing.
/// </summary>
public static class InferenceSimplification
{
    /// <exception cref="GraphException">A BatchNorm cannot be folded; see <see cref="FoldChannelConstants.Apply"/>.</exception>
    public static Graph Apply(Graph g) => DeadLayerRemoval.Apply(FoldChannelConstants.Apply(NoOpRemoval.Apply(g)));
}
