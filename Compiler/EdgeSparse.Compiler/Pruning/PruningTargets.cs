using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Recipes;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>What each layer is pruned to, from a method's options.</summary>
internal static class PruningTargets
{
    /// <returns>A target for each layer that is pruned, by name; layers without one stay as they are.</returns>
    /// <exception cref="PruningException">A layer is unknown, has nothing to prune, or a target is out of range.</exception>
    public static ImmutableDictionary<string, LayerTarget> Of(Graph graph, HanPruningOptions options)
    {
        string[] prunable = [.. graph.PrunableNodes.Select(n => n.Name)];
        foreach (string name in options.Layers.Keys.Where(n => !prunable.Contains(n)))
        {
            throw new PruningException($"'{graph.Name}' has no layer '{name}' to prune{NearMatch.Advice(name, prunable)}");
        }

        LayerTarget general = new() { Quality = options.Quality, Density = options.Density ?? 1 - options.Sparsity };
        var targets = ImmutableDictionary.CreateBuilder<string, LayerTarget>();
        foreach (string name in prunable)
        {
            LayerTarget target = options.Layers.GetValueOrDefault(name, general);
            if (target.Density is not null && target.Quality is not null)
            {
                throw new PruningException($"layer '{name}' has both a density and a quality to be pruned to; give one");
            }

            if (target.Density is <= 0 or > 1 or double.NaN)
            {
                throw new PruningException($"layer '{name}' is to keep {target.Density:0.####} of its weights; a density is above 0 and at most 1");
            }

            if (target.Quality is < 0 or double.NaN)
            {
                throw new PruningException($"layer '{name}' has the quality parameter {target.Quality:0.####}; it is not negative");
            }

            if (target.Density is not null || target.Quality is not null)
            {
                targets[name] = target;
            }
        }

        return targets.Count > 0
            ? targets.ToImmutable()
            : throw new PruningException("nothing to prune: give quality, density, sparsity, or layers");
    }
}
