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
            ConvSums.Start(step, tile, share, TOps.Count);
            for (int chunk = 0; chunk < step->Chunks; chunk++)
            {
                Blocks1(step, tile, share, chunk);
            }

            ConvSums.Activate(step, tile, share, TOps.Count);
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
            float* y8 = y0 + of.ToRow(8, step->Output.ChannelStride);
            float* y9 = y0 + of.ToRow(9, step->Output.ChannelStride);
            float* y10 = y0 + of.ToRow(10, step->Output.ChannelStride);
            float* y11 = y0 + of.ToRow(11, step->Output.ChannelStride);
            float* y12 = y0 + of.ToRow(12, step->Output.ChannelStride);
            float* y13 = y0 + of.ToRow(13, step->Output.ChannelStride);
            float* y14 = y0 + of.ToRow(14, step->Output.ChannelStride);
            float* y15 = y0 + of.ToRow(15, step->Output.ChannelStride);
            TVector a0;
            TVector b0;
            TVector c0;
            TVector d0;
            TVector e0;
            TVector f0;
            TVector g0;
            TVector h0;
            TVector i0;
            TVector j0;
            TVector k0;
            TVector l0;
            TVector m0;
            TVector n0;
            TVector o0;
            TVector p0;
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
                i0 = TOps.Broadcast(bias[of.ToRow(8, 1)]);
                j0 = TOps.Broadcast(bias[of.ToRow(9, 1)]);
                k0 = TOps.Broadcast(bias[of.ToRow(10, 1)]);
                l0 = TOps.Broadcast(bias[of.ToRow(11, 1)]);
                m0 = TOps.Broadcast(bias[of.ToRow(12, 1)]);
                n0 = TOps.Broadcast(bias[of.ToRow(13, 1)]);
                o0 = TOps.Broadcast(bias[of.ToRow(14, 1)]);
                p0 = TOps.Broadcast(bias[of.ToRow(15, 1)]);
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
                i0 = TOps.Load(y8);
                j0 = TOps.Load(y9);
                k0 = TOps.Load(y10);
                l0 = TOps.Load(y11);
                m0 = TOps.Load(y12);
                n0 = TOps.Load(y13);
                o0 = TOps.Load(y14);
                p0 = TOps.Load(y15);
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
                i0 = TOps.Clamp(step, i0);
                j0 = TOps.Clamp(step, j0);
                k0 = TOps.Clamp(step, k0);
                l0 = TOps.Clamp(step, l0);
                m0 = TOps.Clamp(step, m0);
                n0 = TOps.Clamp(step, n0);
                o0 = TOps.Clamp(step, o0);
                p0 = TOps.Clamp(step, p0);
            }

            // Rows that fill up the last block write where its first row does, which is stored last.
            TOps.Store(p0, y15);
            TOps.Store(o0, y14);
            TOps.Store(n0, y13);
            TOps.Store(m0, y12);
            TOps.Store(l0, y11);
            TOps.Store(k0, y10);
            TOps.Store(j0, y9);
            TOps.Store(i0, y8);
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
