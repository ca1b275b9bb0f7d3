using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>One float at a time.</summary>
internal readonly unsafe struct OpsScalar : IVectorOps<float>
{
    public static string Name => "scalar";

    public static InstructionSet Set => InstructionSet.Scalar;

    public static int Count => 1;

    public static float Zero => 0f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Broadcast(float value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(float* from) => *from;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float vector, float* to) => *to = vector;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Add(float left, float right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float left, float right, float addend) => (left * right) + addend;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(float left, float right) => float.MaxNative(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Min(float left, float right) => float.MinNative(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Clamp(Step* step, float vector) => Min(Broadcast(step->High), Max(Broadcast(step->Low), vector));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Multiply(float left, float right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadFour(float* weights) => *weights;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Spread(float four, float* weights, int lane) =>
        weights[lane];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAddSpread(
        float left, float spread, float four, int lane, float addend) =>
        MultiplyAdd(left, spread, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadElements(float* weights) => 0f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAddElement(float left, float elements, float* weights, int lane, float addend) =>
        MultiplyAdd(left, Broadcast(weights[lane]), addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(float vector) => vector;
}
