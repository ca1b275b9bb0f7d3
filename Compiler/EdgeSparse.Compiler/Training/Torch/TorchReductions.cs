using EdgeSparse.Compiler.Graphs;
using static TorchSharp.torch;
using Reduce = EdgeSparse.Compiler.Graphs.Reduce;

namespace EdgeSparse.Compiler.Training.Torch;

/// <summary>Reductions and searches. Places of elements are numbers like others, and no gradient flows through them.</summary>
internal static class TorchReductions
{
    public static Tensor Run(Reduce node, Tensor x)
    {
        if (node.Axes.IsEmpty)
        {
            return x;
        }

        long[] axes = [.. node.Axes.Select(a => (long)a)];
        return node.Function switch
        {
            ReduceFunction.Sum => x.sum(axes, node.KeepDimensions),
            ReduceFunction.Mean => x.mean(axes, node.KeepDimensions),
            ReduceFunction.Max => x.amax(axes, node.KeepDimensions),
            ReduceFunction.Min => x.amin(axes, node.KeepDimensions),
            _ => axes.Reverse().Aggregate(x, (product, axis) => product.prod(axis, node.KeepDimensions)),
        };
    }

    public static Tensor Run(ArgExtreme node, Tensor x)
    {
        // Torch leaves open which of equal elements it names.
        long length = x.shape[node.Axis];
        long[] along = [.. Enumerable.Range(0, (int)x.dim()).Select(d => d == node.Axis ? length : 1)];
        Tensor extreme = node.IsMaximum ? x.amax([node.Axis], keepdim: true) : x.amin([node.Axis], keepdim: true);
        Tensor places = arange(length, dtype: ScalarType.Float32, device: x.device).reshape(along);
        Tensor found = where(x.eq(extreme), places, full(along, node.SelectLast ? -1 : length, ScalarType.Float32, x.device));
        return node.SelectLast ? found.amax([node.Axis], node.KeepDimensions) : found.amin([node.Axis], node.KeepDimensions);
    }

    public static Tensor Run(TopK node, Tensor x)
    {
        (Tensor values, Tensor indices) = sort(x, node.Axis, descending: node.IsLargest, stable: true);
        return node.GivesIndices
            ? indices.narrow(node.Axis, 0, node.Count).to(ScalarType.Float32)
            : values.narrow(node.Axis, 0, node.Count);
    }
}
