using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning.Structured.Dependencies;

/// <summary>Puts channels that are coupled through the same axes of weights into one group.</summary>
internal sealed class GroupCollector(Graph graph)
{
    private readonly Dictionary<string, (Pin? Pin, List<(ImmutableArray<ChannelMember> Members, bool KeepsZero)> Channels)> sets = [];
    private readonly List<string> order = [];

    public void Add(ImmutableArray<ChannelMember> members, bool keepsZero, Pin? pin)
    {
        string signature = string.Join(' ', members.Where(m => m.Axis.IsWeight).Select(m => m.Axis.Index).Append(keepsZero ? 1 : 0)) + pin?.Reason;
        if (!sets.TryGetValue(signature, out var set))
        {
            sets[signature] = set = (pin, []);
            order.Add(signature);
        }

        set.Channels.Add((members, keepsZero));
    }

    public (ImmutableArray<ChannelGroup> Free, ImmutableArray<ChannelGroup> Blocked) ToGroups()
    {
        Dictionary<string, int> names = [];
        List<ChannelGroup> free = [];
        List<ChannelGroup> blocked = [];
        int channels = 0;
        foreach (string signature in order)
        {
            (Pin? pin, var members) = sets[signature];
            List<ChannelGroup> into = pin is null ? free : blocked;
            int first = pin is null ? channels : 0;
            ImmutableArray<PrunableChannel> numbered = [.. members.Select((m, i) => new PrunableChannel(first + i, m.Members, m.KeepsZero))];
            channels += pin is null ? numbered.Length : 0;
            into.Add(Describe(into.Count, numbered, pin?.Reason, names));
        }

        return ([.. free], [.. blocked]);
    }

    private ChannelGroup Describe(int index, ImmutableArray<PrunableChannel> channels, string? reason, Dictionary<string, int> names)
    {
        Dictionary<string, AxisRole[]> roles = channels[0].Weights.GroupBy(m => m.Axis.Layer).ToDictionary(g => g.Key, g => g.Select(m => m.Axis.Role).ToArray());
        ImmutableArray<string> With(Func<AxisRole[], bool> fits) => [.. graph.Nodes.Where(n => roles.TryGetValue(n.Name, out var r) && fits(r)).Select(n => n.Name)];
        ImmutableArray<string> producers = With(r => r.Contains(AxisRole.Out));
        int number = names[producers[0]] = names.GetValueOrDefault(producers[0]) + 1;
        return new ChannelGroup(
            index, number == 1 ? producers[0] : $"{producers[0]}#{number}", channels, producers, With(r => r.Contains(AxisRole.In)),
            With(r => !r.Contains(AxisRole.Out) && !r.Contains(AxisRole.In)), reason);
    }
}
