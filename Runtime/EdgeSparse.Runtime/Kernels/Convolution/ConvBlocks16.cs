namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Convolution with blocks of sixteen rows, one vector of pixels at a time: see
/// <see cref="ConvBlocks4{TOps, TVector, TIndex, TColumns}"/>.
/// </summary>
internal static unsafe class ConvBlocks16<TOps, TVector, TIndex, TColumns>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
    where TIndex : unmanaged
    where TColumns : struct, IBlockColumns
{
    private const int R = 16;

    public static void Run(Step* step, int worker, int workers)
    {
        ConvShare* share = step->Shares + worker;
        for (int t = share->FirstTile; t < share->EndTile; t++)
        {
            ConvTile* tile = step->Tiles + t;
            for (int chunk = 0; chunk < step->Chunks; chunk++)
            {
                Tile1(step, tile, share, chunk);
            }
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
            int row8 = of.RowAt(8);
            int row9 = of.RowAt(9);
            int row10 = of.RowAt(10);
            int row11 = of.RowAt(11);
            int row12 = of.RowAt(12);
            int row13 = of.RowAt(13);
            int row14 = of.RowAt(14);
            int row15 = of.RowAt(15);
            float* y0 = step->Output.Slots + ((nint)row0 * step->Output.ChannelStride);
            float* y1 = step->Output.Slots + ((nint)row1 * step->Output.ChannelStride);
            float* y2 = step->Output.Slots + ((nint)row2 * step->Output.ChannelStride);
            float* y3 = step->Output.Slots + ((nint)row3 * step->Output.ChannelStride);
            float* y4 = step->Output.Slots + ((nint)row4 * step->Output.ChannelStride);
            float* y5 = step->Output.Slots + ((nint)row5 * step->Output.ChannelStride);
            float* y6 = step->Output.Slots + ((nint)row6 * step->Output.ChannelStride);
            float* y7 = step->Output.Slots + ((nint)row7 * step->Output.ChannelStride);
            float* y8 = step->Output.Slots + ((nint)row8 * step->Output.ChannelStride);
            float* y9 = step->Output.Slots + ((nint)row9 * step->Output.ChannelStride);
            float* y10 = step->Output.Slots + ((nint)row10 * step->Output.ChannelStride);
            float* y11 = step->Output.Slots + ((nint)row11 * step->Output.ChannelStride);
            float* y12 = step->Output.Slots + ((nint)row12 * step->Output.ChannelStride);
            float* y13 = step->Output.Slots + ((nint)row13 * step->Output.ChannelStride);
            float* y14 = step->Output.Slots + ((nint)row14 * step->Output.ChannelStride);
            float* y15 = step->Output.Slots + ((nint)row15 * step->Output.ChannelStride);
            TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row0, y0, 0, first);
            TVector b0 = ConvPointers<TOps, TVector>.Start(step, tile, row1, y1, 0, first);
            TVector c0 = ConvPointers<TOps, TVector>.Start(step, tile, row2, y2, 0, first);
            TVector d0 = ConvPointers<TOps, TVector>.Start(step, tile, row3, y3, 0, first);
            TVector e0 = ConvPointers<TOps, TVector>.Start(step, tile, row4, y4, 0, first);
            TVector f0 = ConvPointers<TOps, TVector>.Start(step, tile, row5, y5, 0, first);
            TVector g0 = ConvPointers<TOps, TVector>.Start(step, tile, row6, y6, 0, first);
            TVector h0 = ConvPointers<TOps, TVector>.Start(step, tile, row7, y7, 0, first);
            TVector i0 = ConvPointers<TOps, TVector>.Start(step, tile, row8, y8, 0, first);
            TVector j0 = ConvPointers<TOps, TVector>.Start(step, tile, row9, y9, 0, first);
            TVector k0 = ConvPointers<TOps, TVector>.Start(step, tile, row10, y10, 0, first);
            TVector l0 = ConvPointers<TOps, TVector>.Start(step, tile, row11, y11, 0, first);
            TVector m0 = ConvPointers<TOps, TVector>.Start(step, tile, row12, y12, 0, first);
            TVector n0 = ConvPointers<TOps, TVector>.Start(step, tile, row13, y13, 0, first);
            TVector o0 = ConvPointers<TOps, TVector>.Start(step, tile, row14, y14, 0, first);
            TVector p0 = ConvPointers<TOps, TVector>.Start(step, tile, row15, y15, 0, first);
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
                    weight = TOps.Broadcast(value[8]);
                    i0 = TOps.MultiplyAdd(s0, weight, i0);
                    weight = TOps.Broadcast(value[9]);
                    j0 = TOps.MultiplyAdd(s0, weight, j0);
                    weight = TOps.Broadcast(value[10]);
                    k0 = TOps.MultiplyAdd(s0, weight, k0);
                    weight = TOps.Broadcast(value[11]);
                    l0 = TOps.MultiplyAdd(s0, weight, l0);
                    weight = TOps.Broadcast(value[12]);
                    m0 = TOps.MultiplyAdd(s0, weight, m0);
                    weight = TOps.Broadcast(value[13]);
                    n0 = TOps.MultiplyAdd(s0, weight, n0);
                    weight = TOps.Broadcast(value[14]);
                    o0 = TOps.MultiplyAdd(s0, weight, o0);
                    weight = TOps.Broadcast(value[15]);
                    p0 = TOps.MultiplyAdd(s0, weight, p0);
                    value += R;
                    at += (nuint)columnBytes;
                }
            }

            // Rows that fill up the last block write where its first row does, which is stored last.
            ConvPointers<TOps, TVector>.Store(step, tile, y15, 0, p0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y14, 0, o0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y13, 0, n0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y12, 0, m0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y11, 0, l0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y10, 0, k0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y9, 0, j0, last);
            ConvPointers<TOps, TVector>.Store(step, tile, y8, 0, i0, last);
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
