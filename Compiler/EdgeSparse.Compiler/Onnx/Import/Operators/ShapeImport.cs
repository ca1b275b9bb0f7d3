using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Shape: a constant, because shapes are known; an open batch stays open in it.</summary>
internal sealed class ShapeImport : OperatorImport
{
    public override string Operator => "Shape";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        ImmutableArray<int> dims = InputDimensions.Of(node, graph);
        int start = Place(node.Integer("start", 0), dims.Length);
        int end = Place(node.Integer("end", dims.Length), dims.Length);
        graph.Define(node, ConstantTensor.Vector(
            [.. dims.Take(end).Skip(start).Select(d => d == TensorShape.Symbolic ? ConstantTensor.OpenBatch : d)]));
    }

    private static int Place(long axis, int rank) => (int)Math.Clamp(axis < 0 ? axis + rank : axis, 0, rank);
}

/// <summary>Size: a constant.</summary>
internal sealed class SizeImport : OperatorImport
{
    public override string Operator => "Size";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        ImmutableArray<int> dims = InputDimensions.Of(node, graph);
        if (dims.Contains(TensorShape.Symbolic))
        {
            throw node.Fail("counts elements of an open batch; give a whole input shape (--input-shape)");
        }

        graph.Define(node, ConstantTensor.Of([], ElementType.Int64, [dims.Aggregate(1L, (product, d) => product * d)]));
    }
}

/// <summary>Dimensions of a node's only input, which may be a constant without elements.</summary>
internal static class InputDimensions
{
    public static ImmutableArray<int> Of(OnnxNode node, GraphImport graph) =>
        graph.ConstantOrNull(node, 0)?.Dims ?? graph.ShapeOf(graph.Activation(node, 0)).Dims;
}

/// <summary>ConstantOfShape: one number, repeated only when it is needed.</summary>
internal sealed class ConstantOfShapeImport : OperatorImport
{
    public override string Operator => "ConstantOfShape";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        ConstantTensor value = node.Tensor("value") is { } tensor
            ? graph.ConstantOf(tensor)
            : ConstantTensor.Of([1], ElementType.Float32, [0f]);
        if (value.ElementCount != 1)
        {
            throw node.Fail($"repeats {value.ElementCount} values; one is supported");
        }

        var dims = ImmutableArray.CreateBuilder<int>();
        long count = 1;
        foreach (long dim in graph.Constant(node, 0, "shape").Integers())
        {
            if (dim == ConstantTensor.OpenBatch)
            {
                throw node.Fail("fills an open batch; give a whole input shape (--input-shape)");
            }

            if (dim is < 0 or > int.MaxValue || (count *= dim) > int.MaxValue)
            {
                throw node.Fail($"has the dimension {dim}, which is negative or makes too many elements");
            }

            dims.Add((int)dim);
        }

        graph.Define(node, graph.Repeated(value, dims.ToImmutable()));
    }
}

/// <summary>Identity, which leaves no trace in the graph.</summary>
internal sealed class IdentityImport : OperatorImport
{
    public override string Operator => "Identity";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        if (graph.ConstantOrNull(node, 0) is { } constant)
        {
            graph.Define(node, constant);
        }
        else
        {
            graph.Alias(node, graph.Activation(node, 0));
        }
    }
}
