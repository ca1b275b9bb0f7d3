namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Convolution with blocks of one row and four input channels: one index serves four weights. The sums of even and odd columns are
/// apart, so that a narrow tile does not wait for its own multiply-adds.
/// </summary>
internal static unsafe class ConvBlocks1x4<TOps, TVector, TIndex>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
    where TIndex : unmanaged
{
    private const int C = 4;

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
                        Tile4(step, tile, share, chunk);
                        break;
                    case 3:
                        Tile3(step, tile, share, chunk);
                        break;
                    case 2:
                        Tile2(step, tile, share, chunk);
                        break;
                    default:
                        Tile1(step, tile, share, chunk);
                        break;
                }
            }
        }
    }

    private static void Tile4(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0);
        byte* x1 = ConvPointers<TOps, TVector>.Source(step, tile, 1);
        byte* x2 = ConvPointers<TOps, TVector>.Source(step, tile, 2);
        byte* x3 = ConvPointers<TOps, TVector>.Source(step, tile, 3);
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        int shift = step->IndexShift;
        nuint columnBytes = (nuint)step->ColumnBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + ((nint)pointers[share->FirstBlock] * C);
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
            for (uint count = pointers[row + 1] - pointers[row]; count != 0; count--)
            {
                nuint i = ConvPointers<TOps, TVector>.Offset(index++, shift);
                nuint j = i + columnBytes;
                nuint k = j + columnBytes;
                nuint l = k + columnBytes;
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
                w = TOps.Broadcast(value[2]);
                v = TOps.Broadcast(value[3]);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + k)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + k)), w, a1);
                a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + k)), w, a2);
                a3 = TOps.MultiplyAdd(TOps.Load((float*)(x3 + k)), w, a3);
                b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + l)), v, b0);
                b1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + l)), v, b1);
                b2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + l)), v, b2);
                b3 = TOps.MultiplyAdd(TOps.Load((float*)(x3 + l)), v, b3);
                value += C;
            }

            ConvPointers<TOps, TVector>.Store(step, tile, y, 0, TOps.Add(a0, b0), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 1, TOps.Add(a1, b1), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 2, TOps.Add(a2, b2), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 3, TOps.Add(a3, b3), last);
            ConvPointers<TOps, TVector>.Activate(step, tile, y, last);
        }
    }

    private static void Tile3(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0);
        byte* x1 = ConvPointers<TOps, TVector>.Source(step, tile, 1);
        byte* x2 = ConvPointers<TOps, TVector>.Source(step, tile, 2);
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        int shift = step->IndexShift;
        nuint columnBytes = (nuint)step->ColumnBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + ((nint)pointers[share->FirstBlock] * C);
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
            for (uint count = pointers[row + 1] - pointers[row]; count != 0; count--)
            {
                nuint i = ConvPointers<TOps, TVector>.Offset(index++, shift);
                nuint j = i + columnBytes;
                nuint k = j + columnBytes;
                nuint l = k + columnBytes;
                TVector w = TOps.Broadcast(value[0]);
                TVector v = TOps.Broadcast(value[1]);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
                a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + i)), w, a2);
                b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + j)), v, b0);
                b1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + j)), v, b1);
                b2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + j)), v, b2);
                w = TOps.Broadcast(value[2]);
                v = TOps.Broadcast(value[3]);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + k)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + k)), w, a1);
                a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + k)), w, a2);
                b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + l)), v, b0);
                b1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + l)), v, b1);
                b2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + l)), v, b2);
                value += C;
            }

            ConvPointers<TOps, TVector>.Store(step, tile, y, 0, TOps.Add(a0, b0), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 1, TOps.Add(a1, b1), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 2, TOps.Add(a2, b2), last);
            ConvPointers<TOps, TVector>.Activate(step, tile, y, last);
        }
    }

    private static void Tile2(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0);
        byte* x1 = ConvPointers<TOps, TVector>.Source(step, tile, 1);
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        int shift = step->IndexShift;
        nuint columnBytes = (nuint)step->ColumnBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + ((nint)pointers[share->FirstBlock] * C);
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first);
            TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 1, first);
            TVector b0 = TOps.Zero;
            TVector b1 = TOps.Zero;
            for (uint count = pointers[row + 1] - pointers[row]; count != 0; count--)
            {
                nuint i = ConvPointers<TOps, TVector>.Offset(index++, shift);
                nuint j = i + columnBytes;
                nuint k = j + columnBytes;
                nuint l = k + columnBytes;
                TVector w = TOps.Broadcast(value[0]);
                TVector v = TOps.Broadcast(value[1]);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
                b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + j)), v, b0);
                b1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + j)), v, b1);
                w = TOps.Broadcast(value[2]);
                v = TOps.Broadcast(value[3]);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + k)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + k)), w, a1);
                b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + l)), v, b0);
                b1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + l)), v, b1);
                value += C;
            }

            ConvPointers<TOps, TVector>.Store(step, tile, y, 0, TOps.Add(a0, b0), last);
            ConvPointers<TOps, TVector>.Store(step, tile, y, 1, TOps.Add(a1, b1), last);
            ConvPointers<TOps, TVector>.Activate(step, tile, y, last);
        }
    }

    private static void Tile1(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0);
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        int shift = step->IndexShift;
        nuint columnBytes = (nuint)step->ColumnBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + ((nint)pointers[share->FirstBlock] * C);
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first);
            TVector b0 = TOps.Zero;
            for (uint count = pointers[row + 1] - pointers[row]; count != 0; count--)
            {
                nuint i = ConvPointers<TOps, TVector>.Offset(index++, shift);
                nuint j = i + columnBytes;
                nuint k = j + columnBytes;
                nuint l = k + columnBytes;
                TVector w = TOps.Broadcast(value[0]);
                TVector v = TOps.Broadcast(value[1]);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + j)), v, b0);
                w = TOps.Broadcast(value[2]);
                v = TOps.Broadcast(value[3]);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + k)), w, a0);
                b0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + l)), v, b0);
                value += C;
            }

            ConvPointers<TOps, TVector>.Store(step, tile, y, 0, TOps.Add(a0, b0), last);
            ConvPointers<TOps, TVector>.Activate(step, tile, y, last);
        }
    }
}
