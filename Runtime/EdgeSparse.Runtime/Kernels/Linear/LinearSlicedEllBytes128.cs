using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Sparse matrix times vector over sliced ELL of 16 lanes, windows of 32 columns and units of any length, with 128-bit vectors.
/// Bytes of inputs are looked up in planes (<see cref="BytePlanes"/>), which uses the indices as they are and reaches 32 columns:
/// on Arm, four lookups and eight interleavings fetch 16 inputs.
/// </summary>
internal static unsafe class LinearSlicedEllBytes128
{
    private const int Lanes = 16;

    public static void Run(Step* step, int worker, int workers)
    {
        SliceBands bands = SliceBands.Of(step);
        byte* planes = step->Planes + ((nint)worker * sizeof(float) * step->PlaneElements);
        BytePlanes.Split(step, planes);
        nint apart = step->PlaneElements;
        nuint entries = (nuint)step->BlockColumns;
        ushort* starts = (ushort*)step->Windows;
        ConvShare* share = step->Shares + worker;
        for (int slice = share->FirstBlock; slice < share->EndBlock; slice++)
        {
            Vector128<float> a = Vector128<float>.Zero;
            Vector128<float> b = a;
            Vector128<float> c = a;
            Vector128<float> d = a;
            (nuint first, nuint end) = bands.Units(step, slice);
            float* value = step->Values + (first * entries * Lanes);
            byte* index = (byte*)step->Indices + (first * entries * Lanes);
            for (nuint unit = first; unit < end; unit++)
            {
                byte* plane = planes + starts[unit];
                for (nuint entry = 0; entry < entries; entry++)
                {
                    Vector128<byte> places = Vector128.Load(index);
                    Vector128<byte> byte0 = Lookup(plane, places);
                    Vector128<byte> byte1 = Lookup(plane + apart, places);
                    Vector128<byte> byte2 = Lookup(plane + (2 * apart), places);
                    Vector128<byte> byte3 = Lookup(plane + (3 * apart), places);
                    Vector128<byte> low = BytePlanes.InterleaveLow(byte0, byte1);
                    Vector128<byte> high = BytePlanes.InterleaveLow(byte2, byte3);
                    a = Ops128.MultiplyAdd(BytePlanes.PairsLow(low, high), Vector128.Load(value), a);
                    b = Ops128.MultiplyAdd(BytePlanes.PairsHigh(low, high), Vector128.Load(value + 4), b);
                    low = BytePlanes.InterleaveHigh(byte0, byte1);
                    high = BytePlanes.InterleaveHigh(byte2, byte3);
                    c = Ops128.MultiplyAdd(BytePlanes.PairsLow(low, high), Vector128.Load(value + 8), c);
                    d = Ops128.MultiplyAdd(BytePlanes.PairsHigh(low, high), Vector128.Load(value + 12), d);
                    value += Lanes;
                    index += Lanes;
                }
            }

            float* sums = step->Scratch + ((nint)slice * Lanes);
            Vector128.Store(a, sums);
            Vector128.Store(b, sums + 4);
            Vector128.Store(c, sums + 8);
            Vector128.Store(d, sums + 12);
        }

        SliceSums.Finish<Ops128, Vector128<float>>(step, worker);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Lookup(byte* plane, Vector128<byte> places)
    {
        Vector128<byte> first = Vector128.Load(plane);
        Vector128<byte> second = Vector128.Load(plane + 16);
        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.VectorTableLookup((first, second), places);
        }

        // A place with its highest bit set gives 0: those from 16 on in the first half of the window, those before in the second.
        Vector128<byte> firsts = places + Vector128.Create((byte)0x70);
        return Ssse3.Shuffle(first, firsts) | Ssse3.Shuffle(second, firsts ^ Vector128.Create((byte)0x80));
    }
}
