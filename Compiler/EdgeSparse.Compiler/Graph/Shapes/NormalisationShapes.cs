namespace EdgeSparse.Compiler.Graphs;

/// <summary>Layers that rescale their input keep its shape; their parameters must fit it.</summary>
internal static class NormalisationShapes
{
    public static TensorShape Infer(Node node, TensorShape x, IReadOnlyDictionary<string, Weight> weights)
    {
        switch (node)
        {
            case Softmax softmax:
                Require(node, softmax.Axis >= -x.Rank && softmax.Axis < x.Rank, $"has the axis {softmax.Axis} for an input of shape {x}");
                Require(node, x[softmax.Axis < 0 ? softmax.Axis + x.Rank : softmax.Axis] != TensorShape.Symbolic, $"is over the open batch of {x}");
                break;
            case BatchNorm:
                Require(node, x.Rank >= 2, $"needs an input with a channel dimension, got {x}");
                CheckChannels(node, x, weights);
                break;
            case InstanceNorm norm:
                Require(node, x.Rank >= 3, $"needs an input N×C×…, got {x}");
                CheckEpsilon(node, norm.Epsilon);
                CheckChannels(node, x, weights);
                break;
            case GroupNorm norm:
                Require(node, x.Rank >= 2, $"needs an input with a channel dimension, got {x}");
                Require(node, norm.Groups >= 1 && x[1] % norm.Groups == 0, $"has {norm.Groups} groups for {x[1]} channels");
                CheckEpsilon(node, norm.Epsilon);
                CheckChannels(node, x, weights);
                break;
            case LayerNorm norm:
                CheckLayer(norm, x, weights);
                break;
            case LocalResponseNorm norm:
                Require(node, x.Rank >= 2, $"needs an input with a channel dimension, got {x}");
                Require(node, norm.Size >= 1, $"has a window of {norm.Size} channels");
                Require(
                    node, float.IsFinite(norm.Alpha) && float.IsFinite(norm.Beta) && float.IsFinite(norm.Bias),
                    $"has alpha = {norm.Alpha}, beta = {norm.Beta} and bias = {norm.Bias}; they must be finite");
                break;
        }

        return x;
    }

    private static void CheckLayer(LayerNorm node, TensorShape x, IReadOnlyDictionary<string, Weight> weights)
    {
        Require(node, node.Axis >= (x.IsBatchSymbolic ? 1 : 0) && node.Axis < x.Rank, $"has the axis {node.Axis} for an input of shape {x}");
        CheckEpsilon(node, node.Epsilon);
        TensorShape rest = new(x.Dims.AsSpan()[node.Axis..]);
        foreach (string name in node.WeightNames)
        {
            Require(node, weights[name].Shape == rest, $"has '{name}' of shape {weights[name].Shape} for the dimensions {rest}");
        }
    }

    private static void CheckChannels(Node node, TensorShape x, IReadOnlyDictionary<string, Weight> weights)
    {
        foreach (string name in node.WeightNames)
        {
            TensorShape shape = weights[name].Shape;
            Require(node, shape.Rank == 1 && shape[0] == x[1], $"has '{name}' of shape {shape} for {x[1]} channels");
        }
    }

    private static void CheckEpsilon(Node node, float epsilon) =>
        Require(node, epsilon >= 0f && float.IsFinite(epsilon), $"has epsilon = {epsilon}; it must not be negative");

    private static void Require(Node node, bool holds, string otherwise)
    {
        if (!holds)
        {
            throw ShapeInference.Wrong(node, otherwise);
        }
    }
}
