using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx.Export;

/// <summary>Layers that only move elements, in ONNX.</summary>
internal static class MovementExport
{
    /// <exception cref="GraphException">The layer has no form in this opset.</exception>
    public static void Export(Node node, GraphExport graph)
    {
        switch (node)
        {
            case Flatten flatten:
                NodeExport.Simple(flatten, "Flatten", graph).With("axis", flatten.Axis);
                break;
            case Reshape reshape:
                // -1 is the dimension that follows from the others: the open batch.
                WithIntegers(reshape, "Reshape", "shape", reshape.Shape.Dims, graph);
                break;
            case Transpose transpose:
                NodeExport.Simple(transpose, "Transpose", graph).With("perm", transpose.Permutation);
                break;
            case Concat concat:
                NodeExport.Simple(concat, "Concat", graph).With("axis", concat.Axis);
                break;
            case Slice slice:
                ExportSlice(slice, graph);
                break;
            case Pad pad:
                ExportPad(pad, graph);
                break;
            case Expand expand:
                // An open batch stays as it is where 1 is asked for.
                WithIntegers(expand, "Expand", "shape", expand.Shape.Dims.Select(d => d == TensorShape.Symbolic ? 1 : d), graph);
                break;
            case Gather gather:
                graph.Emit(
                        gather.Name, "Gather", [gather.Input, graph.Integers($"{gather.Name}.indices", gather.Indices, gather.IndexShape)], gather.Output)
                    .With("axis", gather.Axis);
                break;
            case GatherAt gather:
                graph.Emit(gather.Name, "Gather", [gather.Input, WholeNumbers(gather, graph)], gather.Output).With("axis", gather.Axis);
                break;
            case DepthToSpace move:
                NodeExport.Simple(move, "DepthToSpace", graph).With("blocksize", move.Block).With("mode", move.ColumnRowDepth ? "CRD" : "DCR");
                break;
            case SpaceToDepth move:
                NodeExport.Simple(move, "SpaceToDepth", graph).With("blocksize", move.Block);
                break;
            default:
                throw new GraphException($"layer '{node.Name}' ({node.Operator}) cannot be exported to ONNX");
        }
    }

    /// <summary>The indices, cast where they are of a type that ONNX does not take.</summary>
    private static string WholeNumbers(GatherAt gather, GraphExport graph)
    {
        if (graph.TypeOf(gather.Indices) is ElementType.Int32 or ElementType.Int64)
        {
            return gather.Indices;
        }

        string cast = graph.FreshName($"{gather.Name}.indices");
        graph.Emit(cast, "Cast", [gather.Indices], cast).With("to", TensorExport.DataTypeOf(ElementType.Int64));
        return cast;
    }

    private static void WithIntegers(Node node, string operation, string operand, IEnumerable<int> values, GraphExport graph) =>
        graph.Emit(node.Name, operation, [.. node.Inputs, graph.Integers($"{node.Name}.{operand}", values)], node.Output);

    private static void ExportSlice(Slice slice, GraphExport graph)
    {
        TensorShape shape = graph.ShapeOf(slice.Input);
        int[] axes = [.. Enumerable.Range(0, shape.Rank).Where(i => slice.Ranges[i] != SliceRange.Whole(shape[i]))];
        if (axes.Length == 0)
        {
            axes = [shape.Rank - 1];
        }

        SliceRange[] ranges = [.. axes.Select(a => slice.Ranges[a])];
        string Operand(string name, Func<SliceRange, int> of) => graph.Integers($"{slice.Name}.{name}", ranges.Select(of));
        graph.Emit(
            slice.Name,
            "Slice",
            [
                slice.Input, Operand("starts", r => r.Start), Operand("ends", EndOf), graph.Integers($"{slice.Name}.axes", axes),
                Operand("steps", r => r.Step),
            ],
            slice.Output);
    }

    /// <summary>The place just beyond the last element; before the first one that is no −1, which would count from the end.</summary>
    private static int EndOf(SliceRange range)
    {
        int last = range.Start + ((range.Length - 1) * range.Step);
        return range.Step > 0 ? last + 1 : last > 0 ? last - 1 : int.MinValue;
    }

    private static void ExportPad(Pad pad, GraphExport graph)
    {
        string amounts = graph.Integers($"{pad.Name}.pads", pad.Before.Concat(pad.After));
        string[] value = pad.Mode == PadMode.Constant && pad.Value != 0
            ? [graph.Scalar($"{pad.Name}.value", pad.Value, graph.TypeOf(pad.Input))]
            : [];
        graph.Emit(pad.Name, "Pad", [pad.Input, amounts, .. value], pad.Output)
            .With("mode", pad.Mode switch
            {
                PadMode.Constant => "constant",
                PadMode.Reflect => "reflect",
                PadMode.Edge => "edge",
                _ => "wrap",
            });
    }
}
