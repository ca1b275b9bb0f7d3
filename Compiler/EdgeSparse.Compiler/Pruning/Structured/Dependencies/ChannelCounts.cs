using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning.Structured.Dependencies;

/// <summary>
/// How many positions of each axis are left while channels are taken away, what the network then costs, and which channels have
/// to stay so that no layer is empty.
/// </summary>
public sealed class ChannelCounts
{
    private readonly DependencyGraph dependencies;
    private readonly int[] left;
    private readonly int[] fewest;
    private readonly bool[] removed;
    private readonly HashSet<int> held;
    private readonly int[][] products;
    private readonly int[][] parameters;

    /// <param name="dependencies">Of the network as it is.</param>
    /// <param name="largestShare">No layer loses more than this share of its output channels, 0 to 1.</param>
    /// <param name="held">Channels that stay whatever happens.</param>
    public ChannelCounts(DependencyGraph dependencies, double largestShare = 1, IEnumerable<int>? held = null)
    {
        this.dependencies = dependencies;
        this.held = [.. held ?? []];
        left = [.. dependencies.Axes.Select(a => a.Length)];
        fewest =
        [
            .. dependencies.Axes.Select(a => a.IsWeight && a.Role == AxisRole.Out
                ? Math.Max(1, (int)Math.Ceiling((a.Length * (1 - largestShare)) - 1e-9))
                : Math.Min(1, a.Length)),
        ];
        removed = new bool[dependencies.Channels.Length];
        (products, parameters) = CostTerms(dependencies);
        Before = Cost;
    }

    /// <summary>Of the whole network.</summary>
    public NetworkCost Before { get; }

    /// <summary>Of what is left.</summary>
    public NetworkCost Cost => new(products.Sum(Product), parameters.Sum(Product));

    /// <summary>Channels left.</summary>
    public int Left => removed.Count(r => !r);

    public bool IsRemoved(int channel) => removed[channel];

    /// <summary>Channels taken away so far, ascending.</summary>
    public IEnumerable<int> Removed => Enumerable.Range(0, removed.Length).Where(i => removed[i]);

    /// <summary>Whether every layer has something left without the channel.</summary>
    public bool CanRemove(int channel) =>
        !removed[channel] && !held.Contains(channel) && dependencies.Channels[channel].Members.All(m => left[m.Axis.Index] - m.Positions.Length >= fewest[m.Axis.Index]);

    /// <summary>Takes the channel away, where that empties no layer.</summary>
    public bool TryRemove(int channel)
    {
        if (!CanRemove(channel))
        {
            return false;
        }

        removed[channel] = true;
        foreach (ChannelMember member in dependencies.Channels[channel].Members)
        {
            left[member.Axis.Index] -= member.Positions.Length;
        }

        return true;
    }

    /// <summary>Puts a channel back.</summary>
    public void Restore(int channel)
    {
        if (removed[channel])
        {
            removed[channel] = false;
            foreach (ChannelMember member in dependencies.Channels[channel].Members)
            {
                left[member.Axis.Index] += member.Positions.Length;
            }
        }
    }

    private long Product(int[] axes) => axes.Aggregate(1L, (product, axis) => product * left[axis]);

    private static (int[][] Products, int[][] Parameters) CostTerms(DependencyGraph dependencies)
    {
        Graph graph = dependencies.Graph;
        var byName = dependencies.Axes.ToDictionary(a => (a.Tensor, a.IsWeight, a.Axis), a => a.Index);
        IEnumerable<int> Weight(string name) => Enumerable.Range(0, graph.WeightOf(name).Shape.Rank).Select(i => byName[(name, true, i)]);
        IEnumerable<int> Value(string name, Func<int, bool> counts) =>
            Enumerable.Range(1, Math.Max(0, graph.Shapes[name].Rank - 1)).Where(counts).Select(i => byName[(name, false, i)]);
        List<int[]> products = [];
        foreach (Node node in graph.Nodes)
        {
            int last = graph.Shapes[node.Output].Rank - 1;
            IEnumerable<int>? terms = node switch
            {
                Linear n => Weight(n.Weight).Concat(Value(n.Output, i => i != last)),
                Conv2d n => Weight(n.Weight).Concat(Value(n.Output, i => i > 1)),
                ConvTranspose2d n => Weight(n.Weight).Concat(Value(n.Input, i => i > 1)),
                MatMul n => Value(n.Output, _ => true).Append(byName[(n.Left, false, graph.Shapes[n.Left].Rank - 1)]),
                _ => null,
            };
            if (terms is not null)
            {
                products.Add([.. terms]);
            }
        }

        return ([.. products], [.. NetworkCost.ParametersOf(graph).Select(name => Weight(name).ToArray())]);
    }
}
