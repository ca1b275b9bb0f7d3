using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;

namespace EdgeSparse.Compiler.Pruning.Structured.Slicing;

/// <summary>Attributes that say how many channels there are, or which, after a removal.</summary>
internal static class NodeSlicing
{
    public static Node Of(Node node, Graph graph, ChannelRemoval removal) => node switch
    {
        Conv2d n when ProductCouplings.IsDepthwise(graph, n) => n with { Groups = removal.KeptOf(n.Input, 1).Length },
        ConvTranspose2d n when ProductCouplings.IsDepthwise(graph, n) => n with { Groups = removal.KeptOf(n.Input, 1).Length },
        GroupNorm n when n.Groups == graph.Shapes[n.Input][1] => n with { Groups = removal.KeptOf(n.Input, 1).Length },
        Reshape n => n with { Shape = removal.ShapeOf(n.Output) },
        Expand n => n with { Shape = removal.ShapeOf(n.Output) },
        Resize n => n with { Shape = removal.ShapeOf(n.Output) },
        Slice n => n with { Ranges = [.. n.Ranges.Select((r, i) => Range(n, r, i, removal))] },
        Pad n => OfPad(n, graph, removal),
        Gather n when n.IndexShape.Rank == 1 => OfGather(n, removal),
        _ => node,
    };

    private static SliceRange Range(Slice node, SliceRange range, int axis, ChannelRemoval removal)
    {
        if (range.Length == TensorShape.Symbolic || Math.Abs(range.Step) > 1)
        {
            return range;
        }

        int[] left = removal.KeptOf(node.Output, axis);
        int start = Array.IndexOf(removal.KeptOf(node.Input, axis), range.Start + (left[0] * range.Step));
        return range with { Start = start, Length = left.Length };
    }

    private static Pad OfPad(Pad node, Graph graph, ChannelRemoval removal)
    {
        int[] before = [.. node.Before];
        int[] after = [.. node.After];
        for (int axis = 0; axis < before.Length; axis++)
        {
            if (before[axis] + after[axis] > 0)
            {
                int end = node.Before[axis] + graph.Shapes[node.Input][axis];
                int[] left = removal.KeptOf(node.Output, axis);
                before[axis] = left.Count(i => i < node.Before[axis]);
                after[axis] = left.Count(i => i >= end);
            }
        }

        return node with { Before = [.. before], After = [.. after] };
    }

    private static Gather OfGather(Gather node, ChannelRemoval removal)
    {
        int[] source = removal.KeptOf(node.Input, node.Axis);
        ImmutableArray<int> indices = [.. removal.KeptOf(node.Output, node.Axis).Select(i => Array.IndexOf(source, node.Indices[i]))];
        return node with { Indices = indices, IndexShape = new TensorShape(indices.Length) };
    }
}
