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
            Linear linear => InferLinear(weights, linear, x),
            Conv2d conv => InferConv(weights, conv, x),
            ConvTranspose2d conv => InferConvTranspose(weights, conv, x),
            BatchNorm norm => InferBatchNorm(weights, norm, x),
            LeakyRelu { Alpha: var alpha } when !float.IsFinite(alpha) => throw Wrong(node, $"has alpha = {alpha}; it must be finite"),
            Clip { Min: float.NaN } or Clip { Max: float.NaN } => throw Wrong(node, "has a bound that is no number"),
            PointwiseActivation or Dropout => x,
            Softmax softmax => softmax.Axis >= -x.Rank && softmax.Axis < x.Rank
                ? x
                : throw Wrong(node, $"has the axis {softmax.Axis} for an input of shape {x}"),
            Add add => shapes[add.Left] == shapes[add.Right]
                ? x
                : throw Wrong(node, $"adds the shapes {shapes[add.Left]} and {shapes[add.Right]}, which differ"),
            Flatten flatten => InferFlatten(flatten, x),
            MaxPool pool => InferPool(node, pool.Window, pool.CeilMode, x),
            AveragePool pool => InferPool(node, pool.Window, pool.CeilMode, x),
            GlobalAveragePool => x.Rank == 4 ? new TensorShape(x[0], x[1], 1, 1) : throw Wrong(node, $"needs an input N×C×H×W, got {x}"),
            _ => throw Wrong(node, "has no shape rule"),
        };
    }

    private static TensorShape InferLinear(IReadOnlyDictionary<string, Weight> weights, Linear node, TensorShape x)
    {
        TensorShape weight = weights[node.Weight].Shape;
        if (weight.Rank != 2)
        {
            throw Wrong(node, $"needs a weight out×in, got {weight}");
        }

        if (x.Rank < 1 || x[x.Rank - 1] != weight[1])
        {
            throw Wrong(node, $"has {weight[1]} inputs, but its input has the shape {x}");
        }

        CheckBias(weights, node, node.Bias, weight[0]);
        int[] dims = [.. x.Dims];
        dims[^1] = weight[0];
        return new TensorShape(dims);
    }

    private static TensorShape InferConv(IReadOnlyDictionary<string, Weight> weights, Conv2d node, TensorShape x)
    {
        TensorShape weight = weights[node.Weight].Shape;
        Window2d window = node.Window;
        CheckKernel(node, x, weight, window);
        if (node.Groups < 1 || x[1] != weight[1] * node.Groups || weight[0] % node.Groups != 0)
        {
            throw Wrong(node, $"has {node.Groups} groups and the weight {weight}, which do not fit {x[1]} input channels");
        }

        CheckBias(weights, node, node.Bias, weight[0]);
        CheckWindow(node, window);
        return Windowed(node, x, weight[0], window.OutputRows(x[2]), window.OutputColumns(x[3]));
    }

    private static TensorShape InferConvTranspose(IReadOnlyDictionary<string, Weight> weights, ConvTranspose2d node, TensorShape x)
    {
        TensorShape weight = weights[node.Weight].Shape;
        Window2d window = node.Window;
        CheckKernel(node, x, weight, window);
        if (node.Groups < 1 || x[1] != weight[0] || weight[0] % node.Groups != 0)
        {
            throw Wrong(node, $"has {node.Groups} groups and the weight {weight}, which do not fit {x[1]} input channels");
        }

        if ((long)weight[1] * node.Groups > int.MaxValue)
        {
            throw Wrong(node, $"has {node.Groups} groups of {weight[1]} outputs, which are too many");
        }

        CheckBias(weights, node, node.Bias, weight[1] * node.Groups);
        CheckWindow(node, window);
        if (node.OutputPadY < 0 || node.OutputPadY >= Math.Max(window.StrideY, window.DilationY)
            || node.OutputPadX < 0 || node.OutputPadX >= Math.Max(window.StrideX, window.DilationX))
        {
            throw Wrong(node, $"has the output padding {node.OutputPadY}×{node.OutputPadX}; it must be below the larger of stride and dilation");
        }

        int rows = window.TransposedRows(x[2], node.OutputPadY);
        int columns = window.TransposedColumns(x[3], node.OutputPadX);
        return rows > 0 && columns > 0
            ? new TensorShape(x[0], weight[1] * node.Groups, rows, columns)
            : throw Wrong(node, $"has a padding that leaves nothing of its output for the input {x}");
    }

    private static TensorShape InferBatchNorm(IReadOnlyDictionary<string, Weight> weights, BatchNorm node, TensorShape x)
    {
        if (x.Rank < 2)
        {
            throw Wrong(node, $"needs an input with a channel dimension, got {x}");
        }

        foreach (string name in node.WeightNames)
        {
            TensorShape shape = weights[name].Shape;
            if (shape.Rank != 1 || shape[0] != x[1])
            {
                throw Wrong(node, $"has '{name}' of shape {shape} for {x[1]} channels");
            }
        }

        return x;
    }

    private static TensorShape InferFlatten(Flatten node, TensorShape x)
    {
        int axis = node.Axis < 0 ? node.Axis + x.Rank : node.Axis;
        if (x.Rank == 0)
        {
            throw Wrong(node, "needs an input with a batch dimension, got a scalar");
        }

        if (axis != 1)
        {
            throw Wrong(node, $"has the axis {node.Axis}; only 1 is supported, so that a sample stays in its row");
        }

        return new TensorShape(x[0], x.ElementCount / (x.IsBatchSymbolic ? 1 : x[0]));
    }

    private static TensorShape InferPool(Node node, Window2d window, bool ceilMode, TensorShape x)
    {
        if (x.Rank != 4)
        {
            throw Wrong(node, $"needs an input N×C×H×W, got {x}");
        }

        CheckWindow(node, window);
        long rows = ((long)window.DilationY * (window.KernelY - 1)) + 1;
        long columns = ((long)window.DilationX * (window.KernelX - 1)) + 1;
        if (window.PadTop >= rows || window.PadBottom >= rows || window.PadLeft >= columns || window.PadRight >= columns)
        {
            throw Wrong(node, "has a padding as large as its window, so that some windows would hold only padding");
        }

        return Windowed(node, x, x[1], window.OutputRows(x[2], ceilMode), window.OutputColumns(x[3], ceilMode));
    }

    private static TensorShape Windowed(Node node, TensorShape x, int channels, int rows, int columns) =>
        rows > 0 && columns > 0
            ? new TensorShape(x[0], channels, rows, columns)
            : throw Wrong(node, $"has a window larger than its padded input {x}");

    private static void CheckKernel(Node node, TensorShape x, TensorShape weight, Window2d window)
    {
        if (x.Rank != 4 || weight.Rank != 4)
        {
            throw Wrong(node, $"needs an input N×C×H×W and a weight of rank 4, got {x} and {weight}");
        }

        if (weight[2] != window.KernelY || weight[3] != window.KernelX)
        {
            throw Wrong(node, $"has a window of {window.KernelY}×{window.KernelX}, but its weight has the shape {weight}");
        }
    }

    private static void CheckWindow(Node node, Window2d window)
    {
        if (window.KernelY < 1 || window.KernelX < 1 || window.StrideY < 1 || window.StrideX < 1
            || window.DilationY < 1 || window.DilationX < 1
            || window.PadTop < 0 || window.PadLeft < 0 || window.PadBottom < 0 || window.PadRight < 0)
        {
            throw Wrong(node, "has a window with a kernel, stride or dilation below 1 or a negative padding");
        }
    }

    private static void CheckBias(IReadOnlyDictionary<string, Weight> weights, Node node, string? bias, int outputs)
    {
        if (bias is not null)
        {
            TensorShape shape = weights[bias].Shape;
            if (shape.Rank != 1 || shape[0] != outputs)
            {
                throw Wrong(node, $"has a bias of shape {shape} for {outputs} outputs");
            }
        }
    }

    private static GraphException Wrong(Node node, string what) => new($"layer '{node.Name}' ({node.Operator}) {what}");
}
