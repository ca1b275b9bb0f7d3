namespace EdgeSparse.Compiler.Graphs;

/// <summary>Shapes of pools, and what all sliding windows must keep to.</summary>
internal static class PoolShapes
{
    public static TensorShape Infer(Node node, TensorShape x)
    {
        if (x.Rank != 4)
        {
            throw ShapeInference.Wrong(node, $"needs an input N×C×H×W, got {x}");
        }

        return node switch
        {
            MaxPool pool => Pooled(node, pool.Window, pool.CeilMode, x),
            AveragePool pool => Pooled(node, pool.Window, pool.CeilMode, x),
            _ => new TensorShape(x[0], x[1], 1, 1),
        };
    }

    public static TensorShape Windowed(Node node, TensorShape x, int channels, int rows, int columns) =>
        rows > 0 && columns > 0
            ? ShapeInference.Shape(node, x[0], channels, rows, columns)
            : throw ShapeInference.Wrong(node, $"has a window larger than its padded input {x}");

    public static void CheckWindow(Node node, Window2d window)
    {
        if (window.KernelY < 1 || window.KernelX < 1 || window.StrideY < 1 || window.StrideX < 1
            || window.DilationY < 1 || window.DilationX < 1
            || window.PadTop < 0 || window.PadLeft < 0 || window.PadBottom < 0 || window.PadRight < 0)
        {
            throw ShapeInference.Wrong(node, "has a window with a kernel, stride or dilation below 1 or a negative padding");
        }
    }

    private static TensorShape Pooled(Node node, Window2d window, bool ceilMode, TensorShape x)
    {
        CheckWindow(node, window);
        long rows = ((long)window.DilationY * (window.KernelY - 1)) + 1;
        long columns = ((long)window.DilationX * (window.KernelX - 1)) + 1;
        if (window.PadTop >= rows || window.PadBottom >= rows || window.PadLeft >= columns || window.PadRight >= columns)
        {
            throw ShapeInference.Wrong(node, "has a padding as large as its window, so that some windows would hold only padding");
        }

        return Windowed(node, x, x[1], window.OutputRows(x[2], ceilMode), window.OutputColumns(x[3], ceilMode));
    }
}
