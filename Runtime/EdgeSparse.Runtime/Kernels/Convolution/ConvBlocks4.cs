namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Convolution with blocks of four rows, block-sparse or dense: each loaded vector of the input serves four rows, so that the
/// multiplications are the limit and not the loads.
/// </summary>
internal static unsafe class ConvBlocks4<TOps, TVector, TIndex, TColumns>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
    where TIndex : unmanaged
    where TColumns : struct, IBlockColumns
{
    private const int R = 4;

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
        nint columnBytes = step->ColumnBytes;
        for (int block = share->FirstBlock; block < share->EndBlock; block++)
        {
            ConvBlock<TIndex> of = ConvBlock<TIndex>.Of(step, chunk, block, R * TColumns.Count, R);
            float* value = of.Values;
            TIndex* index = of.Indices;
            int row0 = of.Row;
            int row1 = of.RowAt(1);
            int row2 = of.RowAt(2);
            int row3 = of.RowAt(3);
            float* y0 = step->Output.Slots + ((nint)row0 * step->Output.ChannelStride);
            float* y1 = step->Output.Slots + ((nint)row1 * step->Output.ChannelStride);
            float* y2 = step->Output.Slots + ((nint)row2 * step->Output.ChannelStride);
            float* y3 = step->Output.Slots + ((nint)row3 * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row0, y0, 0, first);
            TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row0, y0, 1, first);
            TVector a2 = ConvPointers<TOps, TVector>.Start(step, tile, row0, y0, 2, first);
            TVector a3 = ConvPointers<TOps, TVector>.Start(step, tile, row0, y0, 3, first);
            TVector b0 = ConvPointers<TOps, TVector>.Start(step, tile, row1, y1, 0, first);
            TVector b1 = ConvPointers<TOps, TVector>.Start(step, tile, row1, y1, 1, first);
            TVector b2 = ConvPointers<TOps, TVector>.Start(step, tile, row1, y1, 2, first);
            TVector b3 = ConvPointers<TOps, TVector>.Start(step, tile, row1, y1, 3, first);
            TVector c0 = ConvPointers<TOps, TVector>.Start(step, tile, row2, y2, 0, first);
            TVector c1 = ConvPointers<TOps, TVector>.Start(step, tile, row2, y2, 1, first);
            TVector c2 = ConvPointers<TOps, TVector>.Start(step, tile, row2, y2, 2, first);
            TVector c3 = ConvPointers<TOps, TVector>.Start(step, tile, row2, y2, 3, first);
            TVector d0 = ConvPointers<TOps, TVector>.Start(step, tile, row3, y3, 0, first);
            TVector d1 = ConvPointers<TOps, TVector>.Start(step, tile, row3, y3, 1, first);
            TVector d2 = ConvPointers<TOps, TVector>.Start(step, tile, row3, y3, 2, first);
            TVector d3 = ConvPointers<TOps, TVector>.Start(step, tile, row3, y3, 3, first);
            for (uint count = of.Count; count != 0; count--)
            {
                nuint at = ConvPointers<TOps, TVector>.Offset(index++, shift);
                for (int column = 0; column < TColumns.Count; column++)
                {
                    TVector s0 = TOps.Load((float*)(x0 + at));
                    TVector s1 = TOps.Load((float*)(x1 + at));
                    TVector s2 = TOps.Load((float*)(x2 + at));
                    TVector s3 = TOps.Load((float*)(x3 + at));
                    TVector weight = TOps.Broadcast(value[0]);
                    a0 = TOps.MultiplyAdd(s0, weight, a0);
                    a1 = TOps.MultiplyAdd(s1, weight, a1);
                    a2 = TOps.MultiplyAdd(s2, weight, a2);
                    a3 = TOps.MultiplyAdd(s3, weight, a3);
                    weight = TOps.Broadcast(value[1]);
                    b0 = TOps.MultiplyAdd(s0, weight, b0);
                    b1 = TOps.MultiplyAdd(s1, weight, b1);
                    b2 = TOps.MultiplyAdd(s2, weight, b2);
                    b3 = TOps.MultiplyAdd(s3, weight, b3);
                    weight = TOps.Broadcast(value[2]);
                    c0 = TOps.MultiplyAdd(s0, weight, c0);
                    c1 = TOps.MultiplyAdd(s1, weight, c1);
                    c2 = TOps.MultiplyAdd(s2, weight, c2);
                    c3 = TOps.MultiplyAdd(s3, weight, c3);
                    weight = TOps.Broadcast(value[3]);
                    d0 = TOps.MultiplyAdd(s0, weight, d0);
                    d1 = TOps.MultiplyAdd(s1, weight, d1);
                    d2 = TOps.MultiplyAdd(s2, weight, d2);
                    d3 = TOps.MultiplyAdd(s3, weight, d3);
                    value += R;
                    at += (nuint)columnBytes;
                }
            }

            // Rows that fill up the last block write where its first row does, which is stored last.
            ConvPointers<TOps, TVector>.Store(step, tile, y3, 0, d0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y3, 1, d1, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y3, 2, d2, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y3, 3, d3, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y2, 0, c0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y2, 1, c1, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y2, 2, c2, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y2, 3, c3, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y1, 0, b0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y1, 1, b1, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y1, 2, b2, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y1, 3, b3, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y0, 0, a0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y0, 1, a1, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y0, 2, a2, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y0, 3, a3, last);
            of.Activate<TOps, TVector>(step, tile, last);
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
        nint columnBytes = step->ColumnBytes;
        for (int block = share->FirstBlock; block < share->EndBlock; block++)
        {
            ConvBlock<TIndex> of = ConvBlock<TIndex>.Of(step, chunk, block, R * TColumns.Count, R);
            float* value = of.Values;
            TIndex* index = of.Indices;
            int row0 = of.Row;
            int row1 = of.RowAt(1);
            int row2 = of.RowAt(2);
            int row3 = of.RowAt(3);
            float* y0 = step->Output.Slots + ((nint)row0 * step->Output.ChannelStride);
            float* y1 = step->Output.Slots + ((nint)row1 * step->Output.ChannelStride);
            float* y2 = step->Output.Slots + ((nint)row2 * step->Output.ChannelStride);
            float* y3 = step->Output.Slots + ((nint)row3 * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row0, y0, 0, first);
            TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row0, y0, 1, first);
            TVector a2 = ConvPointers<TOps, TVector>.Start(step, tile, row0, y0, 2, first);
            TVector b0 = ConvPointers<TOps, TVector>.Start(step, tile, row1, y1, 0, first);
            TVector b1 = ConvPointers<TOps, TVector>.Start(step, tile, row1, y1, 1, first);
            TVector b2 = ConvPointers<TOps, TVector>.Start(step, tile, row1, y1, 2, first);
            TVector c0 = ConvPointers<TOps, TVector>.Start(step, tile, row2, y2, 0, first);
            TVector c1 = ConvPointers<TOps, TVector>.Start(step, tile, row2, y2, 1, first);
            TVector c2 = ConvPointers<TOps, TVector>.Start(step, tile, row2, y2, 2, first);
            TVector d0 = ConvPointers<TOps, TVector>.Start(step, tile, row3, y3, 0, first);
            TVector d1 = ConvPointers<TOps, TVector>.Start(step, tile, row3, y3, 1, first);
            TVector d2 = ConvPointers<TOps, TVector>.Start(step, tile, row3, y3, 2, first);
            for (uint count = of.Count; count != 0; count--)
            {
                nuint at = ConvPointers<TOps, TVector>.Offset(index++, shift);
                for (int column = 0; column < TColumns.Count; column++)
                {
                    TVector s0 = TOps.Load((float*)(x0 + at));
                    TVector s1 = TOps.Load((float*)(x1 + at));
                    TVector s2 = TOps.Load((float*)(x2 + at));
                    TVector weight = TOps.Broadcast(value[0]);
                    a0 = TOps.MultiplyAdd(s0, weight, a0);
                    a1 = TOps.MultiplyAdd(s1, weight, a1);
                    a2 = TOps.MultiplyAdd(s2, weight, a2);
                    weight = TOps.Broadcast(value[1]);
                    b0 = TOps.MultiplyAdd(s0, weight, b0);
                    b1 = TOps.MultiplyAdd(s1, weight, b1);
                    b2 = TOps.MultiplyAdd(s2, weight, b2);
                    weight = TOps.Broadcast(value[2]);
                    c0 = TOps.MultiplyAdd(s0, weight, c0);
                    c1 = TOps.MultiplyAdd(s1, weight, c1);
                    c2 = TOps.MultiplyAdd(s2, weight, c2);
                    weight = TOps.Broadcast(value[3]);
                    d0 = TOps.MultiplyAdd(s0, weight, d0);
                    d1 = TOps.MultiplyAdd(s1, weight, d1);
                    d2 = TOps.MultiplyAdd(s2, weight, d2);
                    value += R;
                    at += (nuint)columnBytes;
                }
            }

            // Rows that fill up the last block write where its first row does, which is stored last.
            ConvPointers<TOps, TVector>.Store(step, tile, y3, 0, d0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y3, 1, d1, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y3, 2, d2, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y2, 0, c0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y2, 1, c1, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y2, 2, c2, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y1, 0, b0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y1, 1, b1, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y1, 2, b2, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y0, 0, a0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y0, 1, a1, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y0, 2, a2, last);
            of.Activate<TOps, TVector>(step, tile, last);
        }
    }

    private static void Tile2(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0);
        byte* x1 = ConvPointers<TOps, TVector>.Source(step, tile, 1);
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        int shift = step->IndexShift;
        nint columnBytes = step->ColumnBytes;
        for (int block = share->FirstBlock; block < share->EndBlock; block++)
        {
            ConvBlock<TIndex> of = ConvBlock<TIndex>.Of(step, chunk, block, R * TColumns.Count, R);
            float* value = of.Values;
            TIndex* index = of.Indices;
            int row0 = of.Row;
            int row1 = of.RowAt(1);
            int row2 = of.RowAt(2);
            int row3 = of.RowAt(3);
            float* y0 = step->Output.Slots + ((nint)row0 * step->Output.ChannelStride);
            float* y1 = step->Output.Slots + ((nint)row1 * step->Output.ChannelStride);
            float* y2 = step->Output.Slots + ((nint)row2 * step->Output.ChannelStride);
            float* y3 = step->Output.Slots + ((nint)row3 * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row0, y0, 0, first);
            TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row0, y0, 1, first);
            TVector b0 = ConvPointers<TOps, TVector>.Start(step, tile, row1, y1, 0, first);
            TVector b1 = ConvPointers<TOps, TVector>.Start(step, tile, row1, y1, 1, first);
            TVector c0 = ConvPointers<TOps, TVector>.Start(step, tile, row2, y2, 0, first);
            TVector c1 = ConvPointers<TOps, TVector>.Start(step, tile, row2, y2, 1, first);
            TVector d0 = ConvPointers<TOps, TVector>.Start(step, tile, row3, y3, 0, first);
            TVector d1 = ConvPointers<TOps, TVector>.Start(step, tile, row3, y3, 1, first);
            for (uint count = of.Count; count != 0; count--)
            {
                nuint at = ConvPointers<TOps, TVector>.Offset(index++, shift);
                for (int column = 0; column < TColumns.Count; column++)
                {
                    TVector s0 = TOps.Load((float*)(x0 + at));
                    TVector s1 = TOps.Load((float*)(x1 + at));
                    TVector weight = TOps.Broadcast(value[0]);
                    a0 = TOps.MultiplyAdd(s0, weight, a0);
                    a1 = TOps.MultiplyAdd(s1, weight, a1);
                    weight = TOps.Broadcast(value[1]);
                    b0 = TOps.MultiplyAdd(s0, weight, b0);
                    b1 = TOps.MultiplyAdd(s1, weight, b1);
                    weight = TOps.Broadcast(value[2]);
                    c0 = TOps.MultiplyAdd(s0, weight, c0);
                    c1 = TOps.MultiplyAdd(s1, weight, c1);
                    weight = TOps.Broadcast(value[3]);
                    d0 = TOps.MultiplyAdd(s0, weight, d0);
                    d1 = TOps.MultiplyAdd(s1, weight, d1);
                    value += R;
                    at += (nuint)columnBytes;
                }
            }

            // Rows that fill up the last block write where its first row does, which is stored last.
            ConvPointers<TOps, TVector>.Store(step, tile, y3, 0, d0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y3, 1, d1, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y2, 0, c0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y2, 1, c1, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y1, 0, b0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y1, 1, b1, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y0, 0, a0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y0, 1, a1, last);
            of.Activate<TOps, TVector>(step, tile, last);
        }
    }

    private static void Tile1(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0);
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        int shift = step->IndexShift;
        nint columnBytes = step->ColumnBytes;
        for (int block = share->FirstBlock; block < share->EndBlock; block++)
        {
            ConvBlock<TIndex> of = ConvBlock<TIndex>.Of(step, chunk, block, R * TColumns.Count, R);
            float* value = of.Values;
            TIndex* index = of.Indices;
            int row0 = of.Row;
            int row1 = of.RowAt(1);
            int row2 = of.RowAt(2);
            int row3 = of.RowAt(3);
            float* y0 = step->Output.Slots + ((nint)row0 * step->Output.ChannelStride);
            float* y1 = step->Output.Slots + ((nint)row1 * step->Output.ChannelStride);
            float* y2 = step->Output.Slots + ((nint)row2 * step->Output.ChannelStride);
            float* y3 = step->Output.Slots + ((nint)row3 * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row0, y0, 0, first);
            TVector b0 = ConvPointers<TOps, TVector>.Start(step, tile, row1, y1, 0, first);
            TVector c0 = ConvPointers<TOps, TVector>.Start(step, tile, row2, y2, 0, first);
            TVector d0 = ConvPointers<TOps, TVector>.Start(step, tile, row3, y3, 0, first);
            for (uint count = of.Count; count != 0; count--)
            {
                nuint at = ConvPointers<TOps, TVector>.Offset(index++, shift);
                for (int column = 0; column < TColumns.Count; column++)
                {
                    TVector s0 = TOps.Load((float*)(x0 + at));
                    TVector weight = TOps.Broadcast(value[0]);
                    a0 = TOps.MultiplyAdd(s0, weight, a0);
                    weight = TOps.Broadcast(value[1]);
                    b0 = TOps.MultiplyAdd(s0, weight, b0);
                    weight = TOps.Broadcast(value[2]);
                    c0 = TOps.MultiplyAdd(s0, weight, c0);
                    weight = TOps.Broadcast(value[3]);
                    d0 = TOps.MultiplyAdd(s0, weight, d0);
                    value += R;
                    at += (nuint)columnBytes;
                }
            }

            // Rows that fill up the last block write where its first row does, which is stored last.
            ConvPointers<TOps, TVector>.Store(step, tile, y3, 0, d0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y2, 0, c0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y1, 0, b0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y0, 0, a0, last);
            of.Activate<TOps, TVector>(step, tile, last);
        }
    }
}
