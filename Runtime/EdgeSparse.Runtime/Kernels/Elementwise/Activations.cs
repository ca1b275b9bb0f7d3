using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// The activations that are no clamp, in place, after a kernel has stored its results. An element's result depends on nothing but
/// the element, wherever it lies: rests go through a vector of the same width.
/// </summary>
internal static unsafe class Activations
{
    /// <summary>Whether the step's Low and High are all there is to it.</summary>
    public static bool IsClamp(Activation kind) => kind <= Activation.Clip;

    /// <summary>Whatever the step's activation is, to results that a kernel has stored without it.</summary>
    public static void Finish(Step* step, float* values, int count)
    {
        if (step->Activation == Activation.None)
        {
            return;
        }

        if (IsClamp(step->Activation))
        {
            Rows.Map<Clamp>(values, values, count, step->Low, step->High);
        }
        else
        {
            Apply(values, count, step->Activation, step->ActivationA, step->ActivationB);
        }
    }

    /// <summary>Applies an activation; a clamp is done already, so that Relu and Clip change nothing.</summary>
    /// <param name="values">The elements.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="kind">The activation.</param>
    /// <param name="a">The operation's ActivationA.</param>
    /// <param name="b">The operation's ActivationB.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Apply(float* values, int count, Activation kind, float a, float b)
    {
        switch (kind)
        {
            case Activation.LeakyRelu:
                Apply<LeakyRelu>(values, count, a, b);
                break;
            case Activation.HardSwish:
                Apply<HardSwish>(values, count, a, b);
                break;
            case >= Activation.Sigmoid:
                RowOf(kind)(values, values, count, a, b);
                break;
        }
    }

    /// <summary>
    /// The loop of an activation that networks have less often: with vectors of the width that the runtime prefers, one copy of the
    /// code for all machines.
    /// </summary>
    private static delegate*<float*, float*, int, float, float, void> RowOf(Activation kind) => kind switch
    {
        Activation.Sigmoid => &Rows.Map<Sigmoid>,
        Activation.Tanh => &Rows.Map<Tanh>,
        Activation.Elu => &Rows.Map<Elu>,
        Activation.Selu => &Rows.Map<Selu>,
        Activation.HardSigmoid => &Rows.Map<HardSigmoid>,
        Activation.Softplus => &Rows.Map<Softplus>,
        Activation.Gelu => &Rows.Map<Gelu>,
        Activation.GeluTanh => &Rows.Map<GeluTanh>,
        Activation.Mish => &Rows.Map<Mish>,
        Activation.Erf => &Rows.Map<Erf>,
        Activation.Exp => &Rows.Map<Exp>,
        Activation.Log => &Rows.Map<Log>,
        Activation.Sqrt => &Rows.Map<SquareRoot>,
        Activation.Abs => &Rows.Map<Abs>,
        Activation.Neg => &Rows.Map<Neg>,
        Activation.Reciprocal => &Rows.Map<Reciprocal>,
        Activation.Floor => &Rows.Map<Floor>,
        Activation.Ceil => &Rows.Map<Ceil>,
        Activation.Round => &Rows.Map<Round>,
        Activation.Sign => &Rows.Map<Sign>,
        Activation.Not => &Rows.Map<IsZero>,
        Activation.Truncate => &Rows.Map<Truncate>,
        Activation.IsNonZero => &Rows.Map<IsNonZero>,
        Activation.Half => &Rows.Map<ToHalf>,
        Activation.WrapInteger => &Rows.Map<WrapInteger>,
        _ => throw new System.Diagnostics.UnreachableException($"no loop for {kind}"),
    };

    private static void Apply<TActivation>(float* values, int count, float a, float b)
        where TActivation : struct, IActivation
    {
        int width = Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;
        int i = 0;
        for (; i + width <= count; i += width)
        {
            Vector<TActivation>(values + i, a, b);
        }

        if (i < count)
        {
            float* rest = stackalloc float[16];
            Unsafe.CopyBlockUnaligned(rest, values + i, (uint)(count - i) * sizeof(float));
            Vector<TActivation>(rest, a, b);
            Unsafe.CopyBlockUnaligned(values + i, rest, (uint)(count - i) * sizeof(float));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Vector<TActivation>(float* values, float a, float b)
        where TActivation : struct, IActivation
    {
        if (Vector512.IsHardwareAccelerated)
        {
            TActivation.Of(Vector512.Load(values), a, b).Store(values);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            TActivation.Of(Vector256.Load(values), a, b).Store(values);
        }
        else
        {
            TActivation.Of(Vector128.Load(values), a, b).Store(values);
        }
    }

    /// <summary>One activation, for each width of vectors; a and b are the operation's ActivationA and ActivationB.</summary>
    private interface IActivation
    {
        static abstract Vector128<float> Of(Vector128<float> x, float a, float b);

        static abstract Vector256<float> Of(Vector256<float> x, float a, float b);

        static abstract Vector512<float> Of(Vector512<float> x, float a, float b);
    }

    /// <summary>x where x ≥ 0, else a·x.</summary>
    private readonly struct LeakyRelu : IActivation
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Of(Vector128<float> x, float a, float b) =>
            Vector128.ConditionalSelect(Vector128.GreaterThanOrEqual(x, Vector128<float>.Zero), x, x * a);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Of(Vector256<float> x, float a, float b) =>
            Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(x, Vector256<float>.Zero), x, x * a);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Of(Vector512<float> x, float a, float b) =>
            Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(x, Vector512<float>.Zero), x, x * a);
    }

    /// <summary>x · min(max(x/6 + 1/2, 0), 1).</summary>
    private readonly struct HardSwish : IActivation
    {
        private const float Sixth = 1f / 6f;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Of(Vector128<float> x, float a, float b) =>
            x * Vector128.Min(Vector128.Max((x * Sixth) + Vector128.Create(0.5f), Vector128<float>.Zero), Vector128<float>.One);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Of(Vector256<float> x, float a, float b) =>
            x * Vector256.Min(Vector256.Max((x * Sixth) + Vector256.Create(0.5f), Vector256<float>.Zero), Vector256<float>.One);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Of(Vector512<float> x, float a, float b) =>
            x * Vector512.Min(Vector512.Max((x * Sixth) + Vector512.Create(0.5f), Vector512<float>.Zero), Vector512<float>.One);
    }
}
