using System.Collections.Immutable;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>A named activation at the border of a graph, with its shape; the batch dimension may be symbolic.</summary>
public sealed record GraphValue(string Name, TensorShape Shape, ElementType Type = ElementType.Float32);

/// <summary>
/// The one intermediate form: what the importer makes, the trainer trains, the pruner masks, the exporter writes and the
/// packer packs. Immutable; passes are functions from Graph to Graph. Nodes stand in execution order.
/// </summary>
public sealed class Graph
{
    /// <exception cref="GraphException">A name is used twice, a value is read before it is written, or a weight is missing.</exception>
    public Graph(
        string name,
        ImmutableArray<GraphValue> inputs,
        ImmutableArray<string> outputs,
        ImmutableArray<Node> nodes,
        ImmutableDictionary<string, Weight> weights,
        ImmutableSortedDictionary<string, string>? metadata = null)
    {
        Name = name;
        Inputs = inputs;
        Outputs = outputs;
        Nodes = nodes;
        Weights = weights;
        Metadata = metadata ?? ImmutableSortedDictionary<string, string>.Empty;
        GraphRules.Check(this);
        Shapes = ShapeInference.Infer(this);
        Types = TypeInference.Infer(this);
    }

    public string Name { get; }

    public ImmutableArray<GraphValue> Inputs { get; }

    public ImmutableArray<string> Outputs { get; }

    public ImmutableArray<Node> Nodes { get; }

    public ImmutableDictionary<string, Weight> Weights { get; }

    /// <summary>Key and value pairs that travel into exported ONNX (metadata_props) and the blob; see <see cref="InputScaling"/>.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; }

    /// <summary>The shape of every activation, inputs included.</summary>
    public ImmutableDictionary<string, TensorShape> Shapes { get; }

    /// <summary>The element type of every activation, inputs included.</summary>
    public ImmutableDictionary<string, ElementType> Types { get; }

    /// <summary>Nodes with a prunable weight, in execution order.</summary>
    public IEnumerable<Node> PrunableNodes => Nodes.Where(n => n.PrunableWeight is not null);

    public Weight WeightOf(string weightName) =>
        Weights.TryGetValue(weightName, out Weight? weight) ? weight : throw new GraphException($"graph '{Name}' has no weight '{weightName}'");

    /// <exception cref="GraphException">There is no such node; the message lists near or all names.</exception>
    public Node NodeOf(string nodeName) =>
        Nodes.FirstOrDefault(n => n.Name == nodeName)
        ?? throw new GraphException($"graph '{Name}' has no layer '{nodeName}'; it has {string.Join(", ", Nodes.Select(n => n.Name))}");

    /// <summary>Nodes that read the value.</summary>
    public IEnumerable<Node> ConsumersOf(string value) => Nodes.Where(n => n.Inputs.Contains(value));

    public Graph WithWeights(IEnumerable<Weight> replaced)
    {
        var builder = Weights.ToBuilder();
        foreach (Weight weight in replaced)
        {
            builder[weight.Name] = weight;
        }

        return new Graph(Name, Inputs, Outputs, Nodes, builder.ToImmutable(), Metadata);
    }

    public Graph WithNodes(ImmutableArray<Node> nodes, ImmutableDictionary<string, Weight>? weights = null) =>
        new(Name, Inputs, Outputs, nodes, weights ?? Weights, Metadata);

    public Graph WithMetadata(string key, string value) =>
        new(Name, Inputs, Outputs, Nodes, Weights, Metadata.SetItem(key, value));
}
