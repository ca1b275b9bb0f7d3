using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Turns nodes into layers. An activation goes into the convolution, fully connected layer, sum, other function of two values or per-channel scale before it,
/// and a sum into the convolution that computes one of its operands last, where nothing else reads, or gives out, the value
/// between the two.
/// </summary>
internal sealed class LayerFusion
{
    private readonly LoweredGraph graph;
    private readonly ILookup<string, Node> readers;
    private readonly Dictionary<string, int> written = [];
    private readonly HashSet<string> taken = [];

    private LayerFusion(LoweredGraph graph)
    {
        this.graph = graph;
        readers = graph.Nodes
            .SelectMany(n => n.Inputs.Distinct().Select(input => (Input: input, Node: n)))
            .ToLookup(pair => pair.Input, pair => pair.Node);
        foreach (GraphValue input in graph.Inputs)
        {
            written[input.Name] = -1;
        }

        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            written[graph.Nodes[i].Output] = i;
        }
    }

    /// <summary>The layers in execution order.</summary>
    public static ImmutableArray<Layer> Apply(LoweredGraph graph)
    {
        LayerFusion fusion = new(graph);
        var layers = ImmutableArray.CreateBuilder<Layer>();
        foreach (Node node in graph.Nodes)
        {
            if (!fusion.taken.Contains(node.Name))
            {
                layers.Add(fusion.LayerOf(node));
            }
        }

        return layers.DrainToImmutable();
    }

    private Layer LayerOf(Node node)
    {
        Layer layer = new(node, node.Output, Layer.RoleOf(node, graph)) { Activation = LayerActivation.Of(node) ?? default };
        if (node is Conv2d && layer.Role != LayerRole.FullyConnected && OnlyReader(layer.Output) is Add add
            && ResidualOf(add, node) is string residual)
        {
            taken.Add(add.Name);
            layer = layer with { Residual = residual, Output = add.Output };
        }

        if (IsActivated(node) && OnlyReader(layer.Output) is { } next
            && LayerActivation.Of(next) is { } activation)
        {
            taken.Add(next.Name);
            layer = layer with { Activation = activation, Output = next.Output };
        }

        return layer;
    }

    /// <summary>Operations that blobs let an activation go with.</summary>
    private static bool IsActivated(Node node) =>
        node is Conv2d or Linear or Add or AffineStep or BinaryStep
            or PlanarStep { Kind: OperationKind.Binary or OperationKind.Select or OperationKind.MatMul };

    /// <summary>The other operand, when it is there before the convolution runs.</summary>
    private string? ResidualOf(Add add, Node conv)
    {
        string other = add.Left == conv.Output ? add.Right : add.Left;
        return other != conv.Output && written[other] < written[conv.Output] ? other : null;
    }

    private Node? OnlyReader(string value) =>
        !graph.IsGivenOut(value) && readers[value].Take(2).ToArray() is [var reader] ? reader : null;
}
