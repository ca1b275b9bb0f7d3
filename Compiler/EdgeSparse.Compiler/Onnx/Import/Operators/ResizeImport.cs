using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Resize with constant scales or sizes.</summary>
internal sealed class ResizeImport : OperatorImport
{
    public override string Operator => "Resize";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        ResizeMode mode = ResizeTarget.Mode(node);
        if (node.Opset < 11)
        {
            float[] all = graph.Constant(node, 1, "scales").Floats();
            ResizeTarget.Emit(node, graph, x, ResizeTarget.ByScales(node, shape, all, [.. Enumerable.Range(0, shape.Rank)]), mode);
            return;
        }

        ImmutableArray<int> axes = node.Integers("axes") is { } given
            ? AxisList.Checked(node, given, shape.Rank)
            : [.. Enumerable.Range(0, shape.Rank)];
        ResizeTarget target = Present(node, graph, 2)
            ? ResizeTarget.ByScales(node, shape, graph.Constant(node, 2, "scales").Floats(), axes)
            : Present(node, graph, 3)
                ? ResizeTarget.BySizes(node, shape, graph.Constant(node, 3, "sizes").Integers(), axes, node.Text("keep_aspect_ratio_policy", "stretch"))
                : throw node.Fail("has neither scales nor sizes");
        node.Ignore("keep_aspect_ratio_policy");

        // Only where something lies outside of the input, which only tf_crop_and_resize has.
        node.Ignore("extrapolation_value");
        string coordinates = node.Text("coordinate_transformation_mode", "half_pixel");
        float cubicA = node.Float("cubic_coeff_a", -0.75f);
        bool excludeOutside = node.Flag("exclude_outside");
        bool antialias = node.Flag("antialias");
        ResizeRounding rounding = Rounding(node);
        if (coordinates == "tf_crop_and_resize")
        {
            CropAndResize.Emit(node, graph, x, target, axes, mode, rounding);
            return;
        }

        graph.Emit(node, name => new Resize(
            name, x, node.Output, target.Shape, target.Scales, mode, Coordinates(node, coordinates), rounding, cubicA, excludeOutside, antialias));
    }

    /// <summary>Exporters leave an input out by an empty name or by a constant without elements.</summary>
    private static bool Present(OnnxNode node, GraphImport graph, int input) =>
        node.HasInput(input) && graph.ConstantOrNull(node, input) is not { ElementCount: 0 };

    private static ResizeCoordinates Coordinates(OnnxNode node, string coordinates) => coordinates switch
    {
        "half_pixel" => ResizeCoordinates.HalfPixel,
        "half_pixel_symmetric" => ResizeCoordinates.HalfPixelSymmetric,
        "pytorch_half_pixel" => ResizeCoordinates.PytorchHalfPixel,
        "align_corners" => ResizeCoordinates.AlignCorners,
        "asymmetric" => ResizeCoordinates.Asymmetric,
        _ => throw node.Fail($"has coordinate_transformation_mode = {coordinates}; supported are half_pixel, half_pixel_symmetric, "
            + "pytorch_half_pixel, align_corners, asymmetric and tf_crop_and_resize"),
    };

    private static ResizeRounding Rounding(OnnxNode node) => node.Text("nearest_mode", "round_prefer_floor") switch
    {
        "round_prefer_floor" => ResizeRounding.RoundPreferFloor,
        "round_prefer_ceil" => ResizeRounding.RoundPreferCeil,
        "floor" => ResizeRounding.Floor,
        "ceil" => ResizeRounding.Ceil,
        string other => throw node.Fail($"has nearest_mode = {other}; supported are round_prefer_floor, round_prefer_ceil, floor and ceil"),
    };
}

/// <summary>Upsample, which Resize replaced in opset 10; scales are an attribute before opset 9.</summary>
internal sealed class UpsampleImport : OperatorImport
{
    public override string Operator => "Upsample";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        ResizeMode mode = ResizeTarget.Mode(node);
        float[] scales = node.Opset < 9
            ? node.Floats("scales")?.ToArray() ?? throw node.Fail("lacks the attribute scales")
            : graph.Constant(node, 1, "scales").Floats();
        ResizeTarget.Emit(node, graph, x, ResizeTarget.ByScales(node, shape, scales, [.. Enumerable.Range(0, shape.Rank)]), mode);
    }
}

