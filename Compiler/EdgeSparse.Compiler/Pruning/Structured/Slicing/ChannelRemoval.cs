using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;

namespace EdgeSparse.Compiler.Pruning.Structured.Slicing;

/// <summary>Takes channels out of a network for good: smaller weights and masks, smaller attributes, the same layers.</summary>
public sealed class ChannelRemoval
{
    private readonly DependencyGraph dependencies;
    private readonly Dictionary<(string Tensor, bool IsWeight, int Axis), int[]> kept = [];

    /// <param name="dependencies">Of the network to shrink.</param>
    /// <param name="channels">Indices into its channels.</param>
    /// <exception cref="PruningException">A layer would be empty: the message names it.</exception>
    public ChannelRemoval(DependencyGraph dependencies, IEnumerable<int> channels)
    {
        this.dependencies = dependencies;
        Dictionary<TensorAxis, HashSet<int>> gone = [];
        foreach (ChannelMember member in channels.SelectMany(c => dependencies.Channels[c].Members))
        {
            (gone.TryGetValue(member.Axis, out var set) ? set : gone[member.Axis] = []).UnionWith(member.Positions);
        }

        foreach ((TensorAxis axis, HashSet<int> positions) in gone)
        {
            if (positions.Count == axis.Length)
            {
                throw new PruningException($"layer '{axis.Layer}' would lose all its {axis.Length} channels; prune less");
            }

            kept[(axis.Tensor, axis.IsWeight, axis.Axis)] = [.. Enumerable.Range(0, axis.Length).Where(i => !positions.Contains(i))];
        }
    }

    /// <summary>The network without the channels; weights keep their masks.</summary>
    public Graph Apply()
    {
        Graph graph = dependencies.Graph;
        ImmutableArray<Node> nodes = [.. graph.Nodes.Select(n => NodeSlicing.Of(n, graph, this))];
        var weights = graph.Weights.ToImmutableDictionary(w => w.Key, w => Slice(w.Value));
        return graph.WithNodes(nodes, weights);
    }

    /// <summary>What an optimizer keeps beside a weight, cut along the same channels.</summary>
    /// <param name="weight">Name of the weight in the network before removal.</param>
    /// <param name="values">Row-major, as many as the weight has.</param>
    public float[] SliceState(string weight, ReadOnlySpan<float> values) => Take(dependencies.Graph.WeightOf(weight), values);

    /// <summary>Positions of an activation's axis that stay, ascending.</summary>
    internal int[] KeptOf(string value, int axis) => Kept(value, false, axis, dependencies.Graph.Shapes[value][axis]);

    /// <summary>The shape that an activation has afterwards.</summary>
    internal TensorShape ShapeOf(string value)
    {
        TensorShape shape = dependencies.Graph.Shapes[value];
        return new TensorShape([.. shape.Dims.Select((d, i) => d == TensorShape.Symbolic ? d : KeptOf(value, i).Length)]);
    }

    private Weight Slice(Weight weight)
    {
        if (!Enumerable.Range(0, weight.Shape.Rank).Any(i => kept.ContainsKey((weight.Name, true, i))))
        {
            return weight;
        }

        TensorShape shape = new([.. weight.Shape.Dims.Select((d, i) => Kept(weight.Name, true, i, d).Length)]);
        return new Weight(weight.Name, shape, Take(weight, weight.Values.Span), weight.Mask is { } mask ? Take(weight, mask.Span) : default);
    }

    private T[] Take<T>(Weight weight, ReadOnlySpan<T> values)
    {
        // Axis by axis, from the outermost: what is inside of it stays together.
        T[] current = values.ToArray();
        int[] lengths = [.. weight.Shape.Dims];
        for (int axis = 0; axis < lengths.Length; axis++)
        {
            if (!kept.TryGetValue((weight.Name, true, axis), out int[]? positions))
            {
                continue;
            }

            int inner = lengths.Skip(axis + 1).Aggregate(1, (a, b) => a * b);
            int outer = lengths.Take(axis).Aggregate(1, (a, b) => a * b);
            T[] next = new T[outer * positions.Length * inner];
            for (int o = 0; o < outer; o++)
            {
                for (int k = 0; k < positions.Length; k++)
                {
                    current.AsSpan(((o * lengths[axis]) + positions[k]) * inner, inner).CopyTo(next.AsSpan(((o * positions.Length) + k) * inner));
                }
            }

            current = next;
            lengths[axis] = positions.Length;
        }

        return current;
    }

    private int[] Kept(string tensor, bool isWeight, int axis, int length) =>
        kept.TryGetValue((tensor, isWeight, axis), out int[]? positions) ? positions : [.. Enumerable.Range(0, Math.Max(0, length))];
}
