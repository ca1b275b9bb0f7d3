using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>128-bit vectors.</summary>
internal readonly unsafe struct Ops128 : IVectorOps<Vector128<float>>
{
    public static string Name => AdvSimd.IsSupported ? "neon" : "sse";

    public static InstructionSet Set => InstructionSet.Vector128;

    public static int Count => 4;

    public static Vector128<float> Zero => Vector128<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* from) => Vector128.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> vector, float* to) => Vector128.Store(vector, to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> left, Vector128<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> left, Vector128<float> right, Vector128<float> addend) =>
        Vector128.MultiplyAddEstimate(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Max(Vector128<float> left, Vector128<float> right) => Vector128.MaxNative(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Min(Vector128<float> left, Vector128<float> right) => Vector128.MinNative(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Clamp(Step* step, Vector128<float> vector) => Min(Broadcast(step->High), Max(Broadcast(step->Low), vector));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> left, Vector128<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadFour(float* weights) => Vector128.Load(weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Spread(Vector128<float> four, float* weights, int lane) =>
        lane switch
        {
            0 => Vector128.Shuffle(four, Vector128.Create(0, 0, 0, 0)),
            1 => Vector128.Shuffle(four, Vector128.Create(1, 1, 1, 1)),
            2 => Vector128.Shuffle(four, Vector128.Create(2, 2, 2, 2)),
            _ => Vector128.Shuffle(four, Vector128.Create(3, 3, 3, 3)),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAddSpread(
        Vector128<float> left, Vector128<float> spread, Vector128<float> four, int lane, Vector128<float> addend) =>
        !AdvSimd.IsSupported
            ? MultiplyAdd(left, spread, addend)
            : lane switch
            {
                0 => AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(addend, left, four, 0),
                1 => AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(addend, left, four, 1),
                2 => AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(addend, left, four, 2),
                _ => AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(addend, left, four, 3),
            };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadElements(float* weights) => AdvSimd.IsSupported ? Vector128.Load(weights) : Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAddElement(
        Vector128<float> left, Vector128<float> elements, float* weights, int lane, Vector128<float> addend) =>
        AdvSimd.IsSupported
            ? MultiplyAddSpread(left, elements, elements, lane, addend)
            : MultiplyAdd(left, Broadcast(weights[lane]), addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector128<float> vector) => Vector128.Sum(vector);
}
