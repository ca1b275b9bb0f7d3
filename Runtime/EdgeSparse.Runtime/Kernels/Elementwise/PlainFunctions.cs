using System.Numerics;
using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>Clamping by single instructions.</summary>
internal static class Bounds
{
    /// <summary>
    /// min(max(x, low), high), not a number where x is none: x stands second, which is what x86 gives then; Arm gives no number anyway.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Clamp(Vector<float> x, float low, float high) =>
        Vector.MinNative(new Vector<float>(high), Vector.MaxNative(new Vector<float>(low), x));
}

/// <summary>min(max(x, a), b), not a number where x is none.</summary>
internal readonly struct Clamp : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) => Bounds.Clamp(x, a, b);
}

/// <summary>min(max(a·x + b, 0), 1).</summary>
internal readonly struct HardSigmoid : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) =>
        Bounds.Clamp((x * a) + new Vector<float>(b), 0f, 1f);
}

/// <summary>a·x.</summary>
internal readonly struct Scale : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) => x * a;
}

/// <summary>(x − a)·b.</summary>
internal readonly struct ShiftedScale : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) => (x - new Vector<float>(a)) * b;
}

/// <summary>x − a.</summary>
internal readonly struct Shift : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) => x - new Vector<float>(a);
}

internal readonly struct SquareRoot : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) => Vector.SquareRoot(x);
}

internal readonly struct Abs : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) => Vector.Abs(x);
}

internal readonly struct Neg : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) => -x;
}

internal readonly struct Reciprocal : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) => Vector<float>.One / x;
}

internal readonly struct Sign : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) => Vector.ConditionalSelect(
        Vector.GreaterThan(x, Vector<float>.Zero),
        Vector<float>.One,
        Vector.ConditionalSelect(Vector.LessThan(x, Vector<float>.Zero), -Vector<float>.One, x));
}

internal readonly struct IsZero : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) =>
        Vector.ConditionalSelect(Vector.Equals(x, Vector<float>.Zero), Vector<float>.One, Vector<float>.Zero);
}

internal readonly struct IsNonZero : IElementFunction
{
    public static Vector<float> Of(Vector<float> x, float a, float b) =>
        Vector.ConditionalSelect(Vector.Equals(x, Vector<float>.Zero), Vector<float>.Zero, Vector<float>.One);
}
