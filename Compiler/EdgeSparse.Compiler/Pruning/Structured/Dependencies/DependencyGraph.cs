using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning.Structured.Dependencies;

/// <summary>
/// Which channels of a network can be removed, and what goes with each (Fang et al. 2023, "DepGraph: Towards Any Structural
/// Pruning"). The paper searches from one channel along dependencies, which hold in both directions; here the same sets come
/// from joining positions of all axes, so that a set is the same from whichever of its layers one starts.
/// </summary>
public sealed class DependencyGraph
{
    private DependencyGraph(
        Graph graph, ImmutableArray<TensorAxis> axes, ImmutableArray<ChannelGroup> groups, ImmutableArray<ChannelGroup> blocked)
    {
        Graph = graph;
        Axes = axes;
        Groups = groups;
        Blocked = blocked;
        Channels = [.. groups.SelectMany(g => g.Channels)];
        GroupOf = [.. groups.SelectMany(g => g.Channels.Select(_ => g.Index))];
    }

    /// <summary>The network it was made of.</summary>
    public Graph Graph { get; }

    /// <summary>All axes of activations and weights.</summary>
    public ImmutableArray<TensorAxis> Axes { get; }

    /// <summary>Groups whose channels can be removed, in execution order of their first layers.</summary>
    public ImmutableArray<ChannelGroup> Groups { get; }

    /// <summary>Groups that stay whole, each with the reason.</summary>
    public ImmutableArray<ChannelGroup> Blocked { get; }

    /// <summary>The channels of all <see cref="Groups"/>, one group after the other.</summary>
    public ImmutableArray<PrunableChannel> Channels { get; }

    /// <summary>The group of each channel.</summary>
    public ImmutableArray<int> GroupOf { get; }

    /// <param name="graph">Any network. Its inputs, its outputs and what its operators need whole is not prunable.</param>
    public static DependencyGraph Of(Graph graph)
    {
        AxisTable axes = new(graph);
        foreach (Node node in graph.Nodes)
        {
            NodeCouplings.Of(axes, node);
        }

        foreach (GraphValue input in graph.Inputs)
        {
            axes.HoldAll(input.Name, new Pin(PinKind.Input, $"it is of the network's input '{input.Name}'"));
        }

        foreach (string output in graph.Outputs)
        {
            axes.HoldAll(output, new Pin(PinKind.Output, $"it is of the network's output '{output}'"));
        }

        return Collect(graph, axes);
    }

    /// <summary>The removable channel that a position of a weight's axis belongs to, or null.</summary>
    public PrunableChannel? ChannelAt(string weight, int axis, int position) => Channels.FirstOrDefault(
        c => c.Members.Any(m => m.Axis.IsWeight && m.Axis.Tensor == weight && m.Axis.Axis == axis && m.Positions.Contains(position)));

    private static DependencyGraph Collect(Graph graph, AxisTable axes)
    {
        Dictionary<int, List<(TensorAxis Axis, int Position)>> sets = [];
        List<int> producing = [];
        foreach (Node node in graph.Nodes.Where(n => n is WeightedLayer))
        {
            foreach (TensorAxis axis in axes.Axes.Where(a => a.IsWeight && a.Tensor == node.PrunableWeight && a.Role == AxisRole.Out))
            {
                producing.AddRange(Enumerable.Range(axis.First, axis.Length).Select(axes.Couplings.RootOf));
            }
        }

        HashSet<int> wanted = [.. producing];
        foreach (TensorAxis axis in axes.Axes)
        {
            for (int i = 0; i < axis.Length; i++)
            {
                int root = axes.Couplings.RootOf(axis.First + i);
                if (wanted.Contains(root))
                {
                    (sets.TryGetValue(root, out var set) ? set : sets[root] = []).Add((axis, i));
                }
            }
        }

        GroupCollector groups = new(graph);
        foreach (int root in producing.Distinct())
        {
            groups.Add(
                [.. sets[root].GroupBy(p => p.Axis).Select(g => new ChannelMember(g.Key, [.. g.Select(p => p.Position)]))],
                axes.Couplings.KeepsZero(root),
                axes.Couplings.PinOf(root));
        }

        (ImmutableArray<ChannelGroup> free, ImmutableArray<ChannelGroup> blocked) = groups.ToGroups();
        return new DependencyGraph(graph, [.. axes.Axes], free, blocked);
    }
}
