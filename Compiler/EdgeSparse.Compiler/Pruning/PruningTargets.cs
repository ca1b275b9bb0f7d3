using System.Collections.Immutable;
using System.Globalization;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Recipes;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>How one layer is pruned, everything resolved.</summary>
/// <param name="Granularity">One that fits the layer.</param>
/// <param name="Quality">Or null.</param>
/// <param name="Density">Or null; N/M where the granularity is N:M.</param>
internal sealed record PruningTarget(Granularity Granularity, double? Quality, double? Density);

/// <summary>What each layer is pruned to, from a method's options.</summary>
internal static class PruningTargets
{
    /// <returns>A target for each layer that is pruned, by name; layers without one stay as they are.</returns>
    /// <exception cref="PruningException">A layer is unknown, has nothing to prune, or a target is out of range.</exception>
    public static ImmutableDictionary<string, PruningTarget> Of(Graph graph, HanPruningOptions options)
    {
        string[] prunable = [.. graph.PrunableNodes.Select(n => n.Name)];
        foreach ((string name, LayerTarget layer) in options.Layers)
        {
            if (!prunable.Contains(name))
            {
                throw new PruningException($"'{graph.Name}' has no layer '{name}' to prune{NearMatch.Advice(name, prunable)}");
            }

            if (layer.FirstFault() is { } wrong)
            {
                throw new PruningException($"layer '{name}': {wrong.Message}");
            }
        }

        if (options.FirstFault() is { } fault)
        {
            throw new PruningException(fault.Message);
        }

        var targets = ImmutableDictionary.CreateBuilder<string, PruningTarget>();
        foreach (Node node in graph.PrunableNodes)
        {
            PruningTarget target = Resolve(graph, node, options);
            if (target.Density is <= 0 or > 1 or double.NaN)
            {
                throw new PruningException(DensityOutOfRange(node.Name, target.Density.Value));
            }

            if (target.Quality is < 0 or double.NaN)
            {
                throw new PruningException($"layer '{node.Name}' has the quality parameter {target.Quality:0.####}; it is not negative");
            }

            if (target.Density is not null || target.Quality is not null)
            {
                targets[node.Name] = target;
            }
        }

        return targets.ToImmutable();
    }

    /// <summary>
    /// The granularity of a layer: its own; else the stage's where that fits the layer; else <see cref="Granularity.Weight"/>, which
    /// <see cref="Exceptions"/> tells.
    /// </summary>
    /// <exception cref="PruningException">The layer's own does not fit it.</exception>
    public static Granularity GranularityOf(Graph graph, Node node, HanPruningOptions options)
    {
        TensorShape shape = graph.WeightOf(node.PrunableWeight!).Shape;
        if (options.Layers.GetValueOrDefault(node.Name)?.Granularity is { } own)
        {
            return own.RefusalOf(node, shape) is { } refusal ? throw new PruningException(refusal) : own;
        }

        return options.Granularity.MisfitOf(node, shape) is null ? options.Granularity : Granularity.Weight;
    }

    /// <summary>One line that names the layers for which the stage's granularity makes no sense, with the reasons; null for none.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="options">Say the granularity.</param>
    /// <param name="pruned">Layers that are pruned at all.</param>
    public static string? Exceptions(Graph graph, HanPruningOptions options, Func<string, bool> pruned)
    {
        string[] exceptions =
        [
            .. graph.PrunableNodes
                .Where(n => pruned(n.Name) && options.Layers.GetValueOrDefault(n.Name)?.Granularity is null)
                .Select(n => (n.Name, Why: options.Granularity.MisfitOf(n, graph.WeightOf(n.PrunableWeight!).Shape)))
                .Where(n => n.Why is not null)
                .Select(n => $"'{n.Name}' {n.Why}"),
        ];
        return exceptions.Length == 0
            ? null
            : $"pruned by single weights, because the granularity {options.Granularity} makes no sense there: {string.Join(", ", exceptions)}";
    }

    public static string DensityOutOfRange(string layer, double density) =>
        $"layer '{layer}' is to keep {density:0.####} of its weights; a density is above 0 and at most 1";

    public static string NothingLeft(string layer, Weight weight, double density) => string.Create(
        CultureInfo.InvariantCulture, $"layer '{layer}' would lose all its {weight.ElementCount} weights at the density {density:0.######}; raise it");

    private static PruningTarget Resolve(Graph graph, Node node, HanPruningOptions options)
    {
        Granularity granularity = GranularityOf(graph, node, options);
        LayerTarget? layer = options.Layers.GetValueOrDefault(node.Name);
        if (granularity.FixedDensity is { } share)
        {
            return new PruningTarget(granularity, null, share);
        }

        // A layer under an N:M stage that cannot have it keeps as many weights, singly.
        return layer?.Quality is not null || layer?.Density is not null
            ? new PruningTarget(granularity, layer.Quality, layer.Density)
            : new PruningTarget(granularity, options.Quality, options.Density ?? (1 - options.Sparsity) ?? options.Granularity.FixedDensity);
    }
}
