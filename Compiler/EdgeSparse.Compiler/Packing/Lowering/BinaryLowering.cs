using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Functions of two values: element by element in any layout where the shapes agree or one operand has an element a channel, a
/// scale and shift where that is a constant, else planar with the operands repeated.
/// </summary>
internal static class BinaryLowering
{
    /// <summary>Vectors longer than this are no channels worth a scale each.</summary>
    private const int MostScalars = 4096;

    public static ElementFunction FunctionOf(BinaryFunction function) => Enum.Parse<ElementFunction>(function.ToString());

    public static void Lower(Lowering to, Node node, string left, string right, ElementFunction function)
    {
        TensorShape shape = to.ShapeOf(node);
        if (to.ShapeOf(left) == to.ShapeOf(right))
        {
            LowerSame(to, node, left, right, function);
            return;
        }

        // What is repeated goes to the right where the function lets it.
        if (to.ShapeOf(left) != shape && to.ShapeOf(right) == shape && Swapped(function) is { } swapped)
        {
            (left, right, function) = (right, left, swapped);
        }

        if (AffineOf(to, node, shape, left, right, function) is { } affine)
        {
            to.Emit(affine, shape, node.Name);
        }
        else if (to.ShapeOf(left) == shape && HasOneAChannel(to.ShapeOf(right), shape))
        {
            to.Emit(new BinaryStep(node.Name, to.Get(left), to.Get(right), node.Output, function, IsPerChannel: true), shape, node.Name);
        }
        else
        {
            int[] dims = StepParameters.Broadcast(node.Name, shape.Dims, to.ShapeOf(left).Dims, to.ShapeOf(right).Dims);
            PlanarStep step = new(
                node.Name, [to.Get(left), to.Get(right)], node.Output, OperationKind.Binary, StepParameters.Of(dims))
            {
                Function = (uint)function,
            };
            to.Emit(step, shape, node.Name);
        }
    }

    public static void Lower(Lowering to, Where node)
    {
        TensorShape shape = to.ShapeOf(node);
        int[] dims = StepParameters.Broadcast(node.Name, shape.Dims, [.. node.Inputs.Select(i => to.ShapeOf(i).Dims)]);
        to.Emit(
            new PlanarStep(node.Name, [.. node.Inputs.Select(to.Get)], node.Output, OperationKind.Select, StepParameters.Of(dims)), shape, node.Name);
    }

    /// <summary>Whether a value has an element a channel of maps of a shape, or is that of a map of one channel.</summary>
    public static bool HasOneAChannel(TensorShape value, TensorShape shape) =>
        shape.Rank is 3 or 4 && shape[0] == 1 && !PlaneShape.Of(shape).IsVector && value.Rank <= shape.Rank
        && value.ElementCount == shape[1]
        && (value.ElementCount == 1 || (value.Rank >= shape.Rank - 1 && value.Dims[^(shape.Rank - 1)] == shape[1]));

    private static void LowerSame(Lowering to, Node node, string left, string right, ElementFunction function)
    {
        void Emit(string name, string x, string y, string output, TensorShape shape)
        {
            Node step = function == ElementFunction.Add
                ? new Add(name, to.Get(x), to.Get(y), output)
                : new BinaryStep(name, to.Get(x), to.Get(y), output, function, IsPerChannel: false);
            to.Emit(step, shape, node.Name);
        }

        if (SampleUnrolling.IsUnrolled(to, left) || SampleUnrolling.IsUnrolled(to, right))
        {
            SampleUnrolling.Apply(to, node, [left, right], s => Emit(s.Name, s.Inputs[0], s.Inputs[1], s.Output, s.Shape));
        }
        else
        {
            Emit(node.Name, left, right, node.Output, to.ShapeOf(node));
        }
    }

    private static ElementFunction? Swapped(ElementFunction function) => function switch
    {
        ElementFunction.Add or ElementFunction.Mul or ElementFunction.Min or ElementFunction.Max or ElementFunction.Equal
            or ElementFunction.And or ElementFunction.Or or ElementFunction.Xor => function,
        ElementFunction.Less => ElementFunction.Greater,
        ElementFunction.Greater => ElementFunction.Less,
        ElementFunction.LessOrEqual => ElementFunction.GreaterOrEqual,
        ElementFunction.GreaterOrEqual => ElementFunction.LessOrEqual,
        _ => null,
    };

    /// <summary>A scale and shift, where one operand is a constant of one number or one a channel; else null.</summary>
    private static AffineStep? AffineOf(Lowering to, Node node, TensorShape shape, string left, string right, ElementFunction function)
    {
        bool isRight = to.ConstantOf(right) is not null && to.ShapeOf(left) == shape;
        (string value, string constant) = isRight ? (left, right) : (right, left);
        if (to.ShapeOf(value) != shape || to.ConstantOf(constant) is not { } weight || ChannelValues(weight, shape) is not { } c)
        {
            return null;
        }

        (float Scale, float Shift)? Of(float x) => function switch
        {
            ElementFunction.Add => (1, x),
            ElementFunction.Mul => (x, 0),
            ElementFunction.Sub => isRight ? (1, -x) : (-1, x),
            ElementFunction.Div when isRight => (1 / x, 0),
            _ => null,
        };
        (float Scale, float Shift)?[] pairs = [.. c.Select(Of)];
        return pairs.All(p => p is { } pair && float.IsFinite(pair.Scale) && float.IsFinite(pair.Shift))
            ? new AffineStep(
                node.Name, to.Get(value), node.Output, weight.Name, [.. pairs.Select(p => p!.Value.Scale)], [.. pairs.Select(p => p!.Value.Shift)])
            : null;
    }

    private static float[]? ChannelValues(Weight weight, TensorShape shape)
    {
        int channels = PlaneShape.Of(shape).Channels;
        if (weight.ElementCount == 1)
        {
            float[] values = new float[channels];
            Array.Fill(values, weight.Values.Span[0]);
            return channels <= MostScalars ? values : null;
        }

        bool isVector = shape.Rank == 2 && shape[0] == 1 && weight.ElementCount == channels && weight.Shape.Dims[^1] == channels;
        return isVector || HasOneAChannel(weight.Shape, shape) ? weight.Values.ToArray() : null;
    }
}
