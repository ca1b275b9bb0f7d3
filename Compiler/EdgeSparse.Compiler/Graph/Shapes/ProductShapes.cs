namespace EdgeSparse.Compiler.Graphs;

/// <summary>Shapes of products with weights and of two activations.</summary>
internal static class ProductShapes
{
    public static TensorShape Infer(WeightedLayer node, TensorShape x, IReadOnlyDictionary<string, Weight> weights)
    {
        TensorShape weight = weights[node.Weight].Shape;
        return node switch
        {
            Linear linear => OfLinear(linear, x, weight, weights),
            Conv2d conv => OfConv(conv, x, weight, weights),
            ConvTranspose2d conv => OfConvTranspose(conv, x, weight, weights),
            _ => throw ShapeInference.Wrong(node, "has no shape rule"),
        };
    }

    public static TensorShape OfMatMul(MatMul node, TensorShape left, TensorShape right)
    {
        if (left.Rank < 2 || right.Rank < 2)
        {
            throw ShapeInference.Wrong(node, $"needs two operands of at least two dimensions, got {left} and {right}");
        }

        int inner = left[left.Rank - 1];
        if (inner != right[right.Rank - 2] || inner == TensorShape.Symbolic)
        {
            throw ShapeInference.Wrong(node, $"multiplies {left} by {right}: {inner} columns do not meet {right[right.Rank - 2]} rows");
        }

        if (right.Rank == 2 && left.IsBatchSymbolic && left.Rank == 2)
        {
            return ShapeInference.Shape(node, TensorShape.Symbolic, right[1]);
        }

        TensorShape batch = Broadcast(node, Leading(left), Leading(right));
        return ShapeInference.Shape(node, [.. ShapeInference.Wide(batch), left[left.Rank - 2], right[right.Rank - 1]]);
    }

    /// <summary>The leading dimensions of a matrix; the last two are not part of the broadcast.</summary>
    private static TensorShape Leading(TensorShape shape) => new(shape.Dims.AsSpan()[..^2]);

    private static TensorShape Broadcast(MatMul node, TensorShape left, TensorShape right) =>
        Broadcasting.Of(left, right)
        ?? throw ShapeInference.Wrong(node, $"has the leading dimensions {left} and {right}, which do not broadcast");

    private static TensorShape OfLinear(Linear node, TensorShape x, TensorShape weight, IReadOnlyDictionary<string, Weight> weights)
    {
        if (weight.Rank != 2)
        {
            throw ShapeInference.Wrong(node, $"needs a weight out×in, got {weight}");
        }

        if (x.Rank < 1 || x[x.Rank - 1] != weight[1])
        {
            throw ShapeInference.Wrong(node, $"has {weight[1]} inputs, but its input has the shape {x}");
        }

        CheckBias(weights, node, weight[0]);
        long[] dims = ShapeInference.Wide(x);
        dims[^1] = weight[0];
        return ShapeInference.Shape(node, dims);
    }

    private static TensorShape OfConv(Conv2d node, TensorShape x, TensorShape weight, IReadOnlyDictionary<string, Weight> weights)
    {
        Window2d window = node.Window;
        CheckKernel(node, x, weight, window);
        if (node.Groups < 1 || x[1] != (long)weight[1] * node.Groups || weight[0] % node.Groups != 0)
        {
            throw ShapeInference.Wrong(node, $"has {node.Groups} groups and the weight {weight}, which do not fit {x[1]} input channels");
        }

        CheckBias(weights, node, weight[0]);
        PoolShapes.CheckWindow(node, window);
        return PoolShapes.Windowed(node, x, weight[0], window.OutputRows(x[2]), window.OutputColumns(x[3]));
    }

    private static TensorShape OfConvTranspose(ConvTranspose2d node, TensorShape x, TensorShape weight, IReadOnlyDictionary<string, Weight> weights)
    {
        Window2d window = node.Window;
        CheckKernel(node, x, weight, window);
        if (node.Groups < 1 || x[1] != weight[0] || weight[0] % node.Groups != 0)
        {
            throw ShapeInference.Wrong(node, $"has {node.Groups} groups and the weight {weight}, which do not fit {x[1]} input channels");
        }

        if ((long)weight[1] * node.Groups > int.MaxValue)
        {
            throw ShapeInference.Wrong(node, $"has {node.Groups} groups of {weight[1]} outputs, which are too many");
        }

        CheckBias(weights, node, weight[1] * node.Groups);
        PoolShapes.CheckWindow(node, window);
        if (node.OutputPadY < 0 || node.OutputPadY >= Math.Max(window.StrideY, window.DilationY)
            || node.OutputPadX < 0 || node.OutputPadX >= Math.Max(window.StrideX, window.DilationX))
        {
            throw ShapeInference.Wrong(node, $"has the output padding {node.OutputPadY}×{node.OutputPadX}; it must be below the larger of stride and dilation");
        }

        int rows = window.TransposedRows(x[2], node.OutputPadY);
        int columns = window.TransposedColumns(x[3], node.OutputPadX);
        return rows > 0 && columns > 0
            ? ShapeInference.Shape(node, x[0], weight[1] * node.Groups, rows, columns)
            : throw ShapeInference.Wrong(node, $"has a padding that leaves nothing of its output for the input {x}");
    }

    private static void CheckKernel(Node node, TensorShape x, TensorShape weight, Window2d window)
    {
        if (x.Rank != 4 || weight.Rank != 4)
        {
            throw ShapeInference.Wrong(node, $"needs an input N×C×H×W and a weight of rank 4, got {x} and {weight}");
        }

        if (weight[2] != window.KernelY || weight[3] != window.KernelX)
        {
            throw ShapeInference.Wrong(node, $"has a window of {window.KernelY}×{window.KernelX}, but its weight has the shape {weight}");
        }
    }

    private static void CheckBias(IReadOnlyDictionary<string, Weight> weights, WeightedLayer node, int outputs)
    {
        if (node.Bias is not null)
        {
            TensorShape shape = weights[node.Bias].Shape;
            if (shape.Rank != 1 || shape[0] != outputs)
            {
                throw ShapeInference.Wrong(node, $"has a bias of shape {shape} for {outputs} outputs");
            }
        }
    }
}
