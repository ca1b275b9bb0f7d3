using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Elements of a value moved: axes of the output, each from one dimension of the input.</summary>
/// <param name="InputDims">The input's elements, shared out to dimensions in row-major order.</param>
/// <param name="Axes">The output's, no two from the same dimension.</param>
internal sealed record Movement(ImmutableArray<int> InputDims, ImmutableArray<MovementAxis> Axes)
{
    /// <summary>Dimensions in another order, each whole.</summary>
    public static Movement Transposed(ImmutableArray<int> dims, params IEnumerable<int> order) =>
        new(dims, [.. order.Select(d => new MovementAxis(d, dims[d], null))]);

    /// <summary>Every dimension whole, but one.</summary>
    public static Movement Along(ImmutableArray<int> dims, int axis, int[] indices) =>
        new(dims, [.. dims.Select((length, d) => d == axis ? new MovementAxis(d, indices.Length, indices) : new MovementAxis(d, length, null))]);
}

/// <summary>An axis of the output.</summary>
/// <param name="Input">The dimension that it goes along, or −1 for repetition.</param>
/// <param name="Length">Elements of the axis.</param>
/// <param name="Indices">One an element, <see cref="SeparableMap.Fill"/> for the constant; null for the whole dimension.</param>
internal readonly record struct MovementAxis(int Input, int Length, int[]? Indices);
