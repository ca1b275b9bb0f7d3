using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Training;

/// <summary>
/// Makes a network of a fixed batch one of an open batch, so that it can be trained on many samples at once: exporters often fix the
/// batch to 1.
/// </summary>
internal static class OpenBatch
{
    /// <returns>The same network with an open batch, itself where it has one; null where a layer needs the batch to be what it is.</returns>
    public static Graph? Of(Graph graph)
    {
        if (graph.Inputs.Length != 1 || graph.Inputs[0].Shape.Rank == 0)
        {
            return null;
        }

        GraphValue input = graph.Inputs[0];
        if (input.Shape.IsBatchSymbolic)
        {
            return graph;
        }

        try
        {
            int batch = input.Shape[0];
            Dictionary<string, TensorShape> shapes = new() { [input.Name] = input.Shape.WithBatch(TensorShape.Symbolic) };
            var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
            foreach (Node node in graph.Nodes)
            {
                Node opened = node.Inputs.Any(i => shapes[i].IsBatchSymbolic) ? Opened(node, batch) : node;
                shapes[opened.Output] = ShapeInference.Infer(opened, shapes, graph.Weights);
                nodes.Add(opened);
            }

            // A layer that turned the batch into something else, such as a sum over it, leaves no open batch behind.
            return graph.Outputs.All(o => shapes[o].IsBatchSymbolic)
                ? new Graph(
                    graph.Name, [input with { Shape = shapes[input.Name] }], graph.Outputs, nodes.DrainToImmutable(), graph.Weights, graph.Metadata)
                : null;
        }
        catch (GraphException)
        {
            return null;
        }
    }

    /// <summary>Layers that name the shape of their output name an open batch in it.</summary>
    private static Node Opened(Node node, int batch) => node switch
    {
        Reshape n when Begins(n.Shape, batch) => n with { Shape = n.Shape.WithBatch(TensorShape.Symbolic) },
        Expand n when Begins(n.Shape, batch) => n with { Shape = n.Shape.WithBatch(TensorShape.Symbolic) },
        Resize n when Begins(n.Shape, batch) => n with { Shape = n.Shape.WithBatch(TensorShape.Symbolic) },
        Slice n when n.Ranges.Length > 0 && n.Ranges[0] == SliceRange.Whole(batch) =>
            n with { Ranges = n.Ranges.SetItem(0, SliceRange.Whole(TensorShape.Symbolic)) },
        _ => node,
    };

    private static bool Begins(TensorShape shape, int batch) => shape.Rank > 0 && shape[0] == batch;
}
