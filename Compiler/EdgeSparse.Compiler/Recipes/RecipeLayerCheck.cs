using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Criteria;

namespace EdgeSparse.Compiler.Recipes;

/// <summary>Compares the layers that a recipe names with those the model has, before any work.</summary>
public static class RecipeLayerCheck
{
    /// <exception cref="RecipeException">A layer is not in the model, or cannot be pruned.</exception>
    public static void Check(RecipeFile recipe, Graph graph)
    {
        string[] prunable = [.. graph.PrunableNodes.Select(n => n.Name)];
        foreach (LayerReference layer in recipe.Layers.Where(l => !prunable.Contains(l.Name)))
        {
            throw graph.Nodes.FirstOrDefault(n => n.Name == layer.Name) is { } node
                ? new RecipeException(layer.Where, $"layer '{layer.Name}' is a {node.Operator}, which has no weights to prune. Allowed: {string.Join(", ", prunable)}")
                : new RecipeException(layer.Where, $"'{graph.Name}' has no layer '{layer.Name}'{NearMatch.Advice(layer.Name, prunable)}");
        }
    }
    /// <summary>Whether each layer can be pruned in the granularity that the recipe gives it by name.</summary>
    /// <param name="recipe">Its layers are all in the graph.</param>
    /// <param name="graph">Already made for the data's samples and classes, which change how many channels there are.</param>
    /// <exception cref="RecipeException">A granularity makes no sense for its layer.</exception>
    public static void CheckGranularities(RecipeFile recipe, Graph graph)
    {
        foreach (LayerReference layer in recipe.Layers)
        {
            Node node = graph.NodeOf(layer.Name);
            Granularity? given = layer.Options switch
            {
                LayerTarget target => target.Granularity,
                LayerGoal sparsity => sparsity.Granularity,
                _ => null,
            };
            if (given is { } own && own.RefusalOf(node, graph.WeightOf(node.PrunableWeight!).Shape) is { } refusal)
            {
                throw new RecipeException(layer.Where, refusal);
            }
        }
    }
}
