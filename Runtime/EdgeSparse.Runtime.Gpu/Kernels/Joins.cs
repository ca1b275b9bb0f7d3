namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>How two results become one. A structure, so that kernels are compiled for each.</summary>
/// <typeparam name="T">Of the results.</typeparam>
internal interface IJoin<T>
    where T : unmanaged
{
    T Of(T left, T right);
}

internal readonly struct Sum : IJoin<float>
{
    public float Of(float left, float right) => left + right;
}

/// <summary>Four sums side by side.</summary>
internal readonly struct SumOfFours : IJoin<Float4>
{
    public Float4 Of(Float4 left, Float4 right) => Float4.Add(left, right);
}

internal readonly struct Maximum : IJoin<float>
{
    public float Of(float left, float right) => DeviceMath.Max(left, right);
}

internal readonly struct Minimum : IJoin<float>
{
    public float Of(float left, float right) => DeviceMath.Min(left, right);
}

internal readonly struct Product : IJoin<float>
{
    public float Of(float left, float right) => left * right;
}
