using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Concat; operands without elements add nothing.</summary>
internal sealed class ConcatImport : OperatorImport
{
    public override string Operator => "Concat";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        ImmutableArray<string> operands = [.. Enumerable.Range(0, node.InputCount)
            .Where(i => graph.ConstantOrNull(node, i) is not { ElementCount: 0 }).Select(i => graph.Activation(node, i))];
        if (operands.IsEmpty)
        {
            JoinNothing(node, graph);
            return;
        }

        int axis = node.HasAttribute("axis") ? node.Axis("axis", 0, graph.ShapeOf(operands[0]).Rank) : throw node.Fail("lacks the attribute axis");
        if (operands.Length == 1)
        {
            graph.Alias(node, operands[0]);
        }
        else
        {
            graph.Emit(node, name => new Concat(name, operands, node.Output, axis));
        }
    }

    /// <summary>Operands without elements joined, which have none either.</summary>
    private static void JoinNothing(OnnxNode node, GraphImport graph)
    {
        ConstantTensor first = graph.ConstantOrNull(node, 0) ?? throw node.Fail("joins nothing");
        int axis = node.Axis("axis", 0, first.Dims.Length);
        int length = 0;
        for (int i = 0; i < node.InputCount; i++)
        {
            ConstantTensor operand = graph.ConstantOrNull(node, i)!;
            length += operand.Dims.Length == first.Dims.Length && operand.Dims.SetItem(axis, 0).SequenceEqual(first.Dims.SetItem(axis, 0))
                ? operand.Dims[axis]
                : throw node.Fail($"joins {ConstantTensor.Describe(first.Dims)} and {ConstantTensor.Describe(operand.Dims)} along axis {axis}, which do not fit");
        }

        ImmutableArray<int> dims = first.Dims.SetItem(axis, length);
        graph.DefineEmpty(node, dims.Contains(0) ? dims : throw node.Fail("joins operands without elements to one that has some"), first.Type);
    }
}

/// <summary>Split: each part that is read is a slice. Lengths are an attribute before opset 13, then an input.</summary>
internal sealed class SplitImport : OperatorImport
{
    public override string Operator => "Split";

    public override bool HasSeveralOutputs => true;

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        int axis = node.Axis("axis", 0, shape.Rank);
        if (shape[axis] == TensorShape.Symbolic)
        {
            throw node.Fail($"splits the open batch of {shape}; give a whole input shape (--input-shape)");
        }

        long[] lengths = Lengths(node, graph, shape[axis]);
        if (lengths.Length != node.OutputCount || lengths.Any(l => l < 0) || lengths.Sum(l => Math.Min(l, 1L << 40)) != shape[axis])
        {
            throw node.Fail($"splits {shape[axis]} elements into {string.Join(", ", lengths.Take(8))} for {node.OutputCount} outputs, which does not fit");
        }

        long start = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            string output = node.OutputAt(i);
            SliceRange range = new((int)start, 1, (int)lengths[i]);
            start += lengths[i];
            if (output.Length > 0 && graph.ReadsOf(output) > 0)
            {
                if (range.Length == 0)
                {
                    graph.DefineEmpty(node, shape.Dims.SetItem(axis, 0), graph.TypeOf(x), i);
                    continue;
                }

                ImmutableArray<SliceRange> ranges = [.. shape.Dims.Select((d, dim) => dim == axis ? range : SliceRange.Whole(d))];
                graph.Emit(node, name => new Slice(name, x, output, ranges));
            }
        }
    }

    private static long[] Lengths(OnnxNode node, GraphImport graph, int whole)
    {
        if (node.Opset < 13)
        {
            if (node.Integers("split") is { } given)
            {
                return [.. given];
            }
        }
        else if (node.HasInput(1))
        {
            return graph.Constant(node, 1, "split").Integers();
        }

        // In equal parts; from opset 18 on the last may be smaller.
        int count = node.Opset < 18 ? node.OutputCount : node.Integer("num_outputs", node.OutputCount, 1, int.MaxValue);
        if (count != node.OutputCount || (node.Opset < 18 && whole % count != 0))
        {
            throw node.Fail($"splits {whole} elements into {count} equal parts for {node.OutputCount} outputs, which does not fit");
        }

        int part = (whole + count - 1) / count;
        return [.. Enumerable.Range(0, count).Select(i => (long)Math.Min(part, whole - (i * part)))];
    }
}

/// <summary>Gather, at constant indices or at those that an activation gives.</summary>
internal sealed class GatherImport : OperatorImport
{
    public override string Operator => "Gather";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        int axis = node.Axis("axis", 0, shape.Rank);
        if (shape[axis] == TensorShape.Symbolic)
        {
            throw node.Fail($"picks from the open batch of {shape}; give a whole input shape (--input-shape)");
        }

        if (graph.ConstantOrNull(node, 1) is not { } constant)
        {
            string places = graph.Activation(node, 1);
            graph.Emit(node, name => new GatherAt(name, x, places, node.Output, axis));
            return;
        }

        long[] given = constant.Integers();
        var indices = ImmutableArray.CreateBuilder<int>(given.Length);
        foreach (long index in given)
        {
            indices.Add(index >= -shape[axis] && index < shape[axis]
                ? (int)(index < 0 ? index + shape[axis] : index)
                : throw node.Fail($"has the index {index} into {shape[axis]} elements"));
        }

        ImmutableArray<int> all = indices.MoveToImmutable();
        graph.Emit(node, name => new Gather(name, x, node.Output, axis, all, constant.Shape));
    }
}
