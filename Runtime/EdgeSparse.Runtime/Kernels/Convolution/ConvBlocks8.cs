namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Convolution with blocks of eight rows: as <see cref="ConvBlocks4{TOps, TVector, TIndex, TColumns}"/>, with narrower tiles, since
/// the sums of eight rows take the registers.
/// </summary>
internal static unsafe class ConvBlocks8<TOps, TVector, TIndex, TColumns>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
    where TIndex : unmanaged
    where TColumns : struct, IBlockColumns
{
    private const int R = 8;

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
            int row4 = of.RowAt(4);
            int row5 = of.RowAt(5);
            int row6 = of.RowAt(6);
            int row7 = of.RowAt(7);
            float* y0 = step->Output.Slots + ((nint)row0 * step->Output.ChannelStride);
            float* y1 = step->Output.Slots + ((nint)row1 * step->Output.ChannelStride);
            float* y2 = step->Output.Slots + ((nint)row2 * step->Output.ChannelStride);
            float* y3 = step->Output.Slots + ((nint)row3 * step->Output.ChannelStride);
            float* y4 = step->Output.Slots + ((nint)row4 * step->Output.ChannelStride);
            float* y5 = step->Output.Slots + ((nint)row5 * step->Output.ChannelStride);
            float* y6 = step->Output.Slots + ((nint)row6 * step->Output.ChannelStride);
            float* y7 = step->Output.Slots + ((nint)row7 * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row0, y0, 0, first);
            TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row0, y0, 1, first);
            TVector b0 = ConvPointers<TOps, TVector>.Start(step, tile, row1, y1, 0, first);
            TVector b1 = ConvPointers<TOps, TVector>.Start(step, tile, row1, y1, 1, first);
            TVector c0 = ConvPointers<TOps, TVector>.Start(step, tile, row2, y2, 0, first);
            TVector c1 = ConvPointers<TOps, TVector>.Start(step, tile, row2, y2, 1, first);
            TVector d0 = ConvPointers<TOps, TVector>.Start(step, tile, row3, y3, 0, first);
            TVector d1 = ConvPointers<TOps, TVector>.Start(step, tile, row3, y3, 1, first);
            TVector e0 = ConvPointers<TOps, TVector>.Start(step, tile, row4, y4, 0, first);
            TVector e1 = ConvPointers<TOps, TVector>.Start(step, tile, row4, y4, 1, first);
            TVector f0 = ConvPointers<TOps, TVector>.Start(step, tile, row5, y5, 0, first);
            TVector f1 = ConvPointers<TOps, TVector>.Start(step, tile, row5, y5, 1, first);
            TVector g0 = ConvPointers<TOps, TVector>.Start(step, tile, row6, y6, 0, first);
            TVector g1 = ConvPointers<TOps, TVector>.Start(step, tile, row6, y6, 1, first);
            TVector h0 = ConvPointers<TOps, TVector>.Start(step, tile, row7, y7, 0, first);
            TVector h1 = ConvPointers<TOps, TVector>.Start(step, tile, row7, y7, 1, first);
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
                    weight = TOps.Broadcast(value[4]);
                    e0 = TOps.MultiplyAdd(s0, weight, e0);
                    e1 = TOps.MultiplyAdd(s1, weight, e1);
                    weight = TOps.Broadcast(value[5]);
                    f0 = TOps.MultiplyAdd(s0, weight, f0);
                    f1 = TOps.MultiplyAdd(s1, weight, f1);
                    weight = TOps.Broadcast(value[6]);
                    g0 = TOps.MultiplyAdd(s0, weight, g0);
                    g1 = TOps.MultiplyAdd(s1, weight, g1);
                    weight = TOps.Broadcast(value[7]);
                    h0 = TOps.MultiplyAdd(s0, weight, h0);
                    h1 = TOps.MultiplyAdd(s1, weight, h1);
                    value += R;
                    at += (nuint)columnBytes;
                }
            }

            // Rows that fill up the last block write where its first row does, which is stored last.
            ConvPointers<TOps, TVector>.Store(step, tile, y7, 0, h0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y7, 1, h1, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y6, 0, g0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y6, 1, g1, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y5, 0, f0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y5, 1, f1, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y4, 0, e0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y4, 1, e1, last);
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
            int row4 = of.RowAt(4);
            int row5 = of.RowAt(5);
            int row6 = of.RowAt(6);
            int row7 = of.RowAt(7);
            float* y0 = step->Output.Slots + ((nint)row0 * step->Output.ChannelStride);
            float* y1 = step->Output.Slots + ((nint)row1 * step->Output.ChannelStride);
            float* y2 = step->Output.Slots + ((nint)row2 * step->Output.ChannelStride);
            float* y3 = step->Output.Slots + ((nint)row3 * step->Output.ChannelStride);
            float* y4 = step->Output.Slots + ((nint)row4 * step->Output.ChannelStride);
            float* y5 = step->Output.Slots + ((nint)row5 * step->Output.ChannelStride);
            float* y6 = step->Output.Slots + ((nint)row6 * step->Output.ChannelStride);
            float* y7 = step->Output.Slots + ((nint)row7 * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row0, y0, 0, first);
            TVector b0 = ConvPointers<TOps, TVector>.Start(step, tile, row1, y1, 0, first);
            TVector c0 = ConvPointers<TOps, TVector>.Start(step, tile, row2, y2, 0, first);
            TVector d0 = ConvPointers<TOps, TVector>.Start(step, tile, row3, y3, 0, first);
            TVector e0 = ConvPointers<TOps, TVector>.Start(step, tile, row4, y4, 0, first);
            TVector f0 = ConvPointers<TOps, TVector>.Start(step, tile, row5, y5, 0, first);
            TVector g0 = ConvPointers<TOps, TVector>.Start(step, tile, row6, y6, 0, first);
            TVector h0 = ConvPointers<TOps, TVector>.Start(step, tile, row7, y7, 0, first);
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
                    weight = TOps.Broadcast(value[4]);
                    e0 = TOps.MultiplyAdd(s0, weight, e0);
                    weight = TOps.Broadcast(value[5]);
                    f0 = TOps.MultiplyAdd(s0, weight, f0);
                    weight = TOps.Broadcast(value[6]);
                    g0 = TOps.MultiplyAdd(s0, weight, g0);
                    weight = TOps.Broadcast(value[7]);
                    h0 = TOps.MultiplyAdd(s0, weight, h0);
                    value += R;
                    at += (nuint)columnBytes;
                }
            }

            // Rows that fill up the last block write where its first row does, which is stored last.
            ConvPointers<TOps, TVector>.Store(step, tile, y7, 0, h0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y6, 0, g0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y5, 0, f0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y4, 0, e0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y3, 0, d0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y2, 0, c0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y1, 0, b0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y0, 0, a0, last);
            of.Activate<TOps, TVector>(step, tile, last);
        }
    }
}
