using System.Numerics;
using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>A function of two elements that no vector instruction has.</summary>
internal interface IScalarPair
{
    static abstract float Of(float x, float y);
}

/// <summary>Such a function, one element of the vectors after the other.</summary>
internal readonly unsafe struct Each<TFunction> : IPairFunction
    where TFunction : struct, IScalarPair
{
    [SkipLocalsInit]
    public static Vector<float> Of(Vector<float> x, Vector<float> y)
    {
        float* results = stackalloc float[Rows.MostLanes];
        for (int i = 0; i < Vector<float>.Count; i++)
        {
            results[i] = TFunction.Of(x[i], y[i]);
        }

        return Vector.Load(results);
    }
}

/// <summary>x to the power of y; squares and roots, which networks have most, without logarithms.</summary>
internal readonly struct Power : IScalarPair
{
    public static float Of(float x, float y) => y switch
    {
        2f => x * x,
        0.5f when x > 0f => MathF.Sqrt(x),
        _ => MathF.Pow(x, y),
    };
}

/// <summary>The remainder with the sign of x.</summary>
internal readonly struct Remainder : IScalarPair
{
    public static float Of(float x, float y) => x % y;
}

/// <summary>The remainder with the sign of y.</summary>
internal readonly struct Modulus : IScalarPair
{
    public static float Of(float x, float y)
    {
        float remainder = x % y;
        return remainder != 0f && (remainder < 0f) != (y < 0f) ? remainder + y : remainder;
    }
}
