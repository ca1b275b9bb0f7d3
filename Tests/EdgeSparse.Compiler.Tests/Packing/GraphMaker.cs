using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Packing;

/// <summary>Small graphs for tests: input <c>x</c>, output what the last node writes, weights made up where none are given.</summary>
internal static class GraphMaker
{
    public static Graph Make(TensorShape input, params ImmutableArray<Node> nodes) => Make(input, [nodes[^1].Output], nodes);

    public static Graph Make(TensorShape input, ImmutableArray<string> outputs, ImmutableArray<Node> nodes, params Weight[] weights) =>
        new("test", [new GraphValue("x", input)], outputs, nodes, weights.ToImmutableDictionary(w => w.Name));

    /// <summary>A weight of ones.</summary>
    public static Weight Ones(string name, params ReadOnlySpan<int> shape)
    {
        TensorShape dimensions = new(shape);
        float[] values = new float[dimensions.ElementCount];
        Array.Fill(values, 1);
        return new Weight(name, dimensions, values);
    }
}
