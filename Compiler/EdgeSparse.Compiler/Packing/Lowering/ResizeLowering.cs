using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>A resize along each dimension whose elements change: the nearest ones are a movement, interpolations are sums.</summary>
internal static class ResizeLowering
{
    public static void Lower(Lowering to, Resize node)
    {
        TensorShape x = to.ShapeOf(node.Input);
        TensorShape shape = to.ShapeOf(node);
        bool IsUnchanged(int d) => x[d] == shape[d] && node.Scales[d] == 1;
        if (node.Mode == ResizeMode.Nearest)
        {
            Movement movement = new(
                x.Dims,
                [
                    .. x.Dims.Select((length, d) => new MovementAxis(
                        d, shape[d], IsUnchanged(d) ? null : [.. TapsOf(node, length, shape[d], d).Select(taps => taps[0].Index)])),
                ]);
            to.Move(node.Input, movement, node.Output, shape, node.Name);
            return;
        }

        // The axis that shrinks most goes first: the others then have less to do.
        int[] changed = [.. Enumerable.Range(0, x.Rank).Where(d => !IsUnchanged(d)).OrderBy(d => (double)shape[d] / x[d])];
        if (changed.Length == 0)
        {
            to.Define(node.Output, shape, to.FormOf(node.Input), node.Name);
            return;
        }

        string value = to.Get(node.Input);
        int[] dims = [.. x.Dims];
        foreach (int d in changed)
        {
            (int outer, int length, int inner) = AxisShape.Of(new TensorShape(dims), d);
            (int Index, double Share)[][] taps = TapsOf(node, length, shape[d], d);
            dims[d] = shape[d];
            byte[] parameters =
            [
                .. StepParameters.Of(outer, length, inner, dims[d], taps[0].Length),
                .. StepParameters.Of([.. taps.SelectMany(t => t).Select(t => t.Index)]),
                .. MemoryMarshal.AsBytes<float>([.. taps.SelectMany(t => t).Select(t => (float)t.Share)]),
            ];
            bool isLast = d == changed[^1];
            PlanarStep step = new(
                isLast ? node.Name : to.Fresh(node.Name, $"axis{d}"), [value], isLast ? node.Output : to.Fresh(node.Output, $"axis{d}"),
                OperationKind.Resample, parameters);
            value = to.Emit(step, new TensorShape(dims), node.Name);
        }
    }

    private static (int Index, double Share)[][] TapsOf(Resize node, int length, int output, int dimension) =>
        [.. Enumerable.Range(0, output).Select(o => ResizeTaps.At(node, length, output, node.Scales[dimension], o))];
}
