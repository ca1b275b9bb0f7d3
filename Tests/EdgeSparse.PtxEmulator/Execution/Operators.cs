using System.Numerics;
using System.Runtime.CompilerServices;

namespace EdgeSparse.PtxEmulator.Execution;

/// <summary>What an instruction computes of one number.</summary>
internal interface IUnary<TFrom, TTo>
{
    static abstract TTo Of(TFrom a);
}

/// <summary>What an instruction computes of two numbers.</summary>
internal interface IBinary<TFrom, TTo>
{
    static abstract TTo Of(TFrom a, TFrom b);
}

internal readonly struct Same<T> : IUnary<T, T>
{
    public static T Of(T a) => a;
}

internal readonly struct Negate<T> : IUnary<T, T>
    where T : INumber<T>
{
    public static T Of(T a) => unchecked(-a);
}

internal readonly struct Not<T> : IUnary<T, T>
    where T : IBinaryInteger<T>
{
    public static T Of(T a) => ~a;
}

internal readonly struct Reciprocal<T> : IUnary<T, T>
    where T : IFloatingPoint<T>
{
    public static T Of(T a) => T.One / a;
}

internal readonly struct SquareRoot<T> : IUnary<T, T>
    where T : IRootFunctions<T>
{
    public static T Of(T a) => T.Sqrt(a);
}

/// <summary>To an integer towards zero, the nearest that there is, 0 for what is no number; to a float, the nearest.</summary>
internal readonly struct Convert<TFrom, TTo> : IUnary<TFrom, TTo>
    where TFrom : INumber<TFrom>
    where TTo : INumber<TTo>
{
    public static TTo Of(TFrom a) => TTo.CreateSaturating(a);
}

internal readonly struct Add<T> : IBinary<T, T>
    where T : INumber<T>
{
    public static T Of(T a, T b) => unchecked(a + b);
}

internal readonly struct Subtract<T> : IBinary<T, T>
    where T : INumber<T>
{
    public static T Of(T a, T b) => unchecked(a - b);
}

internal readonly struct Multiply<T> : IBinary<T, T>
    where T : INumber<T>
{
    public static T Of(T a, T b) => unchecked(a * b);
}

internal readonly struct MultiplyWide : IBinary<uint, ulong>
{
    public static ulong Of(uint a, uint b) => (ulong)a * b;
}

internal readonly struct MultiplySignedWide : IBinary<int, long>
{
    public static long Of(int a, int b) => (long)a * b;
}

internal readonly struct Divide<T> : IBinary<T, T>
    where T : IFloatingPoint<T>
{
    public static T Of(T a, T b) => a / b;
}

/// <summary>By zero, a device gives anything: the operation refuses it before.</summary>
internal readonly struct DivideIntegers : IBinary<int, int>
{
    public static int Of(int a, int b) => b == -1 ? unchecked(-a) : a / b;
}

internal readonly struct Remainder : IBinary<int, int>
{
    public static int Of(int a, int b) => b == -1 ? 0 : a % b;
}

internal readonly struct And<T> : IBinary<T, T>
    where T : IBinaryInteger<T>
{
    public static T Of(T a, T b) => a & b;
}

internal readonly struct Or<T> : IBinary<T, T>
    where T : IBinaryInteger<T>
{
    public static T Of(T a, T b) => a | b;
}

internal readonly struct Xor<T> : IBinary<T, T>
    where T : IBinaryInteger<T>
{
    public static T Of(T a, T b) => a ^ b;
}

internal readonly struct ShiftLeft : IBinary<uint, uint>
{
    public static uint Of(uint a, uint b) => b > 31 ? 0 : a << (int)b;
}

internal readonly struct ShiftRight : IBinary<int, int>
{
    public static int Of(int a, int b) => a >> (int)Math.Min((uint)b, 31);
}

internal readonly struct ShiftRightUnsigned : IBinary<uint, uint>
{
    public static uint Of(uint a, uint b) => b > 31 ? 0 : a >> (int)b;
}

internal readonly struct Minimum<T> : IBinary<T, T>
    where T : INumber<T>
{
    public static T Of(T a, T b) => T.MinNumber(a, b);
}

internal readonly struct Maximum<T> : IBinary<T, T>
    where T : INumber<T>
{
    public static T Of(T a, T b) => T.MaxNumber(a, b);
}

internal readonly struct Equal<T> : IBinary<T, bool>
    where T : INumber<T>
{
    public static bool Of(T a, T b) => a == b;
}

internal readonly struct Less<T> : IBinary<T, bool>
    where T : INumber<T>
{
    public static bool Of(T a, T b) => a < b;
}

