using System.Numerics;
using System.Runtime.CompilerServices;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>The functions of two elements.</summary>
internal static unsafe class PairFunctions
{
    /// <summary>The loop of a function: (x, step of x, y, step of y, z, count), as <see cref="Rows.Pair"/>.</summary>
    public static delegate*<float*, nint, float*, nint, float*, int, void> Row(ElementFunction function) => function switch
    {
        ElementFunction.Add => &Rows.Pair<Sum>,
        ElementFunction.Sub => &Rows.Pair<Difference>,
        ElementFunction.Mul => &Rows.Pair<Product>,
        ElementFunction.Div => &Rows.Pair<Quotient>,
        ElementFunction.IntegerDiv => &Rows.Pair<IntegerQuotient>,
        ElementFunction.Pow => &Rows.Pair<Each<Power>>,
        ElementFunction.Min => &Rows.Pair<Smaller>,
        ElementFunction.Max => &Rows.Pair<Larger>,
        ElementFunction.PRelu => &Rows.Pair<Slope>,
        ElementFunction.Fmod => &Rows.Pair<Each<Remainder>>,
        ElementFunction.Mod => &Rows.Pair<Each<Modulus>>,
        ElementFunction.Equal => &Rows.Pair<Equal>,
        ElementFunction.Less => &Rows.Pair<Less>,
        ElementFunction.LessOrEqual => &Rows.Pair<LessOrEqual>,
        ElementFunction.Greater => &Rows.Pair<Swapped<Less>>,
        ElementFunction.GreaterOrEqual => &Rows.Pair<Swapped<LessOrEqual>>,
        ElementFunction.And => &Rows.Pair<Both>,
        ElementFunction.Or => &Rows.Pair<Either>,
        _ => &Rows.Pair<OneOf>,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> OneWhere(Vector<int> mask) => Vector.AsVectorSingle(mask & Vector.AsVectorInt32(Vector<float>.One));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> IsZero(Vector<float> x) => Vector.Equals(x, Vector<float>.Zero);

    private readonly struct Sum : IPairFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x, Vector<float> y) => x + y;
    }

    private readonly struct Difference : IPairFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x, Vector<float> y) => x - y;
    }

    private readonly struct Product : IPairFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x, Vector<float> y) => x * y;
    }

    private readonly struct Quotient : IPairFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x, Vector<float> y) => x / y;
    }

    /// <summary>Exact for integers up to 2^24: their quotient is never rounded up to the next integer.</summary>
    private readonly struct IntegerQuotient : IPairFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x, Vector<float> y) => Vector.Truncate(x / y);
    }

    private readonly struct Smaller : IPairFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x, Vector<float> y) => Vector.Min(x, y);
    }

    private readonly struct Larger : IPairFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x, Vector<float> y) => Vector.Max(x, y);
    }

    private readonly struct Slope : IPairFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x, Vector<float> y) =>
            Vector.ConditionalSelect(Vector.GreaterThanOrEqual(x, Vector<float>.Zero), x, x * y);
    }

    private readonly struct Equal : IPairFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x, Vector<float> y) => OneWhere(Vector.Equals(x, y));
    }

    private readonly struct Less : IPairFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x, Vector<float> y) => OneWhere(Vector.LessThan(x, y));
    }

    private readonly struct LessOrEqual : IPairFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x, Vector<float> y) => OneWhere(Vector.LessThanOrEqual(x, y));
    }

    private readonly struct Both : IPairFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x, Vector<float> y) => OneWhere(~(IsZero(x) | IsZero(y)));
    }

    private readonly struct Either : IPairFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x, Vector<float> y) => OneWhere(~(IsZero(x) & IsZero(y)));
    }

    private readonly struct OneOf : IPairFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x, Vector<float> y) => OneWhere(IsZero(x) ^ IsZero(y));
    }

    private readonly struct Swapped<TFunction> : IPairFunction
        where TFunction : struct, IPairFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x, Vector<float> y) => TFunction.Of(y, x);
    }
}
