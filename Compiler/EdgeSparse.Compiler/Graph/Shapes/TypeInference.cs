using System.Collections.Immutable;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>Element types of all activations.</summary>
internal static class TypeInference
{
    public static ImmutableDictionary<string, ElementType> Infer(Graph graph)
    {
        var types = ImmutableDictionary.CreateBuilder<string, ElementType>();
        foreach (GraphValue input in graph.Inputs)
        {
            types[input.Name] = input.Type;
        }

        foreach (Node node in graph.Nodes)
        {
            types[node.Output] = Infer(node, types);
        }

        return types.ToImmutable();
    }

    /// <summary>The type that one node writes; an importer asks while the graph is still being built.</summary>
    public static ElementType Infer(Node node, IReadOnlyDictionary<string, ElementType> types) => node switch
    {
        Cast cast => cast.To,
        Constant constant => constant.Type,
        ArgExtreme or TopK { GivesIndices: true } => ElementType.Int64,
        Pointwise { Function: PointwiseFunction.Not } => ElementType.Bool,
        Binary { Function: >= BinaryFunction.Equal and <= BinaryFunction.Xor } => ElementType.Bool,
        Where where => types[where.Left],
        _ => types[node.Inputs[0]],
    };
}
