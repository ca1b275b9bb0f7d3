using System.Collections.Immutable;

namespace EdgeSparse.Runtime;

/// <summary>An input or output of a network.</summary>
/// <param name="Name">As in the network.</param>
/// <param name="Shape">A batch dimension of 1 included, outermost first; for images 1 × channels × rows × columns.</param>
/// <param name="ElementCount">Product of the shape.</param>
/// <param name="Scaling">How pixels become values of this input; null when the network says nothing of pixels.</param>
/// <param name="Type">What the elements are to the network; callers give and take all of them as fp32.</param>
public sealed record TensorInfo(
    string Name, ImmutableArray<int> Shape, int ElementCount, PixelScaling? Scaling, ElementType Type = ElementType.Float32);

/// <summary>value = (pixel/255 − mean) / std, one mean and std a channel.</summary>
public sealed record PixelScaling(ImmutableArray<float> Mean, ImmutableArray<float> Std);
