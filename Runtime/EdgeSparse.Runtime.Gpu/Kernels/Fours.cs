using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>The inputs of four entries: four neighbouring elements each.</summary>
internal struct Fours
{
    public Float4 X;
    public Float4 Y;
    public Float4 Z;
    public Float4 W;

    /// <param name="inputs">From the thread's first element on.</param>
    /// <param name="offsets">In fours of elements.</param>
    public static Fours Load(ArrayView<Float4> inputs, Int4 offsets) => new()
    {
        X = inputs[offsets.X],
        Y = inputs[offsets.Y],
        Z = inputs[offsets.Z],
        W = inputs[offsets.W],
    };

    /// <summary>Elements that lie anywhere.</summary>
    /// <param name="arena">The arena.</param>
    /// <param name="sample">The sample's first element.</param>
    /// <param name="offsets">In elements.</param>
    /// <param name="places">Of the thread's four elements.</param>
    public static Fours Gather(ArrayView<float> arena, int sample, Int4 offsets, Int4 places) => new()
    {
        X = Gather(arena, sample + offsets.X, places),
        Y = Gather(arena, sample + offsets.Y, places),
        Z = Gather(arena, sample + offsets.Z, places),
        W = Gather(arena, sample + offsets.W, places),
    };

    /// <summary>sums + weights · inputs, an entry after the other.</summary>
    public static Float4 MultiplyAdd(Float4 sums, Float4 weights, Fours x)
    {
        sums = Float4.MultiplyAdd(sums, weights.X, x.X);
        sums = Float4.MultiplyAdd(sums, weights.Y, x.Y);
        sums = Float4.MultiplyAdd(sums, weights.Z, x.Z);
        return Float4.MultiplyAdd(sums, weights.W, x.W);
    }

    private static Float4 Gather(ArrayView<float> arena, int at, Int4 places) =>
        new() { X = arena[at + places.X], Y = arena[at + places.Y], Z = arena[at + places.Z], W = arena[at + places.W] };
}
