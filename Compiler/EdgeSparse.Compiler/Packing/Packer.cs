using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Packs a network into an .esb blob: simplify, lower to a blob's operations, fuse activations and sums, lay out values, lower weights into the cheapest format,
/// plan the arena, write. Deterministic: the same graph and options give the same bytes.
/// </summary>
public static class Packer
{
    /// <exception cref="PackingException">The blob cannot hold the network; the message names the layer or value.</exception>
    /// <exception cref="GraphException">
    /// A BatchNorm cannot be folded, or the input scaling in the graph's metadata is malformed.
    /// </exception>
    public static PackedModel Pack(Graph graph, PackOptions options)
    {
        RefuseUnknownLayers(graph, options);
        Graph simplified = InferenceSimplification.Apply(graph);
        Plan plan = InPlace.Apply(PlanBuilder.Build(GraphLowering.Apply(simplified), options));
        byte[] bytes = BlobWriter.Write(plan, ArenaPlan.Of(plan), BlobMetadata.Of(graph, options, plan.Layers));
        return new PackedModel(bytes, plan.Layers);
    }

    private static void RefuseUnknownLayers(Graph graph, PackOptions options)
    {
        foreach (string layer in options.Formats.Keys)
        {
            if (graph.PrunableNodes.All(n => n.Name != layer))
            {
                throw new PackingException(
                    $"a format is asked for '{layer}', which is no layer with weights; those are {string.Join(", ", graph.PrunableNodes.Select(n => n.Name))}");
            }
        }
    }
}
