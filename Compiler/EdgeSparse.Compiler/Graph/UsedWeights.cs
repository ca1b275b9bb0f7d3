using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>Weights that some node reads; passes that drop nodes leave others behind.</summary>
internal static class UsedWeights
{
    public static ImmutableDictionary<string, Weight> Of(IEnumerable<Node> nodes, IReadOnlyDictionary<string, Weight> weights) =>
        nodes.SelectMany(n => n.WeightNames).Distinct().ToImmutableDictionary(name => name, name => weights[name]);
}
