using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Sparse matrix times vector over sliced ELL of 16 lanes, windows of 32 columns and units of two entries, with AVX2. Bytes of
/// inputs are looked up in planes (<see cref="BytePlanes"/>), for both entries at once: eight lookups and eight interleavings
/// fetch 32 inputs. Permutations of floats reach 8 columns; as many inputs out of 32 columns would take 16 of them and 12 blends.
/// </summary>
internal static unsafe class LinearSlicedEllBytes256
{
    /// <summary>Entries of a unit.</summary>
    public const int Entries = 2;

    private const int Lanes = 16;

    public static void Run(Step* step, int worker, int workers)
    {
        SliceBands bands = SliceBands.Of(step);
        byte* planes = step->Planes + ((nint)worker * sizeof(float) * step->PlaneElements);
        BytePlanes.Split(step, planes);
        byte* planes1 = planes + step->PlaneElements;
        byte* planes2 = planes1 + step->PlaneElements;
        byte* planes3 = planes2 + step->PlaneElements;
        ConvShare* share = step->Shares + worker;
        ushort* starts = (ushort*)step->Windows;

        // Interleaving works inside 16 bytes, so that lanes come out in order if they go in like this.
        Vector256<int> order = Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7);

        // A place with its highest bit set gives 0: those from 16 on in the first half of the window, those before in the second.
        Vector256<byte> toFirst = Vector256.Create((byte)0x70);
        Vector256<byte> toSecond = Vector256.Create((byte)0x80);
        for (int slice = share->FirstBlock; slice < share->EndBlock; slice++)
        {
            Vector256<float> a = Vector256<float>.Zero;
            Vector256<float> b = a;
            Vector256<float> c = a;
            Vector256<float> d = a;
            (nuint first, nuint end) = bands.Units(step, slice);
            float* value = step->Values + (first * (Entries * Lanes));
            byte* index = (byte*)step->Indices + (first * (Entries * Lanes));
            for (nuint unit = first; unit < end; unit++)
            {
                nuint start = starts[unit];
                Vector256<byte> firsts = Avx2.PermuteVar8x32(Vector256.Load(index).AsInt32(), order).AsByte() + toFirst;
                Vector256<byte> seconds = firsts ^ toSecond;
                Vector256<byte> byte0 = Lookup(planes + start, firsts, seconds);
                Vector256<byte> byte1 = Lookup(planes1 + start, firsts, seconds);
                Vector256<byte> byte2 = Lookup(planes2 + start, firsts, seconds);
                Vector256<byte> byte3 = Lookup(planes3 + start, firsts, seconds);
                Vector256<ushort> low = Avx2.UnpackLow(byte0, byte1).AsUInt16();
                Vector256<ushort> high = Avx2.UnpackLow(byte2, byte3).AsUInt16();
                a = Vector256.MultiplyAddEstimate(Avx2.UnpackLow(low, high).AsSingle(), Vector256.Load(value), a);
                b = Vector256.MultiplyAddEstimate(Avx2.UnpackHigh(low, high).AsSingle(), Vector256.Load(value + 8), b);
                low = Avx2.UnpackHigh(byte0, byte1).AsUInt16();
                high = Avx2.UnpackHigh(byte2, byte3).AsUInt16();
                c = Vector256.MultiplyAddEstimate(Avx2.UnpackLow(low, high).AsSingle(), Vector256.Load(value + 16), c);
                d = Vector256.MultiplyAddEstimate(Avx2.UnpackHigh(low, high).AsSingle(), Vector256.Load(value + 24), d);
                value += Entries * Lanes;
                index += Entries * Lanes;
            }

            float* sums = step->Scratch + ((nint)slice * Lanes);
            Vector256.Store(a + c, sums);
            Vector256.Store(b + d, sums + 8);
        }

        SliceSums.Finish<Ops256, Vector256<float>>(step, worker);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Lookup(byte* plane, Vector256<byte> firsts, Vector256<byte> seconds) =>
        Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(plane), firsts)
        | Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(plane + 16), seconds);
}
