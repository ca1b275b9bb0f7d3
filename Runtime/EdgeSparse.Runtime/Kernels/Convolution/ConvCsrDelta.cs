namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Convolution with a CSR weight whose indices are 8-bit steps from one non-zero to the next: five bytes a weight instead of six,
/// for where the weights' way from memory counts. The steps are added up on the way, which is no more work than the index of a
/// 16-bit weight.
/// </summary>
internal static unsafe class ConvCsrDelta<TOps, TVector>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
{
    public static void Run(Step* step, int worker, int workers)
    {
        ConvShare* share = step->Shares + worker;
        for (int t = share->FirstTile; t < share->EndTile; t++)
        {
            ConvTile* tile = step->Tiles + t;
            for (int chunk = 0; chunk < step->Chunks; chunk++)
            {
                switch (tile->Vectors)
                {
                    case 4:
                        Rows4(step, tile, share, chunk);
                        break;
                    case 3:
                        Rows3(step, tile, share, chunk);
                        break;
                    case 2:
                        Rows2(step, tile, share, chunk);
                        break;
                    default:
                        Rows1(step, tile, share, chunk);
                        break;
                }
            }
        }
    }

    private static void Rows4(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        int shift = step->IndexShift;
        nuint start = (nuint)((uint*)step->Windows)[chunk] << shift;
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0) + start;
        byte* x1 = ConvPointers<TOps, TVector>.Source(step, tile, 1) + start;
        byte* x2 = ConvPointers<TOps, TVector>.Source(step, tile, 2) + start;
        byte* x3 = ConvPointers<TOps, TVector>.Source(step, tile, 3) + start;
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        byte* delta = (byte*)step->Indices + pointers[share->FirstBlock];
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first);
            TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 1, first);
            TVector a2 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 2, first);
            TVector a3 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 3, first);
            TVector b0 = TOps.Zero;
            TVector b1 = TOps.Zero;
            TVector b2 = TOps.Zero;
            TVector b3 = TOps.Zero;
            nuint at = 0;
            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 2; count -= 2)
            {
                at += (nuint)delta[0] << shift;
                nuint next = at + ((nuint)delta[1] << shift);
                TVector w = TOps.Broadcast(value[0]);
                TVector v = TOps.Broadcast(value[1]);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + at)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + at)), w, a1);
                a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + at)), w, a2);
                a3 = TOps.MultiplyAdd(TOps.Load((float*)(x3 + at)), w, a3);
                b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + next)), v, b0);
                b1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + next)), v, b1);
                b2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + next)), v, b2);
                b3 = TOps.MultiplyAdd(TOps.Load((float*)(x3 + next)), v, b3);
                at = next;
                value += 2;
                delta += 2;
            }

            if (count != 0)
            {
                at += (nuint)(*delta++) << shift;
                TVector w = TOps.Broadcast(*value++);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + at)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + at)), w, a1);
                a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + at)), w, a2);
                a3 = TOps.MultiplyAdd(TOps.Load((float*)(x3 + at)), w, a3);
            }

            ConvPointers<TOps, TVector>.Store(step, tile, y, 0, TOps.Add(a0, b0), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 1, TOps.Add(a1, b1), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 2, TOps.Add(a2, b2), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 3, TOps.Add(a3, b3), last);
            ConvPointers<TOps, TVector>.Activate(step, tile, y, last);
        }
    }

    private static void Rows3(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        int shift = step->IndexShift;
        nuint start = (nuint)((uint*)step->Windows)[chunk] << shift;
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0) + start;
        byte* x1 = ConvPointers<TOps, TVector>.Source(step, tile, 1) + start;
        byte* x2 = ConvPointers<TOps, TVector>.Source(step, tile, 2) + start;
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        byte* delta = (byte*)step->Indices + pointers[share->FirstBlock];
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first);
            TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 1, first);
            TVector a2 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 2, first);
            TVector b0 = TOps.Zero;
            TVector b1 = TOps.Zero;
            TVector b2 = TOps.Zero;
            nuint at = 0;
            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 2; count -= 2)
            {
                at += (nuint)delta[0] << shift;
                nuint next = at + ((nuint)delta[1] << shift);
                TVector w = TOps.Broadcast(value[0]);
                TVector v = TOps.Broadcast(value[1]);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + at)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + at)), w, a1);
                a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + at)), w, a2);
                b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + next)), v, b0);
                b1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + next)), v, b1);
                b2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + next)), v, b2);
                at = next;
                value += 2;
                delta += 2;
            }

            if (count != 0)
            {
                at += (nuint)(*delta++) << shift;
                TVector w = TOps.Broadcast(*value++);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + at)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + at)), w, a1);
                a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + at)), w, a2);
            }

            ConvPointers<TOps, TVector>.Store(step, tile, y, 0, TOps.Add(a0, b0), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 1, TOps.Add(a1, b1), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 2, TOps.Add(a2, b2), last);
            ConvPointers<TOps, TVector>.Activate(step, tile, y, last);
        }
    }

    private static void Rows2(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        int shift = step->IndexShift;
        nuint start = (nuint)((uint*)step->Windows)[chunk] << shift;
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0) + start;
        byte* x1 = ConvPointers<TOps, TVector>.Source(step, tile, 1) + start;
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        byte* delta = (byte*)step->Indices + pointers[share->FirstBlock];
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first);
            TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 1, first);
            TVector b0 = TOps.Zero;
            TVector b1 = TOps.Zero;
            nuint at = 0;
            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 2; count -= 2)
            {
                at += (nuint)delta[0] << shift;
                nuint next = at + ((nuint)delta[1] << shift);
                TVector w = TOps.Broadcast(value[0]);
                TVector v = TOps.Broadcast(value[1]);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + at)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + at)), w, a1);
                b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + next)), v, b0);
                b1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + next)), v, b1);
                at = next;
                value += 2;
                delta += 2;
            }

            if (count != 0)
            {
                at += (nuint)(*delta++) << shift;
                TVector w = TOps.Broadcast(*value++);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + at)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + at)), w, a1);
            }

            ConvPointers<TOps, TVector>.Store(step, tile, y, 0, TOps.Add(a0, b0), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 1, TOps.Add(a1, b1), last);
            ConvPointers<TOps, TVector>.Activate(step, tile, y, last);
        }
    }

    private static void Rows1(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        int shift = step->IndexShift;
        nuint start = (nuint)((uint*)step->Windows)[chunk] << shift;
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0) + start;
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        byte* delta = (byte*)step->Indices + pointers[share->FirstBlock];
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first);
            TVector b0 = TOps.Zero;
            nuint at = 0;
            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 2; count -= 2)
            {
                at += (nuint)delta[0] << shift;
                nuint next = at + ((nuint)delta[1] << shift);
                TVector w = TOps.Broadcast(value[0]);
                TVector v = TOps.Broadcast(value[1]);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + at)), w, a0);
                b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + next)), v, b0);
                at = next;
                value += 2;
                delta += 2;
            }

            if (count != 0)
            {
                at += (nuint)(*delta++) << shift;
                TVector w = TOps.Broadcast(*value++);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + at)), w, a0);
            }

            ConvPointers<TOps, TVector>.Store(step, tile, y, 0, TOps.Add(a0, b0), last);
            ConvPointers<TOps, TVector>.Activate(step, tile, y, last);
        }
    }
}
