using System.Numerics;
using System.Runtime.CompilerServices;
using EdgeSparse.PtxEmulator.Modules;

namespace EdgeSparse.PtxEmulator.Execution;

/// <summary>The instructions that are emulated; all that ILGPU makes of the kernels.</summary>
internal static class Instructions
{
    private delegate Operation Make(Decoder decoder, Statement statement);

    private static readonly Dictionary<string, Make> Known = new()
    {
        ["add.s32"] = Two<Add<int>, int, int>(),
        ["add.u64"] = Two<Add<ulong>, ulong, ulong>(),
        ["add.f32"] = Two<Add<float>, float, float>(),
        ["add.f64"] = Two<Add<double>, double, double>(),
        ["sub.s32"] = Two<Subtract<int>, int, int>(),
        ["sub.f32"] = Two<Subtract<float>, float, float>(),
        ["sub.f64"] = Two<Subtract<double>, double, double>(),
        ["mul.lo.s32"] = Two<Multiply<int>, int, int>(),
        ["mul.wide.u32"] = Two<MultiplyWide, uint, ulong>(),
        ["mul.wide.s32"] = Two<MultiplySignedWide, int, long>(),
        ["mul.f32"] = Two<Multiply<float>, float, float>(),
        ["mul.f64"] = Two<Multiply<double>, double, double>(),
        ["div.s32"] = Two<DivideIntegers, int, int>(),
        ["rem.s32"] = Two<Remainder, int, int>(),
        ["div.rn.f32"] = Two<Divide<float>, float, float>(),
        ["div.rn.f64"] = Two<Divide<double>, double, double>(),
        ["min.s32"] = Two<Minimum<int>, int, int>(),
        ["max.s32"] = Two<Maximum<int>, int, int>(),
        ["min.f32"] = Two<Minimum<float>, float, float>(),
        ["max.f32"] = Two<Maximum<float>, float, float>(),
        ["and.b32"] = Two<And<uint>, uint, uint>(),
        ["or.b32"] = Two<Or<uint>, uint, uint>(),
        ["xor.b32"] = Two<Xor<uint>, uint, uint>(),
        ["shl.b32"] = Two<ShiftLeft, uint, uint>(),
        ["shr.s32"] = Two<ShiftRight, int, int>(),
        ["shr.u32"] = Two<ShiftRightUnsigned, uint, uint>(),
        ["mov.b32"] = One<Same<uint>, uint, uint>(),
        ["mov.b64"] = One<Same<ulong>, ulong, ulong>(),
        ["mov.f32"] = One<Same<float>, float, float>(),
        ["mov.f64"] = One<Same<double>, double, double>(),
        ["cvta.to.global.u64"] = One<Same<ulong>, ulong, ulong>(),
        ["not.b32"] = One<Not<uint>, uint, uint>(),
        ["neg.s32"] = One<Negate<int>, int, int>(),
        ["neg.f32"] = One<Negate<float>, float, float>(),
        ["neg.f64"] = One<Negate<double>, double, double>(),
        ["rcp.rn.f32"] = One<Reciprocal<float>, float, float>(),
        ["sqrt.rn.f32"] = One<SquareRoot<float>, float, float>(),
        ["cvt.rzi.s32.f32"] = One<Convert<float, int>, float, int>(),
        ["cvt.rzi.s64.f64"] = One<Convert<double, long>, double, long>(),
        ["cvt.rn.f32.s32"] = One<Convert<int, float>, int, float>(),
        ["cvt.rn.f64.s64"] = One<Convert<long, double>, long, double>(),
        ["cvt.rn.f32.f64"] = One<Convert<double, float>, double, float>(),
        ["cvt.f64.f32"] = One<Convert<float, double>, float, double>(),
        ["selp.b32"] = Selection<uint>(RegisterKind.Word),
        ["selp.b64"] = Selection<ulong>(RegisterKind.Long),
        ["mov.pred"] = Predicates(1, (a, _) => a),
        ["not.pred"] = Predicates(1, (a, _) => ~a),
        ["and.pred"] = Predicates(2, (a, b) => a & b),
        ["or.pred"] = Predicates(2, (a, b) => a | b),
        ["xor.pred"] = Predicates(2, (a, b) => a ^ b),
        ["ld.param.b32"] = Argument<uint>(RegisterKind.Word),
        ["ld.param.f32"] = Argument<uint>(RegisterKind.Word),
        ["ld.param.b64"] = Argument<ulong>(RegisterKind.Long),
        ["st.param.b32"] = Passed,
        ["st.param.f32"] = Passed,
        ["bar.warp.sync"] = (_, statement) => statement.Operands is [{ Number: "4294967295" }] ? new WarpBarrier { Statement = statement, Sources = [] } : throw Decoder.Wrong(statement),
    };

