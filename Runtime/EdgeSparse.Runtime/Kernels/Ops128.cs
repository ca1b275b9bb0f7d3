using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>128-bit vectors.</summary>
internal readonly unsafe struct Ops128 : IVectorOps<Vector128<float>>, IWindowOps<Vector128<float>>
{
    public static string Name => AdvSimd.IsSupported ? "neon" : "sse";

    public static InstructionSet Set => InstructionSet.Vector128;

    public static int Count => 4;

    /// <summary>Whether bytes can be looked up in registers.</summary>
    public static bool HasPick => Ssse3.IsSupported || AdvSimd.Arm64.IsSupported;

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Pick(Vector128<float> low, Vector128<float> high, byte* index) =>
        PickOfFour(low, high, index, Vector128.CreateScalar(*(uint*)index << 2).AsByte(), 0);

    /// <summary>Indices become the first byte of what they stand for; they are below 8, so that no bit leaves its byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> PrepareFour(byte* indices) => Vector128.ShiftLeft(Vector128.Load(indices).AsUInt32(), 2).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> PickOfFour(
        Vector128<float> low, Vector128<float> high, byte* indices, Vector128<byte> prepared, int entry)
    {
        Vector128<byte> firsts = entry switch
        {
            0 => Lookup(prepared, Vector128.Create((byte)0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3)),
            1 => Lookup(prepared, Vector128.Create((byte)4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7)),
            2 => Lookup(prepared, Vector128.Create((byte)8, 8, 8, 8, 9, 9, 9, 9, 10, 10, 10, 10, 11, 11, 11, 11)),
            _ => Lookup(prepared, Vector128.Create((byte)12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15)),
        };
        if (AdvSimd.Arm64.IsSupported)
        {
            Vector128<byte> places = firsts | Vector128.Create(0x03020100u).AsByte();
            return AdvSimd.Arm64.VectorTableLookup((low.AsByte(), high.AsByte()), places).AsSingle();
        }

        // A place with its highest bit set gives 0: those from 16 on in the low half, those before in the high one.
        Vector128<byte> lowPlaces = firsts + Vector128.Create(0x73727170u).AsByte();
        Vector128<byte> highPlaces = lowPlaces ^ Vector128.Create((byte)0x80);
        return (Ssse3.Shuffle(low.AsByte(), lowPlaces) | Ssse3.Shuffle(high.AsByte(), highPlaces)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreZero(Vector128<float> low, Vector128<float> high) => (low | high) == Vector128<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Lookup(Vector128<byte> table, Vector128<byte> places) =>
        AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.VectorTableLookup(table, places) : Ssse3.Shuffle(table, places);
}
