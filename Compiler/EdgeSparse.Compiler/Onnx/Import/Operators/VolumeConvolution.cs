using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>
/// Conv over three dimensions, N×C×D×H×W: each plane of the output is a two-dimensional convolution of the planes of the input that
/// the kernel reaches, taken as further channels. All have one weight, [out, in/groups·kd, kh, kw].
/// </summary>
internal static class VolumeConvolution
{
    /// <summary>Planes of an output: each is a layer.</summary>
    public const int MostPlanes = 1024;

    /// <param name="node">The Conv; its output is written.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="weight">[out, in/groups, kd, kh, kw].</param>
    /// <param name="axes">The window over depth, rows and columns.</param>
    /// <param name="groups">As in <see cref="Conv2d"/>.</param>
    /// <param name="bias">The name of a weight, or null.</param>
    public static void Emit(
        OnnxNode node, GraphImport graph, ConstantTensor weight, ImmutableArray<WindowAxis> axes, int groups, string? bias)
    {
        string x = Padded(node, graph, axes[0]);
        TensorShape shape = graph.ShapeOf(x);
        int kernel = axes[0].Kernel;
        int planes = WindowAxis.Of(axes[0] with { PadBefore = 0, PadAfter = 0 }, WindowAxis.Pixel).OutputRows(shape[2]);
        CheckPlanes(node, planes);
        string w = graph.AddWeight(
            node, node.Input(1), Shape(node, weight.Dims[0], (long)weight.Dims[1] * kernel, weight.Dims[3], weight.Dims[4]), weight.Floats());
        Join(node, graph, planes, plane =>
        {
            ImmutableArray<SliceRange> ranges = [.. shape.Dims.Select(SliceRange.Whole)];
            ranges = ranges.SetItem(2, new SliceRange(plane * axes[0].Stride, axes[0].Dilation, kernel));
            string reached = graph.Step(node, $"reach{plane}", (name, output) => new Slice(name, x, output, ranges));
            string stacked = SpatialDimensions.Reshaped(
                node, graph, $"stack{plane}", reached, Shape(node, shape[0], (long)shape[1] * kernel, shape[3], shape[4]));
            return graph.Step(
                node, $"plane{plane}", (name, output) => new Conv2d(name, stacked, output, w, bias, WindowAxis.Of(axes[1], axes[2]), groups));
        });
    }

    /// <exception cref="OnnxFormatException">There are none, or too many.</exception>
    public static void CheckPlanes(OnnxNode node, int planes)
    {
        if (planes is < 1 or > MostPlanes)
        {
            throw node.Fail($"has an output of {planes} planes; supported are 1 to {MostPlanes}");
        }
    }

    /// <summary>Writes planes N×C×H×W to the node's output, one behind the other.</summary>
    public static void Join(OnnxNode node, GraphImport graph, int planes, Func<int, string> make)
    {
        var joined = ImmutableArray.CreateBuilder<string>(planes);
        for (int i = 0; i < planes; i++)
        {
            string plane = make(i);
            TensorShape flat = graph.ShapeOf(plane);
            TensorShape deep = new(flat[0], flat[1], 1, flat[2], flat[3]);
            if (planes == 1)
            {
                graph.Emit(node, name => new Reshape(name, plane, node.Output, deep));
                return;
            }

            joined.Add(SpatialDimensions.Reshaped(node, graph, $"volume{i}", plane, deep));
        }

        graph.Emit(node, name => new Concat(name, joined.MoveToImmutable(), node.Output, 2));
    }

    public static TensorShape Shape(OnnxNode node, int first, long channels, int rows, int columns) => channels <= int.MaxValue
        ? new TensorShape(first, (int)channels, rows, columns)
        : throw node.Fail($"has planes of {channels} channels, which are too many");

    private static string Padded(OnnxNode node, GraphImport graph, WindowAxis depth)
    {
        string x = graph.Activation(node, 0);
        return depth is { PadBefore: 0, PadAfter: 0 }
            ? x
            : graph.Step(node, "pad", (name, output) => new Pad(
                name, x, output, [0, 0, depth.PadBefore, 0, 0], [0, 0, depth.PadAfter, 0, 0], PadMode.Constant));
    }
}
