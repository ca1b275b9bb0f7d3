using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>InstanceNormalization.</summary>
internal sealed class InstanceNormalizationImport : OperatorImport
{
    public override string Operator => "InstanceNormalization";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        float epsilon = node.Float("epsilon", 1e-5f);
        string scale = ChannelVector.Add(node, graph, 1, "scale");
        string shift = ChannelVector.Add(node, graph, 2, "bias");
        graph.Emit(node, name => new InstanceNorm(name, x, node.Output, scale, shift, epsilon));
    }
}

/// <summary>GroupNormalization: until opset 20 one scale and bias a group, from 21 on one a channel.</summary>
internal sealed class GroupNormalizationImport : OperatorImport
{
    public override string Operator => "GroupNormalization";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        float epsilon = node.Float("epsilon", 1e-5f);
        node.Ignore("stash_type");
        int channels = graph.ShapeOf(x).Rank >= 2 ? graph.ShapeOf(x)[1] : throw node.Fail($"needs an input N×C×…, got {graph.ShapeOf(x)}");
        int groups = node.Integer("num_groups", 0, 1, channels);
        string scale = Vector(node, graph, 1, "scale", channels, groups);
        string shift = Vector(node, graph, 2, "bias", channels, groups);
        graph.Emit(node, name => new GroupNorm(name, x, node.Output, scale, shift, groups, epsilon));
    }

    private static string Vector(OnnxNode node, GraphImport graph, int input, string what, int channels, int groups)
    {
        ConstantTensor constant = graph.Constant(node, input, what);
        if (node.Opset >= 21 || constant.ElementCount != groups || channels % groups != 0)
        {
            return ChannelVector.Add(node, graph, input, what);
        }

        float[] values = constant.Floats();
        float[] spread = [.. Enumerable.Range(0, channels).Select(c => values[c / (channels / groups)])];
        return graph.AddWeight(node, node.Input(input), new TensorShape(channels), spread);
    }
}

/// <summary>LayerNormalization.</summary>
internal sealed class LayerNormalizationImport : OperatorImport
{
    public override string Operator => "LayerNormalization";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        int axis = node.Axis("axis", -1, shape.Rank);
        float epsilon = node.Float("epsilon", 1e-5f);
        node.Ignore("stash_type");
        if (shape[axis] == TensorShape.Symbolic)
        {
            throw node.Fail($"is over the open batch of {shape}, which is not supported; give a whole input shape");
        }

        TensorShape rest = new(shape.Dims.AsSpan()[axis..]);
        string scale = Spread(node, graph, 1, "scale", rest);
        string? shift = node.HasInput(2) ? Spread(node, graph, 2, "bias", rest) : null;
        graph.Emit(node, name => new LayerNorm(name, x, node.Output, scale, shift, axis, epsilon));
    }

    private static string Spread(OnnxNode node, GraphImport graph, int input, string what, TensorShape rest)
    {
        ConstantTensor constant = graph.Constant(node, input, what);
        float[] values = constant.Floats();
        if (values.Length == rest.ElementCount)
        {
            return graph.AddWeight(node, node.Input(input), rest, values);
        }

        if (values.Length == 0 || Broadcasting.Of(constant.Shape, rest) != rest)
        {
            throw node.Fail($"has a {what} {ConstantTensor.Describe(constant.Dims)} for the dimensions {rest}");
        }

        int[] map = ElementMap.Of(new Expand(node.Name, "", "", rest), constant.Shape)!;
        return graph.AddWeight(node, node.Input(input), rest, ElementMap.Apply(map, values, 0f));
    }
}

/// <summary>LRN.</summary>
internal sealed class LrnImport : OperatorImport
{
    public override string Operator => "LRN";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        int size = node.Integer("size", 0, 1, int.MaxValue / 2);
        float alpha = node.Float("alpha", 1e-4f);
        float beta = node.Float("beta", 0.75f);
        float bias = node.Float("bias", 1f);
        graph.Emit(node, name => new LocalResponseNorm(name, x, node.Output, size, alpha, beta, bias));
    }
}

/// <summary>Constants of one value a channel.</summary>
internal static class ChannelVector
{
    /// <summary>Makes a weight of an input of a node.</summary>
    public static string Add(OnnxNode node, GraphImport graph, int input, string what)
    {
        ConstantTensor constant = graph.Constant(node, input, what);
        return constant.Dims.Length == 1 && constant.ElementCount > 0
            ? graph.AddWeight(node, node.Input(input), new TensorShape(constant.Dims.AsSpan()), constant.Floats())
            : throw node.Fail($"has a {what} {ConstantTensor.Describe(constant.Dims)}; it must have one value a channel");
    }
}
