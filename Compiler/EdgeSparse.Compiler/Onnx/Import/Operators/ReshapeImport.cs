using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Reshape by a constant shape; to batch × features it is a Flatten.</summary>
internal sealed class ReshapeImport : OperatorImport
{
    public override string Operator => "Reshape";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        bool zeroIsZero = node.Flag("allowzero");
        long[] target = graph.Constant(node, 1, "shape").Integers();
        if (graph.ConstantOrNull(node, 0) is { ElementCount: 0 } empty)
        {
            graph.Define(node, empty.Reshaped(ReshapeTarget.Resolve(node, empty.Dims, target, zeroIsZero)));
            return;
        }

        string x = graph.Activation(node, 0);
        Emit(node, graph, x, new TensorShape(ReshapeTarget.Resolve(node, graph.ShapeOf(x).Dims, target, zeroIsZero).AsSpan()));
    }

    /// <summary>Writes an activation in another shape to the node's output, by the simplest layer that does it.</summary>
    public static void Emit(OnnxNode node, GraphImport graph, string x, TensorShape to)
    {
        TensorShape shape = graph.ShapeOf(x);
        if (shape == to)
        {
            graph.Alias(node, x);
        }
        else if (to.Rank == 2 && shape.Rank > 2 && to[0] == shape[0])
        {
            graph.Emit(node, name => new Flatten(name, x, node.Output));
        }
        else
        {
            graph.Emit(node, name => new Reshape(name, x, node.Output, to));
        }
    }
}

/// <summary>The shape that a Reshape asks for: 0 for the input's dimension, −1 for what is left.</summary>
internal static class ReshapeTarget
{
    /// <param name="node">Whom messages blame.</param>
    /// <param name="from">The input's dimensions; the first may be <see cref="TensorShape.Symbolic"/>.</param>
    /// <param name="target">What the file says; <see cref="ConstantTensor.OpenBatch"/> where it computed with the open batch.</param>
    /// <param name="zeroIsZero">0 means 0.</param>
    public static ImmutableArray<int> Resolve(OnnxNode node, ImmutableArray<int> from, long[] target, bool zeroIsZero)
    {
        long[] dims = [.. target.Select((t, i) =>
            t == ConstantTensor.OpenBatch || (t == 0 && !zeroIsZero && i < from.Length && from[i] == TensorShape.Symbolic) ? ConstantTensor.OpenBatch
            : t == 0 && !zeroIsZero && i < from.Length ? from[i]
            : t)];
        bool isOpen = from.Length > 0 && from[0] == TensorShape.Symbolic;
        long elements = from.Aggregate(1L, (product, d) => product * (d == TensorShape.Symbolic ? 1 : d));
        long others = 1;
        foreach (long dim in dims.Where(d => d is not (-1 or ConstantTensor.OpenBatch)))
        {
            others = dim is < 0 or > int.MaxValue || others * dim > int.MaxValue ? throw Wrong(node, from, target) : others * dim;
        }

        int free = Array.IndexOf(dims, -1L);
        int batch = Array.IndexOf(dims, ConstantTensor.OpenBatch);
        if (isOpen && batch < 0 && free == 0 && others == elements)
        {
            // What is left, where all the rest is one sample, is the batch.
            (batch, free) = (0, -1);
        }

        bool isOne = dims.Count(d => d == -1) <= 1 && dims.Count(d => d == ConstantTensor.OpenBatch) <= 1;
        if (!isOne || isOpen != batch >= 0 || batch > 0)
        {
            throw Wrong(node, from, target);
        }

        long rest = free < 0 ? 1 : others == 0 ? 0 : elements / others;
        if (others * rest != elements)
        {
            throw Wrong(node, from, target);
        }

        return [.. dims.Select((d, i) => i == batch ? TensorShape.Symbolic : i == free ? (int)rest : (int)d)];
    }

    private static OnnxFormatException Wrong(OnnxNode node, ImmutableArray<int> from, long[] target) => node.Fail(
        $"reshapes {string.Join('×', from.Select(d => d == TensorShape.Symbolic ? "N" : $"{d}"))} to "
        + $"[{string.Join(", ", target.Take(8).Select(t => t == ConstantTensor.OpenBatch ? "N" : $"{t}"))}], which does not fit"
        + (from.Length > 0 && from[0] == TensorShape.Symbolic ? " for every batch; give a whole input shape (--input-shape)" : ""));
}

/// <summary>Flatten: where it keeps each sample in its row a Flatten, else a Reshape.</summary>
internal sealed class FlattenImport : OperatorImport
{
    public override string Operator => "Flatten";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        int axis = node.Integer("axis", 1, -shape.Rank, shape.Rank);
        axis = axis < 0 ? axis + shape.Rank : axis;
        if (shape.Rank > 0 && axis >= 1 && shape.Dims[1..axis].All(d => d == 1))
        {
            graph.Emit(node, name => new Flatten(name, x, node.Output));
            return;
        }

        if (shape.IsBatchSymbolic)
        {
            throw node.Fail($"has the axis {axis} for an input of shape {shape}, which joins the open batch with others; give a whole input shape (--input-shape)");
        }

        int rows = shape.Dims[..axis].Aggregate(1, (a, b) => a * b);
        graph.Emit(node, name => new Reshape(name, x, node.Output, new TensorShape(rows, shape.ElementCount / rows)));
    }
}

/// <summary>Squeeze: dimensions of length 1 left out. Axes are an input from opset 13 on.</summary>
internal sealed class SqueezeImport : OperatorImport
{
    public override string Operator => "Squeeze";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        ImmutableArray<int> axes = AxisList.Read(node, graph, inputSince: 13) is { } given
            ? AxisList.Checked(node, given, shape.Rank)
            : [.. Enumerable.Range(0, shape.Rank).Where(i => shape[i] == 1)];
        foreach (int axis in axes.Where(a => shape[a] != 1))
        {
            throw node.Fail($"leaves out dimension {axis} of {shape}, which is not 1");
        }

        ReshapeImport.Emit(node, graph, x, new TensorShape([.. shape.Dims.Where((_, i) => !axes.Contains(i))]));
    }
}

/// <summary>Unsqueeze: dimensions of length 1 put in. Axes are an input from opset 13 on.</summary>
internal sealed class UnsqueezeImport : OperatorImport
{
    public override string Operator => "Unsqueeze";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        long[] given = AxisList.Read(node, graph, inputSince: 13) ?? throw node.Fail("lacks its axes");
        int rank = shape.Rank + given.Length;
        ImmutableArray<int> axes = AxisList.Checked(node, given, rank);
        if (shape.IsBatchSymbolic && axes.Contains(0))
        {
            throw node.Fail($"moves the open batch of {shape} to another place; give a whole input shape (--input-shape)");
        }

        Queue<int> own = new(shape.Dims);
        ReshapeImport.Emit(node, graph, x, new TensorShape([.. Enumerable.Range(0, rank).Select(i => axes.Contains(i) ? 1 : own.Dequeue())]));
    }
}