/// <summary>What a Resize makes: the output's shape, and output over input for each dimension.</summary>
internal sealed record ResizeTarget(TensorShape Shape, ImmutableArray<double> Scales)
{
    /// <summary>Resize of opset 10, and Upsample: positions are scaled from the corner, and the nearest is the one before.</summary>
    public static void Emit(OnnxNode node, GraphImport graph, string x, ResizeTarget target, ResizeMode mode) =>
        graph.Emit(node, name => new Resize(
            name, x, node.Output, target.Shape, target.Scales, mode, ResizeCoordinates.Asymmetric, ResizeRounding.Floor));

    public static ResizeMode Mode(OnnxNode node) => node.Text("mode", "nearest") switch
    {
        "nearest" => ResizeMode.Nearest,
        "linear" or "bilinear" => ResizeMode.Linear,
        "cubic" when node.Opset >= 11 => ResizeMode.Cubic,
        string other => throw node.Fail($"has mode = {other}; supported are nearest, linear and, from opset 11 on, cubic"),
    };

    public static ResizeTarget ByScales(OnnxNode node, TensorShape x, float[] given, ImmutableArray<int> axes)
    {
        if (given.Length != axes.Length)
        {
            throw node.Fail($"has {given.Length} scales for {axes.Length} dimensions");
        }

        double[] scales = [.. Enumerable.Repeat(1.0, x.Rank)];
        long[] dims = [.. x.Dims.Select(d => (long)d)];
        for (int i = 0; i < axes.Length; i++)
        {
            if (!(given[i] > 0) || !float.IsFinite(given[i]))
            {
                throw node.Fail($"has the scale {given[i]}; scales are positive");
            }

            // In fp32, as ONNX Runtime multiplies: 10 · 0.7 is 7.
            scales[axes[i]] = given[i];
            dims[axes[i]] = x[axes[i]] == TensorShape.Symbolic ? dims[axes[i]] : (long)Math.Min(MathF.Floor(given[i] * x[axes[i]]), int.MaxValue);
        }

        return Of(node, x, dims, scales);
    }

    public static ResizeTarget BySizes(OnnxNode node, TensorShape x, long[] sizes, ImmutableArray<int> axes, string policy)
    {
        if (sizes.Length != axes.Length || sizes.Where((s, i) => s is < 1 or > int.MaxValue && !(s == ConstantTensor.OpenBatch && axes[i] == 0)).Any())
        {
            throw node.Fail($"has the sizes {string.Join(", ", sizes.Take(8))} for {axes.Length} dimensions; they are positive");
        }

        double[] scales = [.. Enumerable.Repeat(1.0, x.Rank)];
        long[] dims = [.. x.Dims.Select(d => (long)d)];
        double[] quotients = [.. axes.Select((a, i) => x[a] == TensorShape.Symbolic ? 1.0 : sizes[i] / (double)x[a])];
        for (int i = 0; i < axes.Length; i++)
        {
            if (x[axes[i]] == TensorShape.Symbolic)
            {
                dims[axes[i]] = sizes[i] == ConstantTensor.OpenBatch
                    ? TensorShape.Symbolic
                    : throw node.Fail($"gives the open batch of {x} a size; give a whole input shape (--input-shape)");
                continue;
            }

            double scale = policy switch
            {
                "stretch" => quotients[i],
                "not_larger" => quotients.Min(),
                "not_smaller" => quotients.Max(),
                _ => throw node.Fail($"has keep_aspect_ratio_policy = {policy}; supported are stretch, not_larger and not_smaller"),
            };
            scales[axes[i]] = scale;
            dims[axes[i]] = policy == "stretch" ? sizes[i] : (long)Math.Min(Math.Floor((scale * x[axes[i]]) + 0.5), int.MaxValue);
        }

        return Of(node, x, dims, scales);
    }

    private static ResizeTarget Of(OnnxNode node, TensorShape x, long[] dims, double[] scales) =>
        dims.Aggregate(1.0, (product, d) => product * Math.Abs(d)) <= int.MaxValue && dims.All(d => d != 0)
            ? new ResizeTarget(new TensorShape([.. dims.Select(d => (int)d)]), [.. scales])
            : throw node.Fail($"resizes {x} to {string.Join('×', dims)}, which cannot be");
}
