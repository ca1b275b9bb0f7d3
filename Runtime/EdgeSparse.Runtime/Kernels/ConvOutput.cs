using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// The end of a convolution's tile: activation, and the way to the output's layout. Where the output's rows are as far apart as
/// the run's, vectors are stored where they belong, zeros where no pixel is; else they go through a buffer, row part by row part.
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
        float* to = Target(step, tile, row);
        if (step->Masks != null)
        {
            float* mask = step->Masks + tile->FirstMask;
            v0 = TOps.And(v0, mask);
            v1 = TOps.And(v1, mask + TOps.Count);
            v2 = TOps.And(v2, mask + (2 * TOps.Count));
            v3 = TOps.And(v3, mask + (3 * TOps.Count));
        }

        TOps.Store(v0, to);
        TOps.Store(v1, to + TOps.Count);
        TOps.Store(v2, to + (2 * TOps.Count));
        TOps.Store(v3, to + tile->Last);
        Deliver(step, tile, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store3(Step* step, ConvTile* tile, int row, TVector v0, TVector v1, TVector v2)
    {
        TVector floor = TOps.Broadcast(step->Floor);
        v0 = TOps.Max(floor, v0);
        v1 = TOps.Max(floor, v1);
        v2 = TOps.Max(floor, v2);
        float* to = Target(step, tile, row);
        if (step->Masks != null)
        {
            float* mask = step->Masks + tile->FirstMask;
            v0 = TOps.And(v0, mask);
            v1 = TOps.And(v1, mask + TOps.Count);
            v2 = TOps.And(v2, mask + (2 * TOps.Count));
        }

        TOps.Store(v0, to);
        TOps.Store(v1, to + TOps.Count);
        TOps.Store(v2, to + tile->Last);
        Deliver(step, tile, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store2(Step* step, ConvTile* tile, int row, TVector v0, TVector v1)
    {
        TVector floor = TOps.Broadcast(step->Floor);
        v0 = TOps.Max(floor, v0);
        v1 = TOps.Max(floor, v1);
        float* to = Target(step, tile, row);
        if (step->Masks != null)
        {
            float* mask = step->Masks + tile->FirstMask;
            v0 = TOps.And(v0, mask);
            v1 = TOps.And(v1, mask + TOps.Count);
        }

        TOps.Store(v0, to);
        TOps.Store(v1, to + tile->Last);
        Deliver(step, tile, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store1(Step* step, ConvTile* tile, int row, TVector v0)
    {
        v0 = TOps.Max(TOps.Broadcast(step->Floor), v0);
        float* to = Target(step, tile, row);
        if (step->Masks != null)
        {
            v0 = TOps.And(v0, step->Masks + tile->FirstMask);
        }

        TOps.Store(v0, to);
        Deliver(step, tile, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Target(Step* step, ConvTile* tile, int row) => step->Masks != null
        ? step->Output.Pixels + ((long)row * step->Output.PlaneStride) + tile->Start
        : step->Scratch;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Deliver(Step* step, ConvTile* tile, int row)
    {
        if (step->Masks == null)
        {
            Scatter(step, tile, row);
        }
    }

    private static void Scatter(Step* step, ConvTile* tile, int row)
    {
        float* plane = step->Output.Pixels + ((long)row * step->Output.PlaneStride);
        ConvSegment* segment = step->Segments + tile->FirstSegment;
        for (ConvSegment* end = segment + tile->SegmentCount; segment != end; segment++)
        {
            float* from = step->Scratch + segment->From;
            float* to = plane + segment->To;
            int length = segment->Length;
            if (length >= TOps.Count)
            {
                for (int i = 0; i < length - TOps.Count; i += TOps.Count)
                {
                    TOps.Store(TOps.Load(from + i), to + i);
                }

                TOps.Store(TOps.Load(from + length - TOps.Count), to + length - TOps.Count);
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
