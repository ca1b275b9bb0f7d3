namespace EdgeSparse.Compiler.Graphs;

/// <summary>
/// Folds BatchNorms (<see cref="FoldBatchNorm"/>), and sums, differences, products and quotients with a constant of one number or
/// one a channel (<see cref="ChannelConstant"/>), into the Conv2d, ConvTranspose2d or Linear right before them that nothing else
/// reads, in any order of the two.
/// </summary>
public static class FoldChannelConstants
{
    /// <exception cref="GraphException">A BatchNorm divides by zero, or a folded weight exceeds fp32.</exception>
    public static Graph Apply(Graph g) =>
        AffineFolding.Apply(g, (node, axis) => FoldBatchNorm.AffineOf(g, node, axis) ?? ChannelConstant.Of(g, node, axis));
}
