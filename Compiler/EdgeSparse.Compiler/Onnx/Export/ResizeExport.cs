using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Proto;

namespace EdgeSparse.Compiler.Onnx.Export;

/// <summary>Resampling in ONNX.</summary>
internal static class ResizeExport
{
    public static void Export(Resize resize, GraphExport graph)
    {
        TensorShape input = graph.ShapeOf(resize.Input);
        int[] axes = [.. Enumerable.Range(0, input.Rank).Where(i => resize.Shape[i] != input[i] || resize.Scales[i] != 1)];
        if (axes.Length == 0)
        {
            axes = [input.Rank - 1];
        }

        // The lengths say it exactly where the scales follow from them; a scale of 32 bits may round a length down.
        bool bySizes = axes.All(a => resize.Scales[a] == (double)resize.Shape[a] / input[a]);
        string scales = bySizes ? "" : graph.Floats($"{resize.Name}.scales", [.. axes.Select(a => (float)resize.Scales[a])]);
        string[] sizes = bySizes ? [graph.Integers($"{resize.Name}.sizes", axes.Select(a => resize.Shape[a]))] : [];
        NodeProto node = graph.Emit(resize.Name, "Resize", [resize.Input, "", scales, .. sizes], resize.Output)
            .With("axes", axes)
            .With("mode", resize.Mode switch
            {
                ResizeMode.Nearest => "nearest",
                ResizeMode.Linear => "linear",
                _ => "cubic",
            })
            .With("coordinate_transformation_mode", resize.Coordinates switch
            {
                ResizeCoordinates.HalfPixel => "half_pixel",
                ResizeCoordinates.HalfPixelSymmetric => "half_pixel_symmetric",
                ResizeCoordinates.PytorchHalfPixel => "pytorch_half_pixel",
                ResizeCoordinates.AlignCorners => "align_corners",
                _ => "asymmetric",
            });
        switch (resize.Mode)
        {
            case ResizeMode.Nearest:
                node.With("nearest_mode", resize.Rounding switch
                {
                    ResizeRounding.RoundPreferFloor => "round_prefer_floor",
                    ResizeRounding.RoundPreferCeil => "round_prefer_ceil",
                    ResizeRounding.Floor => "floor",
                    _ => "ceil",
                });
                break;
            case ResizeMode.Cubic:
                node.With("cubic_coeff_a", (float)resize.CubicA);
                break;
        }

        if (resize.ExcludeOutside)
        {
            node.With("exclude_outside", 1);
        }

        if (resize.Antialias)
        {
            node.With("antialias", 1);
        }
    }
}
