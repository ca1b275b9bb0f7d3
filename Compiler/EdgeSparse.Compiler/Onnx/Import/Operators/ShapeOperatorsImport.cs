using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Flatten that keeps each sample in its row.</summary>
internal sealed class FlattenImport : OperatorImport
{
    public override string Operator => "Flatten";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        int axis = node.Integer("axis", 1, -shape.Rank, shape.Rank);
        axis = axis < 0 ? axis + shape.Rank : axis;
        if (axis < 1 || shape.Dims[1..axis].Any(d => d != 1))
        {
            throw node.Fail($"has the axis {axis} for an input of shape {shape}; only flattening to batch × features is supported");
        }

        graph.Emit(node, name => new Flatten(name, x, node.Output));
    }
}

/// <summary>Reshape by a constant shape: of an activation where it is a flattening or nothing, and of any constant.</summary>
internal sealed class ReshapeImport : OperatorImport
{
    public override string Operator => "Reshape";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        bool zeroIsZero = node.Flag("allowzero");
        long[] target = graph.Constant(node, 1, "shape").Integers();
        if (graph.ConstantOrNull(node, 0) is { } constant)
        {
            graph.Define(node, constant.Reshaped(Resolve(node, constant, target, zeroIsZero)));
            return;
        }

        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        if (IsSame(shape, target, zeroIsZero))
        {
            graph.Alias(node, x);
        }
        else if (IsFlatten(shape, target, zeroIsZero))
        {
            graph.Emit(node, name => new Flatten(name, x, node.Output));
        }
        else
        {
            throw node.Fail(
                $"reshapes {shape} to [{string.Join(", ", target.Take(8))}]; only flattening to batch × features is supported");
        }
    }

    private static bool IsFlatten(TensorShape shape, long[] target, bool zeroIsZero)
    {
        if (target.Length != 2 || shape.Rank < 1)
        {
            return false;
        }

        int features = shape.WithBatch(1).ElementCount;
        bool keepsBatch = (target[0] == 0 && !zeroIsZero) || target[0] == shape[0] || (target[0] == -1 && target[1] == features);
        bool takesRest = target[1] == features || (target[1] == -1 && target[0] != -1)
            || (target[1] == 0 && !zeroIsZero && shape.Rank == 2);
        return keepsBatch && takesRest;
    }

    /// <summary>Whether the target is the shape itself, with at most one −1.</summary>
    private static bool IsSame(TensorShape shape, long[] target, bool zeroIsZero)
    {
        if (target.Length != shape.Rank || target.Count(t => t == -1) > 1)
        {
            return false;
        }

        for (int i = 0; i < target.Length; i++)
        {
            bool same = target[i] == -1 || (target[i] == 0 && !zeroIsZero) || target[i] == shape[i];
            if (!same)
            {
                return false;
            }
        }

        return true;
    }

    private static ImmutableArray<int> Resolve(OnnxNode node, ConstantTensor constant, long[] target, bool zeroIsZero)
    {
        long[] dims = [.. target];
        long product = 1;
        int open = -1;
        for (int i = 0; i < dims.Length; i++)
        {
            if (dims[i] == 0 && !zeroIsZero && i < constant.Dims.Length)
            {
                dims[i] = constant.Dims[i];
            }

            if (dims[i] == -1 && open < 0)
            {
                open = i;
                continue;
            }

            if (dims[i] is < 0 or > int.MaxValue || (product *= dims[i]) > int.MaxValue)
            {
                throw Wrong(node, constant, target);
            }
        }

        if (open >= 0)
        {
            dims[open] = product == 0 ? 0 : constant.ElementCount / product;
            product *= dims[open];
        }

        return product == constant.ElementCount ? [.. dims.Select(d => (int)d)] : throw Wrong(node, constant, target);
    }

    private static OnnxFormatException Wrong(OnnxNode node, ConstantTensor constant, long[] target) =>
        node.Fail($"reshapes a constant {ConstantTensor.Describe(constant.Dims)} to [{string.Join(", ", target.Take(8))}], which does not fit");
}
