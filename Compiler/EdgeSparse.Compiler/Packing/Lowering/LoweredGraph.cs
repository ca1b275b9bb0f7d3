using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// A network in the operations that blobs have: convolutions, pools and elementwise nodes of the graph over one sample, and the
/// nodes of <see cref="PlanarStep"/> and its neighbours. A symbolic batch is one sample here.
/// </summary>
internal sealed class LoweredGraph
{
    private readonly ImmutableDictionary<string, PlaneShape> planes;
    private readonly ImmutableDictionary<string, Weight> weights;
    private readonly ImmutableDictionary<string, string> origins;
    private readonly HashSet<string> given;

    /// <param name="source">The graph before.</param>
    /// <param name="inputs">Its inputs, of one sample.</param>
    /// <param name="outputs">What it gives out.</param>
    /// <param name="nodes">In execution order.</param>
    /// <param name="shapes">Of all values.</param>
    /// <param name="weights">The graph's, and those made from them.</param>
    /// <param name="origins">Names of the graph's layers for nodes that have other names.</param>
    public LoweredGraph(
        Graph source,
        ImmutableArray<GraphValue> inputs,
        ImmutableArray<LoweredOutput> outputs,
        ImmutableArray<Node> nodes,
        IEnumerable<KeyValuePair<string, TensorShape>> shapes,
        ImmutableDictionary<string, Weight> weights,
        ImmutableDictionary<string, string> origins)
    {
        Source = source;
        Inputs = inputs;
        Outputs = outputs;
        Nodes = nodes;
        planes = shapes.ToImmutableDictionary(s => s.Key, s => PlaneShape.Of(s.Value));
        this.weights = weights;
        this.origins = origins;
        given = [.. outputs.Select(o => o.Value)];
    }

    public Graph Source { get; }

    public ImmutableArray<GraphValue> Inputs { get; }

    public ImmutableArray<LoweredOutput> Outputs { get; }

    public ImmutableArray<Node> Nodes { get; }

    public PlaneShape PlanesOf(string value) => planes[value];

    public Weight WeightOf(string name) => weights[name];

    /// <summary>Whether the caller may ask for the value.</summary>
    public bool IsGivenOut(string value) => given.Contains(value);

    /// <summary>The graph's layer that a node does, or a part of.</summary>
    public string LayerOf(string node) => origins.GetValueOrDefault(node, node);
}

/// <summary>An output of the network.</summary>
/// <param name="Name">The graph's name for it.</param>
/// <param name="Value">The value that holds it in row-major order.</param>
/// <param name="Shape">Of one sample.</param>
/// <param name="Type">What its elements are to the network.</param>
internal sealed record LoweredOutput(string Name, string Value, TensorShape Shape, ElementType Type);
