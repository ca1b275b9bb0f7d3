using System.Collections.Immutable;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Functions of single elements, where an operand has none.</summary>
internal static class EmptyConstants
{
    /// <summary>Where an input has no elements, neither has the output.</summary>
    /// <param name="node">Its inputs are broadcast.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="type">The output's; null for that of the first input.</param>
    /// <exception cref="OnnxFormatException">The shapes of the inputs do not fit.</exception>
    public static bool TryDefine(OnnxNode node, GraphImport graph, ElementType? type = null)
    {
        if (!Enumerable.Range(0, node.InputCount).Any(i => graph.ConstantOrNull(node, i) is { ElementCount: 0 }))
        {
            return false;
        }

        ImmutableArray<int> dims = [];
        for (int i = 0; i < node.InputCount; i++)
        {
            dims = Broadcast(node, dims, graph.ConstantOrNull(node, i)?.Dims ?? graph.ShapeOf(graph.Activation(node, i)).Dims);
        }

        graph.DefineEmpty(node, dims, type ?? graph.ConstantOrNull(node, 0)?.Type ?? graph.TypeOf(graph.Activation(node, 0)));
        return true;
    }

    private static ImmutableArray<int> Broadcast(OnnxNode node, ImmutableArray<int> left, ImmutableArray<int> right)
    {
        int rank = Math.Max(left.Length, right.Length);
        var dims = ImmutableArray.CreateBuilder<int>(rank);
        for (int i = 0; i < rank; i++)
        {
            int l = i < rank - left.Length ? 1 : left[i - (rank - left.Length)];
            int r = i < rank - right.Length ? 1 : right[i - (rank - right.Length)];
            dims.Add(l == r || r == 1 ? l : l == 1 ? r
                : throw node.Fail($"has operands of {ConstantTensor.Describe(left)} and {ConstantTensor.Describe(right)}, which do not fit"));
        }

        return dims.MoveToImmutable();
    }
}