internal readonly struct LessOrEqual<T> : IBinary<T, bool>
    where T : INumber<T>
{
    public static bool Of(T a, T b) => a <= b;
}

/// <summary>An operation of one operand.</summary>
internal sealed class Unary<TOperator, TFrom, TTo>(Register to, Register a) : Operation
    where TOperator : IUnary<TFrom, TTo>
    where TFrom : unmanaged
    where TTo : unmanaged
{
    public override void Run(Warp warp)
    {
        Span<TTo> z = warp.Registers.Of<TTo>(to);
        Span<TFrom> x = warp.Registers.Of<TFrom>(a);
        if (warp.Mask == uint.MaxValue)
        {
            for (int lane = 0; lane < Registers.Lanes; lane++)
            {
                z[lane] = TOperator.Of(x[lane]);
            }
        }
        else
        {
            for (uint lanes = warp.Mask; Warp.Next(ref lanes, out int lane);)
            {
                z[lane] = TOperator.Of(x[lane]);
            }
        }

        warp.Registers.Known(to) |= warp.Mask;
    }
}

/// <summary>An operation of two operands.</summary>
internal sealed class Binary<TOperator, TFrom, TTo>(Register to, Register a, Register b) : Operation
    where TOperator : IBinary<TFrom, TTo>
    where TFrom : unmanaged
    where TTo : unmanaged
{
    public override void Run(Warp warp)
    {
        Span<TTo> z = warp.Registers.Of<TTo>(to);
        Span<TFrom> x = warp.Registers.Of<TFrom>(a);
        Span<TFrom> y = warp.Registers.Of<TFrom>(b);
        if (typeof(TOperator) == typeof(DivideIntegers) || typeof(TOperator) == typeof(Remainder))
        {
            RequireDivisors(warp, y);
        }

        if (warp.Mask == uint.MaxValue)
        {
            for (int lane = 0; lane < Registers.Lanes; lane++)
            {
                z[lane] = TOperator.Of(x[lane], y[lane]);
            }
        }
        else
        {
            for (uint lanes = warp.Mask; Warp.Next(ref lanes, out int lane);)
            {
                z[lane] = TOperator.Of(x[lane], y[lane]);
            }
        }

        warp.Registers.Known(to) |= warp.Mask;
    }

    private static void RequireDivisors(Warp warp, Span<TFrom> divisors)
    {
        for (uint lanes = warp.Mask; Warp.Next(ref lanes, out int lane);)
        {
            if (Unsafe.BitCast<TFrom, int>(divisors[lane]) == 0)
            {
                throw warp.Fault(lane, "divides by zero");
            }
        }
    }
}

/// <summary>A comparison, negated where that says what is wanted (unordered ones), joined with a predicate where one is given.</summary>
internal sealed class Compare<TOperator, T>(Register to, Register a, Register b, bool isNegated, Func<uint, uint, uint>? join, Register? with) : Operation
    where TOperator : IBinary<T, bool>
    where T : unmanaged
{
    public override void Run(Warp warp)
    {
        Span<T> x = warp.Registers.Of<T>(a);
        Span<T> y = warp.Registers.Of<T>(b);
        uint result = 0;
        for (uint lanes = warp.Mask; Warp.Next(ref lanes, out int lane);)
        {
            result |= TOperator.Of(x[lane], y[lane]) != isNegated ? 1u << lane : 0;
        }

        if (join is not null)
        {
            result = join(result, warp.Registers.Predicate(with!.Value));
        }

        warp.Registers.SetPredicate(to, result, warp.Mask);
    }
}

/// <summary>A computation of predicates.</summary>
internal sealed class Logic(Register to, Register a, Register b, Func<uint, uint, uint> of) : Operation
{
    public override void Run(Warp warp) =>
        warp.Registers.SetPredicate(to, of(warp.Registers.Predicate(a), warp.Registers.Predicate(b)), warp.Mask);
}

/// <summary>One of two numbers, by a predicate.</summary>
internal sealed class Choose<T>(Register to, Register a, Register b, Register which) : Operation
    where T : unmanaged
{
    public override void Run(Warp warp)
    {
        Span<T> z = warp.Registers.Of<T>(to);
        Span<T> x = warp.Registers.Of<T>(a);
        Span<T> y = warp.Registers.Of<T>(b);
        uint first = warp.Registers.Predicate(which);
        for (uint lanes = warp.Mask; Warp.Next(ref lanes, out int lane);)
        {
            z[lane] = ((first >> lane) & 1) != 0 ? x[lane] : y[lane];
        }

        warp.Registers.Known(to) |= warp.Mask;
    }
}
