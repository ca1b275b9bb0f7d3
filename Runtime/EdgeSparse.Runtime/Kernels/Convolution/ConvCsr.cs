namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Convolution with a CSR weight as sparse times dense: for each tile of the output and each row, the row's non-zeros times as many
/// vectors of the input. Tiles are outermost, chunks of input channels next, so that what a chunk's rows read of a tile stays in
/// the first-level cache while all rows pass over it. The narrower the tile, the more non-zeros are under way at once: so many sums
/// must be independent that the latency of a multiply-add is hidden.
/// </summary>
internal static unsafe class ConvCsr<TOps, TVector, TIndex>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
    where TIndex : unmanaged
{
    public static void Run(Step* step, int worker, int workers)
    {
        ConvShare* share = step->Shares + worker;
        for (int t = share->FirstTile; t < share->EndTile; t++)
        {
            ConvTile* tile = step->Tiles + t;
            for (int chunk = 0; chunk < step->Chunks; chunk++)
            {
                switch (tile->IsContiguous != 0 ? tile->Vectors : -tile->Vectors)
                {
                    case 8:
                        Rows8<Contiguous>(step, tile, share, chunk);
                        break;
                    case 4:
                        Rows4<Contiguous>(step, tile, share, chunk);
                        break;
                    case 3:
                        Rows3<Contiguous>(step, tile, share, chunk);
                        break;
                    case 2:
                        Rows2<Contiguous>(step, tile, share, chunk);
                        break;
                    case -4:
                        Rows4<Scattered>(step, tile, share, chunk);
                        break;
                    case -3:
                        Rows3<Scattered>(step, tile, share, chunk);
                        break;
                    case -2:
                        Rows2<Scattered>(step, tile, share, chunk);
                        break;
                    default:
                        Rows1(step, tile, share, chunk);
                        break;
                }
            }
        }
    }

    private static void Rows8<TPlaces>(Step* step, ConvTile* tile, ConvShare* share, int chunk)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0);
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 1);
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 2);
        byte* x3 = TPlaces.AreContiguous ? x0 + (3 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 3);
        byte* x4 = TPlaces.AreContiguous ? x0 + (4 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 4);
        byte* x5 = TPlaces.AreContiguous ? x0 + (5 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 5);
        byte* x6 = TPlaces.AreContiguous ? x0 + (6 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 6);
        byte* x7 = TPlaces.AreContiguous ? x0 + (7 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 7);
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        int shift = step->IndexShift;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first);
            TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 1, first);
            TVector a2 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 2, first);
            TVector a3 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 3, first);
            TVector a4 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 4, first);
            TVector a5 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 5, first);
            TVector a6 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 6, first);
            TVector a7 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 7, first);
            uint count = pointers[row + 1] - pointers[row];
            for (; count != 0; count--)
            {
                nuint i = ConvPointers<TOps, TVector>.Offset(index++, shift);
                TVector w = TOps.Broadcast(*value++);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
                a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + i)), w, a2);
                a3 = TOps.MultiplyAdd(TOps.Load((float*)(x3 + i)), w, a3);
                a4 = TOps.MultiplyAdd(TOps.Load((float*)(x4 + i)), w, a4);
                a5 = TOps.MultiplyAdd(TOps.Load((float*)(x5 + i)), w, a5);
                a6 = TOps.MultiplyAdd(TOps.Load((float*)(x6 + i)), w, a6);
                a7 = TOps.MultiplyAdd(TOps.Load((float*)(x7 + i)), w, a7);
            }

            ConvPointers<TOps, TVector>.Store(step, tile, y, 0, a0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 1, a1, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 2, a2, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 3, a3, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 4, a4, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 5, a5, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 6, a6, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 7, a7, last);
            ConvPointers<TOps, TVector>.Activate(step, tile, y, last);
        }
    }

    private static void Rows4<TPlaces>(Step* step, ConvTile* tile, ConvShare* share, int chunk)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0);
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 1);
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 2);
        byte* x3 = TPlaces.AreContiguous ? x0 + (3 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 3);
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        int shift = step->IndexShift;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
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
            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 2; count -= 2)
            {
                nuint i = ConvPointers<TOps, TVector>.Offset(index, shift);
                nuint j = ConvPointers<TOps, TVector>.Offset(index + 1, shift);
                TVector w = TOps.Broadcast(value[0]);
                TVector v = TOps.Broadcast(value[1]);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
                a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + i)), w, a2);
                a3 = TOps.MultiplyAdd(TOps.Load((float*)(x3 + i)), w, a3);
                b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + j)), v, b0);
                b1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + j)), v, b1);
                b2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + j)), v, b2);
                b3 = TOps.MultiplyAdd(TOps.Load((float*)(x3 + j)), v, b3);
                value += 2;
                index += 2;
            }

            if (count != 0)
            {
                nuint i = ConvPointers<TOps, TVector>.Offset(index++, shift);
                TVector w = TOps.Broadcast(*value++);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
                a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + i)), w, a2);
                a3 = TOps.MultiplyAdd(TOps.Load((float*)(x3 + i)), w, a3);
            }

            ConvPointers<TOps, TVector>.Store(step, tile, y, 0, TOps.Add(a0, b0), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 1, TOps.Add(a1, b1), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 2, TOps.Add(a2, b2), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 3, TOps.Add(a3, b3), last);
            ConvPointers<TOps, TVector>.Activate(step, tile, y, last);
        }
    }

    private static void Rows3<TPlaces>(Step* step, ConvTile* tile, ConvShare* share, int chunk)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0);
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 1);
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 2);
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        int shift = step->IndexShift;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first);
            TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 1, first);
            TVector a2 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 2, first);
            TVector b0 = TOps.Zero;
            TVector b1 = TOps.Zero;
            TVector b2 = TOps.Zero;
            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 2; count -= 2)
            {
                nuint i = ConvPointers<TOps, TVector>.Offset(index, shift);
                nuint j = ConvPointers<TOps, TVector>.Offset(index + 1, shift);
                TVector w = TOps.Broadcast(value[0]);
                TVector v = TOps.Broadcast(value[1]);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
                a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + i)), w, a2);
                b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + j)), v, b0);
                b1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + j)), v, b1);
                b2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + j)), v, b2);
                value += 2;
                index += 2;
            }

            if (count != 0)
            {
                nuint i = ConvPointers<TOps, TVector>.Offset(index++, shift);
                TVector w = TOps.Broadcast(*value++);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
                a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + i)), w, a2);
            }

            ConvPointers<TOps, TVector>.Store(step, tile, y, 0, TOps.Add(a0, b0), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 1, TOps.Add(a1, b1), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 2, TOps.Add(a2, b2), last);
            ConvPointers<TOps, TVector>.Activate(step, tile, y, last);
        }
    }

    private static void Rows2<TPlaces>(Step* step, ConvTile* tile, ConvShare* share, int chunk)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0);
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 1);
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        int shift = step->IndexShift;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first);
            TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 1, first);
            TVector b0 = TOps.Zero;
            TVector b1 = TOps.Zero;
            TVector c0 = TOps.Zero;
            TVector c1 = TOps.Zero;
            TVector d0 = TOps.Zero;
            TVector d1 = TOps.Zero;
            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 4; count -= 4)
            {
                nuint i = ConvPointers<TOps, TVector>.Offset(index, shift);
                nuint j = ConvPointers<TOps, TVector>.Offset(index + 1, shift);
                nuint k = ConvPointers<TOps, TVector>.Offset(index + 2, shift);
                nuint l = ConvPointers<TOps, TVector>.Offset(index + 3, shift);
                TVector w = TOps.Broadcast(value[0]);
                TVector v = TOps.Broadcast(value[1]);
                TVector u = TOps.Broadcast(value[2]);
                TVector t = TOps.Broadcast(value[3]);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
                b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + j)), v, b0);
                b1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + j)), v, b1);
                c0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + k)), u, c0);
                c1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + k)), u, c1);
                d0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + l)), t, d0);
                d1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + l)), t, d1);
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                nuint i = ConvPointers<TOps, TVector>.Offset(index++, shift);
                TVector w = TOps.Broadcast(*value++);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
            }

            ConvPointers<TOps, TVector>.Store(step, tile, y, 0, TOps.Add(TOps.Add(a0, b0), TOps.Add(c0, d0)), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 1, TOps.Add(TOps.Add(a1, b1), TOps.Add(c1, d1)), last);
            ConvPointers<TOps, TVector>.Activate(step, tile, y, last);
        }
    }

    private static void Rows1(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0);
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        int shift = step->IndexShift;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first);
            TVector b0 = TOps.Zero;
            TVector c0 = TOps.Zero;
            TVector d0 = TOps.Zero;
            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 4; count -= 4)
            {
                nuint i = ConvPointers<TOps, TVector>.Offset(index, shift);
                nuint j = ConvPointers<TOps, TVector>.Offset(index + 1, shift);
                nuint k = ConvPointers<TOps, TVector>.Offset(index + 2, shift);
                nuint l = ConvPointers<TOps, TVector>.Offset(index + 3, shift);
                TVector w = TOps.Broadcast(value[0]);
                TVector v = TOps.Broadcast(value[1]);
                TVector u = TOps.Broadcast(value[2]);
                TVector t = TOps.Broadcast(value[3]);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + j)), v, b0);
                c0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + k)), u, c0);
                d0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + l)), t, d0);
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                nuint i = ConvPointers<TOps, TVector>.Offset(index++, shift);
                TVector w = TOps.Broadcast(*value++);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
            }

            ConvPointers<TOps, TVector>.Store(step, tile, y, 0, TOps.Add(TOps.Add(a0, b0), TOps.Add(c0, d0)), last);
            ConvPointers<TOps, TVector>.Activate(step, tile, y, last);
        }
    }
}
