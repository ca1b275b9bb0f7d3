using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>
/// Computes nodes whose operands are all constant. Integers that only move stay exact; in arithmetic they are exact to 2⁵³, and
/// beyond refused.
/// </summary>
/// <param name="weights">The graph's weights, and how much may be computed.</param>
internal sealed class ConstantFolding(WeightTable weights)
{
    // Seconds of one core: what a network computes of its constants is far below.
    private const double MostProducts = 1L << 30;

    /// <param name="source">Whom messages blame.</param>
    /// <param name="node">The node.</param>
    /// <param name="operands">Its operands; none is empty.</param>
    /// <param name="shape">What it writes.</param>
    /// <param name="type">The element type that it writes.</param>
    public ConstantTensor Run(OnnxNode source, Node node, ConstantTensor[] operands, TensorShape shape, ElementType type)
    {
        if (node is Reshape or Flatten or Dropout)
        {
            return operands[0].Reshaped(shape.Dims);
        }

        CheckWork(source, node, operands, shape);
        weights.CountComputed(source, shape.ElementCount);
        if (Moved(node, operands, shape, type) is { } moved)
        {
            return moved;
        }

        if (operands.Any(o => o.DependsOnBatch()))
        {
            return WithOpenBatch(node, operands, shape, type)
                ?? throw source.Fail("computes with the open batch dimension; give a whole input shape (--input-shape)");
        }

        Operand[] inputs = [.. operands.Select(o => new Operand(o.Shape, Exact(source, o)))];
        double[] values = NodeEvaluation.Run(node, inputs, shape, name => weights.All[name]);
        return ElementTypes.IsFloat(type)
            ? ConstantTensor.Of(shape.Dims, type, Array.ConvertAll(values, v => (float)v))
            : ConstantTensor.Of(shape.Dims, type, Array.ConvertAll(values, v => (long)v));
    }

    /// <summary>The result of a node that only moves elements, else null.</summary>
    private static ConstantTensor? Moved(Node node, ConstantTensor[] operands, TensorShape shape, ElementType type)
    {
        if (node is Concat concat)
        {
            TensorShape[] shapes = [.. operands.Select(o => o.Shape)];
            return ElementTypes.IsFloat(type)
                ? ConstantTensor.Of(shape.Dims, type, ElementMap.Join(shapes, concat.Axis, [.. operands.Select(o => o.Floats())]))
                : ConstantTensor.Of(shape.Dims, type, ElementMap.Join(shapes, concat.Axis, [.. operands.Select(o => o.Integers())]));
        }

        if (ElementMap.Of(node, operands[0].Shape) is not { } map)
        {
            return null;
        }

        float padding = node is Pad pad ? pad.Value : 0;
        return ElementTypes.IsFloat(type)
            ? ConstantTensor.Of(shape.Dims, type, ElementMap.Apply(map, operands[0].Floats(), padding))
            : ConstantTensor.Of(shape.Dims, type, ElementMap.Apply(map, operands[0].Integers(), (long)padding));
    }

    /// <summary>
    /// What exporters do with shapes of an open batch before they reshape or expand by them: change the type, ask which dimensions
    /// are −1, and choose. Null for everything else.
    /// </summary>
    private static ConstantTensor? WithOpenBatch(Node node, ConstantTensor[] operands, TensorShape shape, ElementType type)
    {
        switch (node)
        {
            case Cast when type is ElementType.Int64 or ElementType.Int32:
                return ConstantTensor.Of(shape.Dims, type, operands[0].Integers());
            case Where when !ElementTypes.IsFloat(type) && !operands[0].DependsOnBatch():
                long[] condition = Broadcast(operands[0], shape);
                long[] left = Broadcast(operands[1], shape);
                long[] right = Broadcast(operands[2], shape);
                return ConstantTensor.Of(shape.Dims, type, [.. condition.Select((c, i) => c != 0 ? left[i] : right[i])]);
            case Binary { Function: BinaryFunction.Equal }:
                long[] x = Broadcast(operands[0], shape);
                long[] y = Broadcast(operands[1], shape);
                bool isKnown = x.Zip(y).All(p => Known(p.First, p.Second) && Known(p.Second, p.First));
                return isKnown ? ConstantTensor.Of(shape.Dims, type, [.. x.Zip(y, (a, b) => a == b ? 1L : 0L)]) : null;
            default:
                return null;
        }
    }

    /// <summary>Whether it is known if two numbers are equal: a batch is equal to itself and to no negative number.</summary>
    private static bool Known(long x, long y) => x != ConstantTensor.OpenBatch || y < 0;

    private static long[] Broadcast(ConstantTensor operand, TensorShape shape) =>
        ElementMap.Apply(ElementMap.Of(new Expand("", "", "", shape), operand.Shape)!, operand.Integers(), 0L);

    private static double[] Exact(OnnxNode source, ConstantTensor operand)
    {
        double[] values = operand.Doubles();
        return operand.IsFloat || values.All(v => Math.Abs(v) <= 1L << 53)
            ? values
            : throw source.Fail("computes with an integer beyond 2^53, which is not supported");
    }

    private void CheckWork(OnnxNode source, Node node, ConstantTensor[] operands, TensorShape shape)
    {
        double each = node switch
        {
            WeightedLayer layer => weights.All[layer.Weight].ElementCount / (double)weights.All[layer.Weight].Shape[0],
            MatMul => operands[0].Dims[^1],
            MaxPool pool => pool.Window.KernelY * (double)pool.Window.KernelX,
            AveragePool pool => pool.Window.KernelY * (double)pool.Window.KernelX,
            LocalResponseNorm norm => norm.Size,
            _ => 1,
        };
        double work = node is ConvTranspose2d ? each * operands[0].ElementCount : each * shape.ElementCount;
        if (work > MostProducts)
        {
            throw source.Fail($"computes a constant of {work:E0} products, which is more than is done at import");
        }
    }
}
