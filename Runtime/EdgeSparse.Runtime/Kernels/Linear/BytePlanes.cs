using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// An input split into planes, the first of the lowest bytes of its numbers, the fourth of the highest: a register of 16 bytes
/// then holds a plane of 16 columns, and one table lookup fetches a byte for each of 16 lanes.
/// </summary>
internal static unsafe class BytePlanes
{
    private const int Vector = 16;

    /// <summary>Whether the machine looks up bytes in registers.</summary>
    public static bool IsSupported => Ssse3.IsSupported || AdvSimd.Arm64.IsSupported;

    /// <param name="step">A step whose input is a vector.</param>
    /// <param name="planes">Takes four planes, <see cref="Step.PlaneElements"/> bytes apart.</param>
    public static void Split(Step* step, byte* planes)
    {
        byte* x = (byte*)step->Input.Slots;
        nint apart = step->PlaneElements;
        int columns = step->Columns;
        for (int i = 0; columns < Vector && i < columns * sizeof(float); i++)
        {
            planes[(i % sizeof(float) * apart) + (i / sizeof(float))] = x[i];
        }

        for (int column = 0; columns >= Vector && column < columns; column += Vector)
        {
            // The last vector begins earlier, so that it ends with the input.
            int at = Math.Min(column, columns - Vector);
            SplitVector(x + (at * sizeof(float)), planes + at, apart);
        }
    }

    /// <summary>Bytes 0 to 7 of both, in turns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> InterleaveLow(Vector128<byte> left, Vector128<byte> right) =>
        AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(left, right) : Sse2.UnpackLow(left, right);

    /// <summary>Bytes 8 to 15 of both, in turns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> InterleaveHigh(Vector128<byte> left, Vector128<byte> right) =>
        AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(left, right) : Sse2.UnpackHigh(left, right);

    /// <summary>Pairs of bytes 0 to 3 of both, in turns: floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> PairsLow(Vector128<byte> left, Vector128<byte> right) => AdvSimd.Arm64.IsSupported
        ? AdvSimd.Arm64.ZipLow(left.AsUInt16(), right.AsUInt16()).AsSingle()
        : Sse2.UnpackLow(left.AsUInt16(), right.AsUInt16()).AsSingle();

    /// <summary>Pairs of bytes 4 to 7 of both, in turns: floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> PairsHigh(Vector128<byte> left, Vector128<byte> right) => AdvSimd.Arm64.IsSupported
        ? AdvSimd.Arm64.ZipHigh(left.AsUInt16(), right.AsUInt16()).AsSingle()
        : Sse2.UnpackHigh(left.AsUInt16(), right.AsUInt16()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SplitVector(byte* x, byte* planes, nint apart)
    {
        if (AdvSimd.Arm64.IsSupported)
        {
            (Vector128<byte> first, Vector128<byte> second, Vector128<byte> third, Vector128<byte> fourth) =
                AdvSimd.Arm64.Load4xVector128AndUnzip(x);
            first.Store(planes);
            second.Store(planes + apart);
            third.Store(planes + (2 * apart));
            fourth.Store(planes + (3 * apart));
            return;
        }

        // Four bytes of each plane side by side in each vector, then the four vectors' parts together.
        Vector128<byte> order = Vector128.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        Vector128<uint> a = Ssse3.Shuffle(Vector128.Load(x), order).AsUInt32();
        Vector128<uint> b = Ssse3.Shuffle(Vector128.Load(x + 16), order).AsUInt32();
        Vector128<uint> c = Ssse3.Shuffle(Vector128.Load(x + 32), order).AsUInt32();
        Vector128<uint> d = Ssse3.Shuffle(Vector128.Load(x + 48), order).AsUInt32();
        Vector128<ulong> lowAb = Sse2.UnpackLow(a, b).AsUInt64();
        Vector128<ulong> highAb = Sse2.UnpackHigh(a, b).AsUInt64();
        Vector128<ulong> lowCd = Sse2.UnpackLow(c, d).AsUInt64();
        Vector128<ulong> highCd = Sse2.UnpackHigh(c, d).AsUInt64();
        Sse2.UnpackLow(lowAb, lowCd).AsByte().Store(planes);
        Sse2.UnpackHigh(lowAb, lowCd).AsByte().Store(planes + apart);
        Sse2.UnpackLow(highAb, highCd).AsByte().Store(planes + (2 * apart));
        Sse2.UnpackHigh(highAb, highCd).AsByte().Store(planes + (3 * apart));
    }
}
