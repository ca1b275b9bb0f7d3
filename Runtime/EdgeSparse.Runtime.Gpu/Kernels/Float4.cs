using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>Four neighbouring elements, which are loaded and stored at once.</summary>
internal struct Float4
{
    public float X;
    public float Y;
    public float Z;
    public float W;

    public static Float4 Broadcast(float value) => new() { X = value, Y = value, Z = value, W = value };

    /// <summary>Element <paramref name="at"/>, a multiple of 4, and the three after it.</summary>
    public static Float4 Load(ArrayView<float> view, int at) => view.Cast<Float4>()[at >> 2];

    public static void Store(ArrayView<float> view, int at, Float4 value) => view.Cast<Float4>()[at >> 2] = value;

    /// <summary>sum + weight · x.</summary>
    public static Float4 MultiplyAdd(Float4 sum, float weight, Float4 x) => new()
    {
        X = sum.X + (weight * x.X),
        Y = sum.Y + (weight * x.Y),
        Z = sum.Z + (weight * x.Z),
        W = sum.W + (weight * x.W),
    };

    public static Float4 Add(Float4 left, Float4 right) => new()
    {
        X = left.X + right.X,
        Y = left.Y + right.Y,
        Z = left.Z + right.Z,
        W = left.W + right.W,
    };
}
