using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Sparse matrix times vector over sliced ELL of 16 lanes, windows of 64 columns and units of four entries, with AVX-512. The
/// input is split into the low and the high halves of its numbers, so that two registers hold 64 columns of either, which one
/// permutation of 16-bit elements looks up: twice the columns that a permutation of floats reaches, and so fewer lanes without a
/// weight in their window. Interleaving both results makes floats of them again.
/// </summary>
internal static unsafe class LinearSlicedEllHalves
{
    /// <summary>Columns of the window.</summary>
    public const int Window = 64;

    /// <summary>Entries of a unit.</summary>
    public const int Entries = 4;

    private const int Lanes = 16;

    public static void Run(Step* step, int worker, int workers)
    {
        SliceBands bands = SliceBands.Of(step);
        ushort* low = (ushort*)step->Planes + ((nint)worker * 2 * step->PlaneElements);
        ushort* high = low + step->PlaneElements;
        Split(step->Input.Slots, step->Columns, low, high);
        ConvShare* share = step->Shares + worker;
        ushort* starts = (ushort*)step->Windows;

        // Interleaving takes the halves of 16 bytes, so that lanes of two entries come out in order if they go in like this.
        Vector256<int> order = Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7);
        for (int slice = share->FirstBlock; slice < share->EndBlock; slice++)
        {
            Vector512<float> a = Vector512<float>.Zero;
            Vector512<float> b = a;
            Vector512<float> c = a;
            Vector512<float> d = a;
            (nuint first, nuint end) = bands.Units(step, slice);
            float* value = step->Values + (first * (Entries * Lanes));
            byte* index = (byte*)step->Indices + (first * (Entries * Lanes));
            for (nuint unit = first; unit < end; unit++)
            {
                nuint start = starts[unit];
                Vector512<ushort> low0 = Vector512.Load(low + start);
                Vector512<ushort> low1 = Vector512.Load(low + start + 32);
                Vector512<ushort> high0 = Vector512.Load(high + start);
                Vector512<ushort> high1 = Vector512.Load(high + start + 32);
                Vector512<ushort> places = Places(index, order);
                Vector512<ushort> lows = Avx512BW.PermuteVar32x16x2(low0, places, low1);
                Vector512<ushort> highs = Avx512BW.PermuteVar32x16x2(high0, places, high1);
                a = Vector512.MultiplyAddEstimate(Avx512BW.UnpackLow(lows, highs).AsSingle(), Vector512.Load(value), a);
                b = Vector512.MultiplyAddEstimate(Avx512BW.UnpackHigh(lows, highs).AsSingle(), Vector512.Load(value + 16), b);
                places = Places(index + 32, order);
                lows = Avx512BW.PermuteVar32x16x2(low0, places, low1);
                highs = Avx512BW.PermuteVar32x16x2(high0, places, high1);
                c = Vector512.MultiplyAddEstimate(Avx512BW.UnpackLow(lows, highs).AsSingle(), Vector512.Load(value + 32), c);
                d = Vector512.MultiplyAddEstimate(Avx512BW.UnpackHigh(lows, highs).AsSingle(), Vector512.Load(value + 48), d);
                value += Entries * Lanes;
                index += Entries * Lanes;
            }

            Vector512.Store(a + b + (c + d), step->Scratch + ((nint)slice * Lanes));
        }

        SliceSums.Finish<Ops512, Vector512<float>>(step, worker);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Places(byte* indices, Vector256<int> order) =>
        Avx512BW.ConvertToVector512UInt16(Avx2.PermuteVar8x32(Vector256.Load(indices).AsInt32(), order).AsByte());

    private static void Split(float* x, int columns, ushort* low, ushort* high)
    {
        for (int column = columns - 1; columns < Lanes && column >= 0; column--)
        {
            low[column] = (ushort)((uint*)x)[column];
            high[column] = (ushort)(((uint*)x)[column] >> 16);
        }

        for (int column = 0; columns >= Lanes && column < columns; column += Lanes)
        {
            // The last vector begins earlier, so that it ends with the input.
            int at = Math.Min(column, columns - Lanes);
            Vector512<uint> vector = Vector512.Load((uint*)x + at);
            Vector256.Store(Avx512F.ConvertToVector256UInt16(vector), low + at);
            Vector256.Store(Avx512F.ConvertToVector256UInt16(vector >> 16), high + at);
        }
    }
}
