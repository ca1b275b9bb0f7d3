using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Values one after the other: whole channels where a map's are joined, parts of a planar value else.</summary>
internal static class ConcatLowering
{
    public static void Lower(Lowering to, Concat node)
    {
        TensorShape shape = to.ShapeOf(node);
        to.Define(node.Output, shape, ChannelsOf(to, node, shape) ?? (ValueForm)PartsOf(to, node, shape), node.Name);
    }

    /// <summary>Joined channels, where at least one operand is in slots already.</summary>
    private static ChannelJoin? ChannelsOf(Lowering to, Concat node, TensorShape shape)
    {
        bool isMap = node.Axis == 1 && shape.Rank is 3 or 4 && shape[0] == 1 && !PlaneShape.Of(shape).IsVector;
        bool IsSlots(string operand) => to.FormOf(operand) switch
        {
            Written written => to.IsInSlots(written.Value),
            ChannelJoin { HasFill: false } join => join.Channels.Any(c => to.IsInSlots(c.Source)),
            _ => false,
        };
        if (!isMap || !node.Operands.Any(IsSlots))
        {
            return null;
        }

        var channels = ImmutableArray.CreateBuilder<(string, int)>();
        foreach (string operand in node.Operands)
        {
            int count = to.ShapeOf(operand)[1];
            channels.AddRange(ChannelMovements.ChannelsOf(to.FormOf(operand), count)
                ?? ChannelMovements.ChannelsOf(new Written(to.Get(operand)), count)!.Value);
        }

        return new ChannelJoin(channels.DrainToImmutable());
    }

    private static Joined PartsOf(Lowering to, Concat node, TensorShape shape)
    {
        AxisShape whole = AxisShape.Of(shape, node.Axis);
        var parts = ImmutableArray.CreateBuilder<MapPart>();
        int start = 0;
        foreach (string operand in node.Operands)
        {
            TensorShape x = to.ShapeOf(operand);
            int length = x[node.Axis];
            int block = length * whole.Inner;
            MapPart part = to.FormOf(operand) is Moved { Map.HasFill: false } moved && to.FormOf(moved.Source) is Written
                && moved.Map.SplitBefore(block) is { } map
                    ? MapPart.Whole(moved.Source, map)
                    : MapPart.Whole(to.Get(operand), SeparableMap.Identity(x.Dims));

            // Rows of the operand lie as far apart as those of the whole.
            ImmutableArray<int> strides =
            [
                .. part.Strides.Select(s => s < block ? s : s / block * whole.Length * whole.Inner),
            ];
            parts.Add(part with { Offset = start * whole.Inner, Strides = strides });
            start += length;
        }

        return new Joined(parts.DrainToImmutable());
    }
}
