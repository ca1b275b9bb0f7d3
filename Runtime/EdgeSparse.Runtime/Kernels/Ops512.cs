using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>512-bit vectors.</summary>
internal readonly unsafe struct Ops512 : IVectorOps<Vector512<float>>
{
    public static string Name => "avx512";

    public static InstructionSet Set => InstructionSet.Avx512;

    public static int Count => 16;

    public static Vector512<float> Zero => Vector512<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* from) => Vector512.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> vector, float* to) => Vector512.Store(vector, to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> left, Vector512<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> left, Vector512<float> right, Vector512<float> addend) =>
        Vector512.MultiplyAddEstimate(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> left, Vector512<float> right) => Vector512.MaxNative(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Min(Vector512<float> left, Vector512<float> right) => Vector512.MinNative(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Clamp(Step* step, Vector512<float> vector) => Min(Broadcast(step->High), Max(Broadcast(step->Low), vector));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> left, Vector512<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadFour(float* weights) => Avx512F.BroadcastVector128ToVector512(weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Spread(Vector512<float> four, float* weights, int lane) =>
        lane switch
        {
            0 => Avx512F.Permute4x32(four, 0b00_00_00_00),
            1 => Avx512F.Permute4x32(four, 0b01_01_01_01),
            2 => Avx512F.Permute4x32(four, 0b10_10_10_10),
            _ => Avx512F.Permute4x32(four, 0b11_11_11_11),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAddSpread(
        Vector512<float> left, Vector512<float> spread, Vector512<float> four, int lane, Vector512<float> addend) =>
        MultiplyAdd(left, spread, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadElements(float* weights) => Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAddElement(Vector512<float> left, Vector512<float> elements, float* weights, int lane, Vector512<float> addend) =>
        MultiplyAdd(left, Broadcast(weights[lane]), addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> vector) => Vector512.Sum(vector);
}
