using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>
/// Resize by tf_crop_and_resize: a part of the input, given in shares of its length, is resampled, and a constant stands where
/// it reaches beyond the input. For each dimension that is a product with a constant matrix and a bias, which the graph has.
/// </summary>
internal static class CropAndResize
{
    // Matrices of this size are far beyond what crops of images need.
    private const long MostElements = 1 << 24;

    public static void Emit(
        OnnxNode node, GraphImport graph, string x, ResizeTarget target, ImmutableArray<int> axes, ResizeMode mode, ResizeRounding rounding)
    {
        float[] region = graph.Constant(node, 1, "roi").Floats();
        float outside = node.Float("extrapolation_value", 0f);
        if (region.Length != 2 * axes.Length || !region.All(float.IsFinite))
        {
            throw node.Fail($"has {region.Length} values in its roi; two finite ones for each of the {axes.Length} dimensions are needed");
        }

        if (mode == ResizeMode.Cubic)
        {
            throw node.Fail("has the mode cubic with tf_crop_and_resize; nearest and linear are supported");
        }

        TensorShape shape = graph.ShapeOf(x);
        string result = x;
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = axes[i];
            (float start, float end) = (region[i], region[axes.Length + i]);
            bool isWhole = start == 0 && end == 1 && target.Shape[axis] == shape[axis];
            if (!isWhole)
            {
                result = Along(node, graph, result, axis, target.Shape[axis], (start, end), outside, mode, rounding);
            }
        }

        if (result == x)
        {
            graph.Alias(node, x);
        }
        else
        {
            graph.Emit(node, "copy", name => new Reshape(name, result, node.Output, graph.ShapeOf(result)));
        }
    }

    private static string Along(
        OnnxNode node, GraphImport graph, string x, int axis, int length, (float Start, float End) region, float outside,
        ResizeMode mode, ResizeRounding rounding)
    {
        TensorShape shape = graph.ShapeOf(x);
        int own = shape[axis];
        if (own == TensorShape.Symbolic || (long)own * length > MostElements)
        {
            throw node.Fail($"crops dimension {axis} of {shape} to {length} elements, which is not supported");
        }

        float[] matrix = new float[own * length];
        float[] bias = new float[length];
        for (int o = 0; o < length; o++)
        {
            double place = length > 1
                ? (region.Start * (own - 1.0)) + (o * (region.End - region.Start) * (own - 1.0) / (length - 1))
                : 0.5 * (region.Start + region.End) * (own - 1);
            if (place < 0 || place > own - 1)
            {
                bias[o] = outside;
                continue;
            }

            int below = (int)Math.Floor(place);
            double share = place - below;
            double upper = mode == ResizeMode.Linear ? share : IsUpper(rounding, share) ? 1 : 0;
            matrix[(o * own) + below] += (float)(1 - upper);
            matrix[(o * own) + Math.Min(below + 1, own - 1)] += (float)upper;
        }

        string weight = graph.AddWeight(node, $"{node.Name}/crop{axis}", new TensorShape(length, own), matrix);
        string shift = graph.AddWeight(node, $"{node.Name}/outside{axis}", new TensorShape(length), bias);
        ImmutableArray<int> swap = [.. Enumerable.Range(0, shape.Rank).Select(d => d == axis ? shape.Rank - 1 : d == shape.Rank - 1 ? axis : d)];
        string last = Swapped(node, graph, x, axis, swap);
        string product = graph.Step(node, $"along{axis}", (name, output) => new Linear(name, last, output, weight, shift));
        return Swapped(node, graph, product, axis, swap);
    }

    private static string Swapped(OnnxNode node, GraphImport graph, string x, int axis, ImmutableArray<int> swap) => axis == swap.Length - 1
        ? x
        : graph.Step(node, $"swap{axis}", (name, output) => new Transpose(name, x, output, swap));

    private static bool IsUpper(ResizeRounding rounding, double share) => rounding switch
    {
        ResizeRounding.RoundPreferFloor => share > 0.5,
        ResizeRounding.RoundPreferCeil => share >= 0.5,
        ResizeRounding.Floor => false,
        _ => share > 0,
    };
}