    static Instructions()
    {
        foreach (string type in (ReadOnlySpan<string>)["b32", "f32"])
        {
            foreach ((string width, int count) in (ReadOnlySpan<(string, int)>)[("", 1), ("v4.", 4)])
            {
                Known[$"ld.global.{width}{type}"] = Loading<GlobalSpace>(count);
                Known[$"ld.shared.{width}{type}"] = Loading<SharedSpace>(count);
                Known[$"st.global.{width}{type}"] = Storing<GlobalSpace>(count);
                Known[$"st.shared.{width}{type}"] = Storing<SharedSpace>(count);
            }
        }
    }

    /// <exception cref="PtxException">It is not emulated.</exception>
    public static Operation Decode(Decoder decoder, Statement statement)
    {
        if (Known.TryGetValue(statement.Opcode, out Make? make))
        {
            return make(decoder, statement);
        }

        string[] parts = statement.Opcode.Split('.');
        return parts[0] != "setp" || parts.Length < 3 ? throw Decoder.Wrong(statement) : parts[^1] switch
        {
            "s32" => Comparison<int>(decoder, statement, parts, RegisterKind.Word),
            "u32" => Comparison<uint>(decoder, statement, parts, RegisterKind.Word),
            "f32" => Comparison<float>(decoder, statement, parts, RegisterKind.Word),
            "f64" => Comparison<double>(decoder, statement, parts, RegisterKind.Long),
            _ => throw Decoder.Wrong(statement),
        };
    }

    private static RegisterKind KindOf<T>()
        where T : unmanaged => Unsafe.SizeOf<T>() == sizeof(ulong) ? RegisterKind.Long : RegisterKind.Word;

    private static Make One<TOperator, TFrom, TTo>()
        where TOperator : IUnary<TFrom, TTo>
        where TFrom : unmanaged
        where TTo : unmanaged =>
        (decoder, statement) =>
        {
            Register a = decoder.Source(statement, 1, KindOf<TFrom>());
            return new Unary<TOperator, TFrom, TTo>(decoder.Target(statement, 0, KindOf<TTo>()), a) { Statement = statement, Sources = [a] };
        };

    private static Make Two<TOperator, TFrom, TTo>()
        where TOperator : IBinary<TFrom, TTo>
        where TFrom : unmanaged
        where TTo : unmanaged =>
        (decoder, statement) =>
        {
            Register a = decoder.Source(statement, 1, KindOf<TFrom>());
            Register b = decoder.Source(statement, 2, KindOf<TFrom>());
            return new Binary<TOperator, TFrom, TTo>(decoder.Target(statement, 0, KindOf<TTo>()), a, b) { Statement = statement, Sources = [a, b] };
        };

    private static Make Selection<T>(RegisterKind kind)
        where T : unmanaged =>
        (decoder, statement) =>
        {
            Register a = decoder.Source(statement, 1, kind);
            Register b = decoder.Source(statement, 2, kind);
            Register which = decoder.Source(statement, 3, RegisterKind.Predicate);
            return new Choose<T>(decoder.Target(statement, 0, kind), a, b, which) { Statement = statement, Sources = [a, b, which] };
        };

    private static Make Predicates(int operands, Func<uint, uint, uint> of) =>
        (decoder, statement) =>
        {
            Register a = decoder.Source(statement, 1, RegisterKind.Predicate);
            Register b = decoder.Source(statement, operands, RegisterKind.Predicate);
            return new Logic(decoder.Target(statement, 0, RegisterKind.Predicate), a, b, of) { Statement = statement, Sources = [a, b] };
        };

