using EdgeSparse.Compiler.Graphs;

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
}
