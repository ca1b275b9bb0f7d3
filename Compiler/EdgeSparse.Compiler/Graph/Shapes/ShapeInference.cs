using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>Exact shapes of all activations; a node whose operands do not fit is an error that names it.</summary>
internal static class ShapeInference
{
    public static ImmutableDictionary<string, TensorShape> Infer(Graph graph)
    {
        var shapes = ImmutableDictionary.CreateBuilder<string, TensorShape>();
        foreach (GraphValue input in graph.Inputs)
        {
            shapes[input.Name] = input.Shape;
        }

        foreach (Node node in graph.Nodes)
        {
            shapes[node.Output] = Infer(node, shapes, graph.Weights);
        }

        return shapes.ToImmutable();
    }

    /// <summary>The shape that one node writes; an importer asks while the graph is still being built.</summary>
    /// <exception cref="GraphException">The node's operands do not fit.</exception>
    public static TensorShape Infer(
        Node node, IReadOnlyDictionary<string, TensorShape> shapes, IReadOnlyDictionary<string, Weight> weights)
    {
        if (node is Constant constant)
        {
            return weights[constant.Weight].Shape;
        }

        TensorShape x = shapes[node.Inputs[0]];
        return node switch
        {
            Linear or Conv2d or ConvTranspose2d => ProductShapes.Infer((WeightedLayer)node, x, weights),
            MatMul product => ProductShapes.OfMatMul(product, x, shapes[product.Right]),
            BatchNorm or LayerNorm or InstanceNorm or GroupNorm or LocalResponseNorm or Softmax => NormalisationShapes.Infer(node, x, weights),
            PointwiseActivation or Cast or Dropout or Binary or Where or Add => ElementwiseShapes.Infer(node, x, shapes),
            MaxPool or AveragePool or GlobalAveragePool or GlobalMaxPool => PoolShapes.Infer(node, x),
            Reduce or ArgExtreme or TopK => ReductionShapes.Infer(node, x),
            Flatten or Reshape or Transpose or Expand or DepthToSpace or SpaceToDepth => ArrangementShapes.Infer(node, x),
            Concat concat => SelectionShapes.OfConcat(concat, [.. concat.Operands.Select(o => shapes[o])]),
            Slice or Pad or Gather => SelectionShapes.Infer(node, x),
            GatherAt gather => SelectionShapes.OfGatherAt(gather, x, shapes[gather.Indices]),
            Resize resize => SelectionShapes.OfResize(resize, x),
            _ => throw Wrong(node, "has no shape rule"),
        };
    }

    /// <summary>A shape of dimensions that arithmetic made, refused in the node's name where it cannot be.</summary>
    public static TensorShape Shape(Node node, params ReadOnlySpan<long> dims)
    {
        int[] narrow = new int[dims.Length];
        long elements = 1;
        for (int i = 0; i < dims.Length; i++)
        {
            bool isBatch = i == 0 && dims[i] == TensorShape.Symbolic;
            elements = isBatch ? elements : dims[i] is < 1 or > int.MaxValue ? long.MaxValue : elements * dims[i];
            if (elements > int.MaxValue)
            {
                throw Wrong(node, $"would write {string.Join('×', dims.ToArray().Select(d => d == TensorShape.Symbolic ? "N" : $"{d}"))}; dimensions are positive, and a tensor has at most {int.MaxValue} elements");
            }

            narrow[i] = (int)dims[i];
        }

        return new TensorShape(narrow);
    }

    /// <summary>The dimensions for arithmetic.</summary>
    public static long[] Wide(TensorShape shape) => [.. shape.Dims.Select(d => (long)d)];

    /// <summary>An error of a node: "layer 'x' (Operator) …".</summary>
    public static GraphException Wrong(Node node, string what) => new($"layer '{node.Name}' ({node.Operator}) {what}");
}