    /// <summary>A comparison, whose letter u is for "or one is no number", with a predicate that may be joined.</summary>
    private static Operation Comparison<T>(Decoder decoder, Statement statement, string[] parts, RegisterKind kind)
        where T : unmanaged, INumber<T>
    {
        Register a = decoder.Source(statement, 1, kind);
        Register b = decoder.Source(statement, 2, kind);
        Register to = decoder.Target(statement, 0, RegisterKind.Predicate);
        Func<uint, uint, uint>? join = null;
        Register? with = null;
        if (parts.Length == 4)
        {
            join = parts[2] switch { "or" => (x, y) => x | y, "and" => (x, y) => x & y, "xor" => (x, y) => x ^ y, _ => throw Decoder.Wrong(statement) };
            with = decoder.Source(statement, 3, RegisterKind.Predicate);
        }

        Register[] sources = with is { } joined ? [a, b, joined] : [a, b];

        // An unordered comparison is the opposite of the ordered opposite.
        return parts[1] switch
        {
            "eq" => Of<Equal<T>>(a, b, false),
            "ne" when !IsFloat<T>() => Of<Equal<T>>(a, b, true),
            "neu" when IsFloat<T>() => Of<Equal<T>>(a, b, true),
            "lt" or "lo" => Of<Less<T>>(a, b, false),
            "le" or "ls" => Of<LessOrEqual<T>>(a, b, false),
            "gt" or "hi" => Of<Less<T>>(b, a, false),
            "ge" or "hs" => Of<LessOrEqual<T>>(b, a, false),
            "ltu" when IsFloat<T>() => Of<LessOrEqual<T>>(b, a, true),
            "leu" when IsFloat<T>() => Of<Less<T>>(b, a, true),
            "gtu" when IsFloat<T>() => Of<LessOrEqual<T>>(a, b, true),
            "geu" when IsFloat<T>() => Of<Less<T>>(a, b, true),
            _ => throw Decoder.Wrong(statement),
        };

        Operation Of<TOperator>(Register x, Register y, bool isNegated)
            where TOperator : IBinary<T, bool> =>
            new Compare<TOperator, T>(to, x, y, isNegated, join, with) { Statement = statement, Sources = sources };
    }

    private static bool IsFloat<T>() => typeof(T) == typeof(float) || typeof(T) == typeof(double);

    private static Make Argument<T>(RegisterKind kind)
        where T : unmanaged =>
        (decoder, statement) =>
        {
            Register to = decoder.Target(statement, 0, kind);
            (int offset, Register? register) = decoder.Parameter(statement, 1);
            return register is { } passed ? Decoder.Copy(statement, to, passed) : new LoadArgument<T>(offset, to) { Statement = statement, Sources = [] };
        };

    /// <summary>A parameter of a call, or what a function gives back.</summary>
    private static Operation Passed(Decoder decoder, Statement statement) =>
        Decoder.Copy(statement, decoder.Parameter(statement, 0).Register ?? throw Decoder.Wrong(statement), decoder.Source(statement, 1, RegisterKind.Word));

    private static Make Loading<TSpace>(int count)
        where TSpace : IMemorySpace =>
        (decoder, statement) =>
        {
            Register[] to = decoder.List(statement, 0);
            (Register address, int offset) = decoder.Address(statement, 1);
            return to.Length != count ? throw Decoder.Wrong(statement) : new Load<TSpace>(address, offset, to) { Statement = statement, Sources = [address] };
        };

    private static Make Storing<TSpace>(int count)
        where TSpace : IMemorySpace =>
        (decoder, statement) =>
        {
            Register[] from = decoder.List(statement, 1);
            (Register address, int offset) = decoder.Address(statement, 0);
            return from.Length != count ? throw Decoder.Wrong(statement) : new Store<TSpace>(address, offset, from) { Statement = statement, Sources = [address, .. from] };
        };
}
