namespace EdgeSparse.Compiler.Graphs;

/// <summary>Computes one node in double precision.</summary>
internal static class NodeEvaluation
{
    /// <param name="node">Any node.</param>
    /// <param name="inputs">Its operands in the order of <see cref="Node.Inputs"/>, shapes fixed.</param>
    /// <param name="result">The shape it writes, fixed.</param>
    /// <param name="weightOf">Weights by name.</param>
    public static double[] Run(Node node, ReadOnlySpan<Operand> inputs, TensorShape result, Func<string, Weight> weightOf)
    {
        if (node is Constant constant)
        {
            return Doubles(weightOf(constant.Weight));
        }

        if (node is Concat concat)
        {
            return Joined(concat, inputs);
        }

        Operand x = inputs[0];
        if (ElementMap.Of(node, x.Shape) is { } map)
        {
            return ElementMap.Apply(map, x.Values, node is Pad pad ? pad.Value : 0);
        }

        return node switch
        {
            Flatten or Reshape or Dropout => x.Values,
            PointwiseActivation or Cast => ElementwiseEvaluation.Run(node, x.Values),
            Add or Binary or Where => ElementwiseEvaluation.Run(node, inputs, result),
            Linear linear => ProductEvaluation.Run(linear, x, result, weightOf),
            Conv2d conv => ProductEvaluation.Run(conv, x, result, weightOf),
            ConvTranspose2d conv => ProductEvaluation.Run(conv, x, result, weightOf),
            MatMul => ProductEvaluation.MatMul(x, inputs[1], result),
            MaxPool or AveragePool or GlobalAveragePool or GlobalMaxPool => PoolEvaluation.Run(node, x, result),
            BatchNorm or LayerNorm or InstanceNorm or GroupNorm or LocalResponseNorm or Softmax => NormalisationEvaluation.Run(node, x, weightOf),
            Reduce or ArgExtreme or TopK => ReductionEvaluation.Run(node, x, result),
            GatherAt gather => Gathered(gather, x, inputs[1]),
            Resize resize => ResizeEvaluation.Run(resize, x),
            _ => throw new GraphException($"layer '{node.Name}' ({node.Operator}) cannot be evaluated"),
        };
    }

    public static double[] Doubles(Weight weight)
    {
        double[] values = new double[weight.ElementCount];
        ReadOnlySpan<float> floats = weight.Values.Span;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = floats[i];
        }

        return values;
    }

    private static double[] Gathered(GatherAt node, Operand x, Operand indices)
    {
        int length = x.Shape[node.Axis];
        int[] places =
        [
            .. indices.Values.Select(i => i >= -length && i < length
                ? (int)(i < 0 ? i + length : i)
                : throw ShapeInference.Wrong(node, $"was given the index {i} into {length} elements")),
        ];
        return ElementMap.Apply(
            ElementMap.Of(new Gather(node.Name, node.Input, node.Output, node.Axis, [.. places], indices.Shape), x.Shape)!, x.Values, 0);
    }

    private static double[] Joined(Concat node, ReadOnlySpan<Operand> inputs)
    {
        TensorShape[] shapes = new TensorShape[inputs.Length];
        double[][] values = new double[inputs.Length][];
        for (int i = 0; i < inputs.Length; i++)
        {
            shapes[i] = inputs[i].Shape;
            values[i] = inputs[i].Values;
        }

        return ElementMap.Join(shapes, node.Axis, values);
    }
}
