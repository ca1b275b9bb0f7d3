using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>
/// Resampling along dimensions, as ONNX's Resize (opset 19). Output position o of a dimension lies at a place x of the input by
/// <see cref="ResizeCoordinates"/>; its value is the nearest element's or an interpolation, dimension by dimension.
/// </summary>
/// <param name="Shape">The output's.</param>
/// <param name="Scales">Output over input for each dimension, as the file states it: not always the quotient of the lengths.</param>
/// <param name="CubicA">The cubic kernel's coefficient.</param>
/// <param name="ExcludeOutside">Weights outside the input are 0 and the others scaled to sum 1.</param>
/// <param name="Antialias">The kernel is stretched when shrinking.</param>
public sealed record Resize(
    string Name, string Input, string Output, TensorShape Shape, ImmutableArray<double> Scales, ResizeMode Mode,
    ResizeCoordinates Coordinates, ResizeRounding Rounding, double CubicA = -0.75, bool ExcludeOutside = false, bool Antialias = false)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>How values between elements come about.</summary>
public enum ResizeMode
{
    Nearest,
    Linear,
    Cubic,
}

/// <summary>ONNX's coordinate_transformation_mode, tf_crop_and_resize left out.</summary>
public enum ResizeCoordinates
{
    HalfPixel,
    HalfPixelSymmetric,
    PytorchHalfPixel,
    AlignCorners,
    Asymmetric,
}

/// <summary>ONNX's nearest_mode.</summary>
public enum ResizeRounding
{
    RoundPreferFloor,
    RoundPreferCeil,
    Floor,
    Ceil,
}
