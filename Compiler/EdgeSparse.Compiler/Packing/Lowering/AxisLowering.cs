using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>What goes along axes: softmax, sums and other reductions, indices of extremes, the first of a sorted order, elements at indices.</summary>
internal static class AxisLowering
{
    public static void Lower(Lowering to, Node node)
    {
        switch (node)
        {
            case Softmax softmax:
                Emit(to, node, OperationKind.Softmax, Along(to, softmax.Input, softmax.Axis), softmax.IsLogarithm ? 1u : 0);
                break;
            case ArgExtreme extreme:
                ReductionFunction function = extreme.IsMaximum
                    ? extreme.SelectLast ? ReductionFunction.ArgMaxLast : ReductionFunction.ArgMaxFirst
                    : extreme.SelectLast ? ReductionFunction.ArgMinLast : ReductionFunction.ArgMinFirst;
                Emit(to, node, OperationKind.Reduce, Along(to, extreme.Input, extreme.Axis), (uint)function);
                break;
            case TopK top:
                int[] along = [.. Along(to, top.Input, top.Axis), top.Count, top.IsLargest ? 1 : 0, top.GivesIndices ? 1 : 0];
                Emit(to, node, OperationKind.TopK, along, 0);
                break;
            case Reduce reduce:
                Lower(to, reduce);
                break;
        }
    }

    public static void Lower(Lowering to, GatherAt node)
    {
        int[] parameters = [.. Along(to, node.Input, node.Axis), to.ShapeOf(node.Indices).ElementCount];
        to.Emit(
            new PlanarStep(node.Name, [to.Get(node.Input), to.Get(node.Indices)], node.Output, OperationKind.Gather, StepParameters.Of(parameters)),
            to.ShapeOf(node), node.Name);
    }

    private static void Lower(Lowering to, Reduce node)
    {
        TensorShape x = to.ShapeOf(node.Input);
        TensorShape shape = to.ShapeOf(node);
        ImmutableArray<int> axes = node.Axes;
        if (axes.IsEmpty)
        {
            to.Define(node.Output, shape, to.FormOf(node.Input), node.Name);
        }
        else if (x.Rank == 4 && x[0] == 1 && axes.SequenceEqual([2, 3]) && node.Function is ReduceFunction.Mean or ReduceFunction.Max
            && !PlaneShape.Of(x).IsVector)
        {
            string input = to.Get(node.Input);
            Node mean = node.Function == ReduceFunction.Mean
                ? new GlobalAveragePool(node.Name, input, node.Output)
                : new GlobalMaxPool(node.Name, input, node.Output);
            to.Emit(mean, shape, node.Name);
        }
        else if (axes[^1] - axes[0] == axes.Length - 1)
        {
            AxisShape along = AxisShape.Of(x, axes[0], axes.Length);
            Emit(to, node, OperationKind.Reduce, [along.Outer, along.Length, along.Inner], (uint)FunctionOf(node.Function));
        }
        else
        {
            // The axes side by side, behind all others.
            ImmutableArray<int> kept = [.. Enumerable.Range(0, x.Rank).Except(axes)];
            string moved = to.Fresh(node.Name, "transposed");
            to.Move(node.Input, Movement.Transposed(x.Dims, [.. kept, .. axes]), moved, new TensorShape([.. kept.Concat(axes).Select(d => x[d])]), node.Name);
            int length = axes.Aggregate(1, (product, axis) => product * x[axis]);
            PlanarStep step = new(
                node.Name, [to.Get(moved)], node.Output, OperationKind.Reduce, StepParameters.Of(x.ElementCount / length, length, 1))
            {
                Function = (uint)FunctionOf(node.Function),
            };
            to.Emit(step, shape, node.Name);
        }
    }

    private static ReductionFunction FunctionOf(ReduceFunction function) => Enum.Parse<ReductionFunction>(function.ToString());

    private static int[] Along(Lowering to, string value, int axis)
    {
        (int outer, int length, int inner) = AxisShape.Of(to.ShapeOf(value), axis);
        return [outer, length, inner];
    }

    private static void Emit(Lowering to, Node node, OperationKind kind, int[] parameters, uint function) => to.Emit(
        new PlanarStep(node.Name, [to.Get(node.Inputs[0])], node.Output, kind, StepParameters.Of(parameters)) { Function = function },
        to.ShapeOf(node), node.Name);
}
