using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Proto;

namespace EdgeSparse.Compiler.Onnx.Export;

/// <summary>Pools, reductions and searches in ONNX.</summary>
internal static class ReductionExport
{
    public static void Export(Node node, GraphExport graph)
    {
        switch (node)
        {
            case MaxPool pool:
                NodeExport.Simple(pool, "MaxPool", graph).WithWindow(pool.Window).With("ceil_mode", pool.CeilMode);
                break;
            case AveragePool pool:
                NodeExport.Simple(pool, "AveragePool", graph).WithWindow(pool.Window)
                    .With("ceil_mode", pool.CeilMode).With("count_include_pad", pool.CountIncludePad);
                break;
            case GlobalAveragePool or GlobalMaxPool:
                NodeExport.Simple(node, node.Operator, graph);
                break;
            case Reduce reduce:
                ExportReduce(reduce, graph);
                break;
            case ArgExtreme extreme:
                NodeExport.Simple(extreme, extreme.IsMaximum ? "ArgMax" : "ArgMin", graph)
                    .With("axis", extreme.Axis).With("keepdims", extreme.KeepDimensions).With("select_last_index", extreme.SelectLast);
                break;
            case TopK topK:
                ExportTopK(topK, graph);
                break;
            default:
                throw new GraphException($"layer '{node.Name}' ({node.Operator}) cannot be exported to ONNX");
        }
    }

    private static void ExportReduce(Reduce reduce, GraphExport graph)
    {
        string function = reduce.Function == ReduceFunction.Product ? "Prod" : reduce.Function.ToString();
        NodeProto node = graph.Emit(
            reduce.Name, $"Reduce{function}", [reduce.Input, graph.Integers($"{reduce.Name}.axes", reduce.Axes)], reduce.Output);
        node.With("keepdims", reduce.KeepDimensions);
        if (reduce.Axes.IsEmpty)
        {
            // Otherwise no axes mean all.
            node.With("noop_with_empty_axes", 1);
        }
    }

    /// <summary>Values and indices are two layers here and one node there.</summary>
    private static void ExportTopK(TopK topK, GraphExport graph)
    {
        TopK wanted = topK with { GivesIndices = !topK.GivesIndices };
        string other = graph.FindUnwritten(n => n is TopK t && t with { Name = wanted.Name, Output = wanted.Output } == wanted)?.Output
            ?? graph.FreshName($"{topK.Output}.{(topK.GivesIndices ? "values" : "indices")}");
        (string values, string indices) = topK.GivesIndices ? (other, topK.Output) : (topK.Output, other);
        graph.Emit(topK.Name, "TopK", [topK.Input, graph.Integers($"{topK.Name}.k", [topK.Count])], values, indices)
            .With("axis", topK.Axis).With("largest", topK.IsLargest).With("sorted", 1);
    }
}
