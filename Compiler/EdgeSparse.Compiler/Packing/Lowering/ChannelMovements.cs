using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Movements of whole channels: slices, concatenations, gathers and shuffles along dimension 1, which slots need not be left
/// for.
/// </summary>
internal sealed class ChannelMovements(Lowering lowering)
{
    /// <summary>What moves whole channels of a map as that, else null.</summary>
    public ChannelJoin? Of(Moved moved, PlaneShape source, PlaneShape target) =>
        !target.IsVector && source with { Channels = 0 } == target with { Channels = 0 }
        && (!moved.Map.HasFill || moved.Fill == 0)
        && TableOf(moved.Map, target) is { } table
            ? new ChannelJoin([.. table.Select(c => (moved.Source, c))])
            : null;

    /// <summary>Channels picked out of joined ones; null where zeros would be among those of several values.</summary>
    public ValueForm? Picked(ChannelJoin join, ChannelJoin picked)
    {
        string anySource = join.Channels[0].Source;
        ChannelJoin result = new([.. picked.Channels.Select(c => c.Channel == SeparableMap.Fill ? (anySource, c.Channel) : join.Channels[c.Channel])]);
        return result.HasFill && result.Channels.Any(c => c.Source != anySource) ? null : Simplified(result);
    }

    /// <summary>Channels of one value as moved elements of it; null for those of several.</summary>
    public static Moved? AsMoved(ChannelJoin join, PlaneShape shape)
    {
        string source = join.Channels[0].Source;
        int pixels = shape.Height * shape.Width;
        return join.Channels.All(c => c.Source == source)
            ? new Moved(
                source,
                new SeparableMap(
                [
                    [.. join.Channels.Select(c => c.Channel == SeparableMap.Fill ? c.Channel : c.Channel * pixels)],
                    SeparableMap.Steps(shape.Height, shape.Width), SeparableMap.Steps(shape.Width, 1),
                ]),
                0)
            : null;
    }

    /// <summary>All channels of one value in order are that value.</summary>
    public ValueForm Simplified(ChannelJoin join)
    {
        string source = join.Channels[0].Source;
        bool isWhole = join.Channels.Length == PlaneShape.Of(lowering.ShapeOf(source)).Channels
            && join.Channels.Select((c, i) => c.Source == source && c.Channel == i).All(same => same);
        return isWhole ? new Written(source) : join;
    }

    /// <summary>The channels of a value that can be joined with others', or null.</summary>
    public static ImmutableArray<(string Source, int Channel)>? ChannelsOf(ValueForm form, int channels) => form switch
    {
        Written written => [.. Enumerable.Range(0, channels).Select(c => (written.Value, c))],
        ChannelJoin { HasFill: false } join => join.Channels,
        _ => null,
    };

    /// <summary>The step that writes joined channels; channels of zeros come of a convolution.</summary>
    public Node WriterOf(string name, string value, ChannelJoin join)
    {
        string source = join.Channels[0].Source;
        if (join.HasFill)
        {
            return Selection(name, value, source, [.. join.Channels.Select(c => c.Channel)], Window2d.Square(1));
        }

        ImmutableArray<string> operands = [.. join.Channels.Select(c => c.Source).Distinct()];
        return new ChannelsStep(name, operands, value, [.. join.Channels.Select(c => (operands.IndexOf(c.Source), c.Channel))]);
    }

    /// <summary>
    /// Every second (third, …) row and column of some channels, others zero, of a map in slots: a convolution with a weight that
    /// selects, so that a shortcut of this kind stays in slots. Null for all else.
    /// </summary>
    public Node? StridedWriterOf(string name, string value, Moved moved, PlaneShape target)
    {
        PlaneShape source = PlaneShape.Of(lowering.ShapeOf(moved.Source));
        int pixels = target.Height * target.Width;
        if (target.IsVector || !lowering.IsInSlots(moved.Source) || (moved.Map.HasFill && moved.Fill != 0)
            || moved.Map.SplitBefore(target.Width)?.SplitBefore(pixels) is not { } map)
        {
            return null;
        }

        int rows = map.DimensionBefore(pixels);
        int columns = map.DimensionBefore(target.Width);
        int[] table = map.Table(0, rows);
        int[] y = map.Table(rows, columns);
        int[] x = map.Table(columns, map.Places.Length);
        int sourcePixels = source.Height * source.Width;
        if (y[0] != 0 || x[0] != 0 || StrideOf(y, source.Width) is not { } strideY || StrideOf(x, 1) is not { } strideX
            || table.Any(p => p != SeparableMap.Fill && (p % sourcePixels != 0 || p / sourcePixels >= source.Channels)))
        {
            return null;
        }

        Window2d window = new(1, 1, strideY, strideX);
        return window.OutputRows(source.Height) == target.Height && window.OutputColumns(source.Width) == target.Width
            ? Selection(name, value, moved.Source, [.. table.Select(p => p == SeparableMap.Fill ? p : p / sourcePixels)], window)
            : null;
    }

    /// <summary>A stride that is the same from element to element, in units; 1 for a single element.</summary>
    private static int? StrideOf(int[] table, int unit) =>
        table.Length == 1 ? 1
        : SeparableMap.StepOf(table) is { } step && step > 0 && step % unit == 0 ? step / unit
        : null;

    /// <summary>A 1×1 convolution whose outputs are inputs, or zero.</summary>
    private Conv2d Selection(string name, string value, string source, int[] table, Window2d window)
    {
        int inputs = PlaneShape.Of(lowering.ShapeOf(source)).Channels;
        float[] weight = new float[table.Length * inputs];
        for (int o = 0; o < table.Length; o++)
        {
            if (table[o] != SeparableMap.Fill)
            {
                weight[(o * inputs) + table[o]] = 1;
            }
        }

        string tensor = lowering.AddWeight(lowering.Fresh(name, "selection"), new TensorShape(table.Length, inputs, 1, 1), weight);
        return new Conv2d(name, source, value, tensor, null, window, 1);
    }

    /// <summary>The channel of each output channel, where pixels keep their places; else null.</summary>
    private static int[]? TableOf(SeparableMap map, PlaneShape target)
    {
        int pixels = target.Height * target.Width;
        if (map.SplitBefore(pixels) is not { } split)
        {
            return null;
        }

        int first = split.DimensionBefore(pixels);
        int[] table = split.Table(0, first);
        int[] plane = split.Table(first, split.Places.Length);

        // What all pixels have in common may lie in either of the two.
        int common = plane[0];
        bool keepsPixels = !plane.Where((p, i) => p != common + i).Any() && common != SeparableMap.Fill;
        return keepsPixels && table.All(p => p == SeparableMap.Fill || (p + common) % pixels == 0)
            ? [.. table.Select(p => p == SeparableMap.Fill ? p : (p + common) / pixels)]
            : null;
    }
}
