using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>Functions of single elements.</summary>
internal static class ElementwiseEvaluation
{
    /// <summary>A function of one operand.</summary>
    public static double[] Run(Node node, double[] x)
    {
        double[] y = new double[x.Length];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = node switch
            {
                PointwiseActivation activation => activation.Apply(x[i]),
                Cast cast => Converted(x[i], cast.To),
                _ => throw new GraphException($"layer '{node.Name}' ({node.Operator}) cannot be evaluated"),
            };
        }

        return y;
    }

    /// <summary>A function of two or three operands, broadcast.</summary>
    public static double[] Run(Node node, ReadOnlySpan<Operand> inputs, TensorShape result)
    {
        double[][] operands = new double[inputs.Length][];
        for (int i = 0; i < operands.Length; i++)
        {
            operands[i] = Broadcast(inputs[i], result);
        }

        double[] y = new double[result.ElementCount];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = node switch
            {
                Add => operands[0][i] + operands[1][i],
                Binary binary => BinaryFunctions.Apply(binary.Function, operands[0][i], operands[1][i]),
                _ => operands[0][i] != 0 ? operands[1][i] : operands[2][i],
            };
        }

        return y;
    }

    private static double[] Broadcast(Operand operand, TensorShape result) => operand.Shape == result
        ? operand.Values
        : ElementMap.Apply(ElementMap.Of(new Expand("", "", "", result), operand.Shape)!, operand.Values, 0);

    private static double Converted(double x, ElementType to) => to switch
    {
        ElementType.Bool => x != 0 ? 1 : 0,
        ElementType.Int64 => (long)x,
        ElementType.Int32 => unchecked((int)(long)x),
        ElementType.Int16 => unchecked((short)(long)x),
        ElementType.Int8 => unchecked((sbyte)(long)x),
        ElementType.UInt64 => x < 0 ? unchecked((ulong)(long)x) : (ulong)x,
        ElementType.UInt32 => unchecked((uint)(long)x),
        ElementType.UInt16 => unchecked((ushort)(long)x),
        ElementType.UInt8 => unchecked((byte)(long)x),
        _ => x,
    };
}
