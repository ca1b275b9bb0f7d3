using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// The end of a convolution's tile: activation, and the way to the output's layout. Vectors are stored where they belong, with
/// zeros where no pixel is if they reach across rows; or they go through a buffer, row part by row part.
/// </summary>
internal static unsafe class ConvOutput<TOps, TVector>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store4(Step* step, ConvTile* tile, int row, TVector v0, TVector v1, TVector v2, TVector v3)
    {
        TVector floor = TOps.Broadcast(step->Floor);
        v0 = TOps.Max(floor, v0);
        v1 = TOps.Max(floor, v1);
        v2 = TOps.Max(floor, v2);
        v3 = TOps.Max(floor, v3);
        if (step->Masks != null)
        {
            float* mask = step->Masks + tile->FirstMask;
            v0 = TOps.And(v0, mask);
            v1 = TOps.And(v1, mask + TOps.Count);
            v2 = TOps.And(v2, mask + (2 * TOps.Count));
            v3 = TOps.And(v3, mask + (3 * TOps.Count));
        }

        float* to = Target(step, row, 0);
        TOps.Store(v0, to + tile->Target0);
        TOps.Store(v1, to + tile->Target1);
        TOps.Store(v2, to + tile->Target2);
        TOps.Store(v3, to + tile->Target3);
        Deliver(step, tile, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store3(Step* step, ConvTile* tile, int row, TVector v0, TVector v1, TVector v2)
    {
        TVector floor = TOps.Broadcast(step->Floor);
        v0 = TOps.Max(floor, v0);
        v1 = TOps.Max(floor, v1);
        v2 = TOps.Max(floor, v2);
        if (step->Masks != null)
        {
            float* mask = step->Masks + tile->FirstMask;
            v0 = TOps.And(v0, mask);
            v1 = TOps.And(v1, mask + TOps.Count);
            v2 = TOps.And(v2, mask + (2 * TOps.Count));
        }

        float* to = Target(step, row, 0);
        TOps.Store(v0, to + tile->Target0);
        TOps.Store(v1, to + tile->Target1);
        TOps.Store(v2, to + tile->Target2);
        Deliver(step, tile, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store2(Step* step, ConvTile* tile, int row, TVector v0, TVector v1)
    {
        Put2(step, tile, row, 0, v0, v1);
        Deliver(step, tile, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store1(Step* step, ConvTile* tile, int row, TVector v0)
    {
        Put1(step, tile, row, 0, v0);
        Deliver(step, tile, row);
    }

    /// <summary>
    /// Four rows of two vectors. All are out of their registers before the first call: values that live across a call would be
    /// kept on the stack through the whole loop that computes them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store4x2(
        Step* step, ConvTile* tile, int row, TVector a0, TVector a1, TVector b0, TVector b1, TVector c0, TVector c1, TVector d0, TVector d1)
    {
        Put2(step, tile, row, 0, a0, a1);
        Put2(step, tile, row + 1, 1, b0, b1);
        Put2(step, tile, row + 2, 2, c0, c1);
        Put2(step, tile, row + 3, 3, d0, d1);
        Deliver4(step, tile, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store4x1(Step* step, ConvTile* tile, int row, TVector a, TVector b, TVector c, TVector d)
    {
        Put1(step, tile, row, 0, a);
        Put1(step, tile, row + 1, 1, b);
        Put1(step, tile, row + 2, 2, c);
        Put1(step, tile, row + 3, 3, d);
        Deliver4(step, tile, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put2(Step* step, ConvTile* tile, int row, int buffer, TVector v0, TVector v1)
    {
        TVector floor = TOps.Broadcast(step->Floor);
        v0 = TOps.Max(floor, v0);
        v1 = TOps.Max(floor, v1);
        if (step->Masks != null)
        {
            float* mask = step->Masks + tile->FirstMask;
            v0 = TOps.And(v0, mask);
            v1 = TOps.And(v1, mask + TOps.Count);
        }

        float* to = Target(step, row, buffer);
        TOps.Store(v0, to + tile->Target0);
        TOps.Store(v1, to + tile->Target1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put1(Step* step, ConvTile* tile, int row, int buffer, TVector v0)
    {
        v0 = TOps.Max(TOps.Broadcast(step->Floor), v0);
        if (step->Masks != null)
        {
            v0 = TOps.And(v0, step->Masks + tile->FirstMask);
        }

        TOps.Store(v0, Target(step, row, buffer) + tile->Target0);
    }

    /// <summary>Where a row's vectors go: its plane, or its part of the buffer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Target(Step* step, int row, int buffer) => step->Segments == null
        ? step->Output.Pixels + ((nint)row * step->Output.PlaneStride)
        : step->Scratch + (buffer * ConvTiling.WidestTile * TOps.Count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Deliver(Step* step, ConvTile* tile, int row)
    {
        if (step->Segments != null)
        {
            Scatter(step, tile, row, 0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Deliver4(Step* step, ConvTile* tile, int row)
    {
        if (step->Segments != null)
        {
            for (int i = 0; i < 4; i++)
            {
                Scatter(step, tile, row + i, i);
            }
        }
    }

    private static void Scatter(Step* step, ConvTile* tile, int row, int buffer)
    {
        float* plane = step->Output.Pixels + ((nint)row * step->Output.PlaneStride);
        float* source = step->Scratch + (buffer * ConvTiling.WidestTile * TOps.Count);
        ConvSegment* segment = step->Segments + tile->FirstSegment;
        for (ConvSegment* end = segment + tile->SegmentCount; segment != end; segment++)
        {
            float* from = source + segment->From;
            float* to = plane + segment->To;
            int length = segment->Length;
            if (length == TOps.Count)
            {
                TOps.Store(TOps.Load(from), to);
            }
            else
            {
                for (int i = 0; i < length; i++)
                {
                    to[i] = from[i];
                }
            }
        }
    }
}
