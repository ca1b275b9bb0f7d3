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
            ConvSums.Start(step, tile, share, TOps.Count);
            for (int chunk = 0; chunk < step->Chunks; chunk++)
            {
                switch (tile->Vectors)
                {
                    case 2:
                        Blocks2(step, tile, share, chunk);
                        break;
                    default:
                        Blocks1(step, tile, share, chunk);
                        break;
                }
            }

            ConvSums.Activate(step, tile, share, TOps.Count);
        }
    }

    private static void Blocks2(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        byte* x1 = ConvPointers.Source(step, tile, 1);
        nint t1 = tile->Target[1] - tile->Target[0];
        bool fresh = ConvSums.AreFresh(step, chunk);
        bool last = chunk == step->Chunks - 1;
        nuint unit = step->IndexBytes;
        nuint columnBytes = (nuint)step->ColumnBytes;
        for (int block = share->FirstBlock; block < share->EndBlock; block++)
        {
            ConvBlock<TIndex> of = ConvBlock<TIndex>.Of(step, chunk, block, R * TColumns.Count, R);
            float* value = of.Values;
            TIndex* index = of.Indices;
            float* y0 = ConvPointers.Target(step, tile, of.Row);
            float* y1 = y0 + of.ToRow(1, step->Output.ChannelStride);
            float* y2 = y0 + of.ToRow(2, step->Output.ChannelStride);
            float* y3 = y0 + of.ToRow(3, step->Output.ChannelStride);
            float* y4 = y0 + of.ToRow(4, step->Output.ChannelStride);
            float* y5 = y0 + of.ToRow(5, step->Output.ChannelStride);
            float* y6 = y0 + of.ToRow(6, step->Output.ChannelStride);
            float* y7 = y0 + of.ToRow(7, step->Output.ChannelStride);
            TVector a0, a1;
            TVector b0, b1;
            TVector c0, c1;
            TVector d0, d1;
            TVector e0, e1;
            TVector f0, f1;
            TVector g0, g1;
            TVector h0, h1;
            if (fresh)
            {
                float* bias = step->Bias + of.Row;
                a0 = TOps.Broadcast(*bias);
                a1 = a0;
                b0 = TOps.Broadcast(bias[of.ToRow(1, 1)]);
                b1 = b0;
                c0 = TOps.Broadcast(bias[of.ToRow(2, 1)]);
                c1 = c0;
                d0 = TOps.Broadcast(bias[of.ToRow(3, 1)]);
                d1 = d0;
                e0 = TOps.Broadcast(bias[of.ToRow(4, 1)]);
                e1 = e0;
                f0 = TOps.Broadcast(bias[of.ToRow(5, 1)]);
                f1 = f0;
                g0 = TOps.Broadcast(bias[of.ToRow(6, 1)]);
                g1 = g0;
                h0 = TOps.Broadcast(bias[of.ToRow(7, 1)]);
                h1 = h0;
            }
            else
            {
                a0 = TOps.Load(y0);
                a1 = TOps.Load(y0 + t1);
                b0 = TOps.Load(y1);
                b1 = TOps.Load(y1 + t1);
                c0 = TOps.Load(y2);
                c1 = TOps.Load(y2 + t1);
                d0 = TOps.Load(y3);
                d1 = TOps.Load(y3 + t1);
                e0 = TOps.Load(y4);
                e1 = TOps.Load(y4 + t1);
                f0 = TOps.Load(y5);
                f1 = TOps.Load(y5 + t1);
                g0 = TOps.Load(y6);
                g1 = TOps.Load(y6 + t1);
                h0 = TOps.Load(y7);
                h1 = TOps.Load(y7 + t1);
            }

            for (uint count = of.Count; count != 0; count--)
            {
                nuint at = ConvPointers.Offset(index++, unit);
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
                    at += columnBytes;
                }
            }

            if (last)
            {
                a0 = TOps.Clamp(step, a0);
                a1 = TOps.Clamp(step, a1);
                b0 = TOps.Clamp(step, b0);
                b1 = TOps.Clamp(step, b1);
                c0 = TOps.Clamp(step, c0);
                c1 = TOps.Clamp(step, c1);
                d0 = TOps.Clamp(step, d0);
                d1 = TOps.Clamp(step, d1);
                e0 = TOps.Clamp(step, e0);
                e1 = TOps.Clamp(step, e1);
                f0 = TOps.Clamp(step, f0);
                f1 = TOps.Clamp(step, f1);
                g0 = TOps.Clamp(step, g0);
                g1 = TOps.Clamp(step, g1);
                h0 = TOps.Clamp(step, h0);
                h1 = TOps.Clamp(step, h1);
            }

            // Rows that fill up the last block write where its first row does, which is stored last.
            TOps.Store(h0, y7);
            TOps.Store(h1, y7 + t1);
            TOps.Store(g0, y6);
            TOps.Store(g1, y6 + t1);
            TOps.Store(f0, y5);
            TOps.Store(f1, y5 + t1);
            TOps.Store(e0, y4);
            TOps.Store(e1, y4 + t1);
            TOps.Store(d0, y3);
            TOps.Store(d1, y3 + t1);
            TOps.Store(c0, y2);
            TOps.Store(c1, y2 + t1);
            TOps.Store(b0, y1);
            TOps.Store(b1, y1 + t1);
            TOps.Store(a0, y0);
            TOps.Store(a1, y0 + t1);
        }
    }

    private static void Blocks1(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        bool fresh = ConvSums.AreFresh(step, chunk);
        bool last = chunk == step->Chunks - 1;
        nuint unit = step->IndexBytes;
        nuint columnBytes = (nuint)step->ColumnBytes;
        for (int block = share->FirstBlock; block < share->EndBlock; block++)
        {
            ConvBlock<TIndex> of = ConvBlock<TIndex>.Of(step, chunk, block, R * TColumns.Count, R);
            float* value = of.Values;
            TIndex* index = of.Indices;
            float* y0 = ConvPointers.Target(step, tile, of.Row);
            float* y1 = y0 + of.ToRow(1, step->Output.ChannelStride);
            float* y2 = y0 + of.ToRow(2, step->Output.ChannelStride);
            float* y3 = y0 + of.ToRow(3, step->Output.ChannelStride);
            float* y4 = y0 + of.ToRow(4, step->Output.ChannelStride);
            float* y5 = y0 + of.ToRow(5, step->Output.ChannelStride);
            float* y6 = y0 + of.ToRow(6, step->Output.ChannelStride);
            float* y7 = y0 + of.ToRow(7, step->Output.ChannelStride);
            TVector a0;
            TVector b0;
            TVector c0;
            TVector d0;
            TVector e0;
            TVector f0;
            TVector g0;
            TVector h0;
            if (fresh)
            {
                float* bias = step->Bias + of.Row;
                a0 = TOps.Broadcast(*bias);
                b0 = TOps.Broadcast(bias[of.ToRow(1, 1)]);
                c0 = TOps.Broadcast(bias[of.ToRow(2, 1)]);
                d0 = TOps.Broadcast(bias[of.ToRow(3, 1)]);
                e0 = TOps.Broadcast(bias[of.ToRow(4, 1)]);
                f0 = TOps.Broadcast(bias[of.ToRow(5, 1)]);
                g0 = TOps.Broadcast(bias[of.ToRow(6, 1)]);
                h0 = TOps.Broadcast(bias[of.ToRow(7, 1)]);
            }
            else
            {
                a0 = TOps.Load(y0);
                b0 = TOps.Load(y1);
                c0 = TOps.Load(y2);
                d0 = TOps.Load(y3);
                e0 = TOps.Load(y4);
                f0 = TOps.Load(y5);
                g0 = TOps.Load(y6);
                h0 = TOps.Load(y7);
            }

            for (uint count = of.Count; count != 0; count--)
            {
                nuint at = ConvPointers.Offset(index++, unit);
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
                    at += columnBytes;
                }
            }

            if (last)
            {
                a0 = TOps.Clamp(step, a0);
                b0 = TOps.Clamp(step, b0);
                c0 = TOps.Clamp(step, c0);
                d0 = TOps.Clamp(step, d0);
                e0 = TOps.Clamp(step, e0);
                f0 = TOps.Clamp(step, f0);
                g0 = TOps.Clamp(step, g0);
                h0 = TOps.Clamp(step, h0);
            }

            // Rows that fill up the last block write where its first row does, which is stored last.
            TOps.Store(h0, y7);
            TOps.Store(g0, y6);
            TOps.Store(f0, y5);
            TOps.Store(e0, y4);
            TOps.Store(d0, y3);
            TOps.Store(c0, y2);
            TOps.Store(b0, y1);
            TOps.Store(a0, y0);
        }
    }
}
