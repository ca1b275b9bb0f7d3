namespace EdgeSparse.Runtime.Kernels;

/// <content>Tiles of two vectors and of one.</content>
internal static unsafe partial class ConvBlocks<TOps, TVector, TIndex, TColumns>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
    where TIndex : unmanaged
    where TColumns : struct, IBlockColumns
{
    private static void Parts2(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        byte* x1 = ConvPointers.Source(step, tile, 1);
        nint t1 = tile->Target[1] - tile->Target[0];
        bool fresh = ConvSums.AreFresh(step, chunk);
        bool last = chunk == step->Chunks - 1;
        nuint unit = step->IndexBytes;
        nuint width = ConvPointers.WidthOf<TIndex>(step);
        nuint columnBytes = (nuint)step->ColumnBytes;
        nint blockRows = step->BlockRows;
        for (int block = share->FirstBlock; block < share->EndBlock; block++)
        {
            ConvBlock<TIndex> of = ConvBlock<TIndex>.Of(step, chunk, block, step->BlockRows * TColumns.Count, step->BlockRows);
            for (; of.Rows > 0; of.NextPart(R))
            {
                float* value = of.Values;
                byte* index = of.Indices;
                float* y0 = ConvPointers.Target(step, tile, of.Row);
                float* y1 = y0 + of.ToRow(1, step->Output.ChannelStride);
                float* y2 = y0 + of.ToRow(2, step->Output.ChannelStride);
                float* y3 = y0 + of.ToRow(3, step->Output.ChannelStride);
                TVector a0, a1;
                TVector b0, b1;
                TVector c0, c1;
                TVector d0, d1;
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
                }

                for (uint count = of.Count; count != 0; count--)
                {
                    nuint at = ConvPointers.Offset<TIndex>(index, width, unit);
                    index += width;
                    for (int column = 0; column < TColumns.Count; column++)
                    {
                        TVector weights = TOps.LoadElements(value);
                        TVector s0 = TOps.Load((float*)(x0 + at));
                        TVector s1 = TOps.Load((float*)(x1 + at));
                        a0 = TOps.MultiplyAddElement(s0, weights, value, 0, a0);
                        a1 = TOps.MultiplyAddElement(s1, weights, value, 0, a1);
                        b0 = TOps.MultiplyAddElement(s0, weights, value, 1, b0);
                        b1 = TOps.MultiplyAddElement(s1, weights, value, 1, b1);
                        c0 = TOps.MultiplyAddElement(s0, weights, value, 2, c0);
                        c1 = TOps.MultiplyAddElement(s1, weights, value, 2, c1);
                        d0 = TOps.MultiplyAddElement(s0, weights, value, 3, d0);
                        d1 = TOps.MultiplyAddElement(s1, weights, value, 3, d1);
                        value += blockRows;
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
                }

                // Rows that fill up the last block write where its first row does, which is stored last.
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
    }

    private static void Parts1(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        bool fresh = ConvSums.AreFresh(step, chunk);
        bool last = chunk == step->Chunks - 1;
        nuint unit = step->IndexBytes;
        nuint width = ConvPointers.WidthOf<TIndex>(step);
        nuint columnBytes = (nuint)step->ColumnBytes;
        nint blockRows = step->BlockRows;
        for (int block = share->FirstBlock; block < share->EndBlock; block++)
        {
            ConvBlock<TIndex> of = ConvBlock<TIndex>.Of(step, chunk, block, step->BlockRows * TColumns.Count, step->BlockRows);
            for (; of.Rows > 0; of.NextPart(R))
            {
                float* value = of.Values;
                byte* index = of.Indices;
                float* y0 = ConvPointers.Target(step, tile, of.Row);
                float* y1 = y0 + of.ToRow(1, step->Output.ChannelStride);
                float* y2 = y0 + of.ToRow(2, step->Output.ChannelStride);
                float* y3 = y0 + of.ToRow(3, step->Output.ChannelStride);
                TVector a0;
                TVector b0;
                TVector c0;
                TVector d0;
                if (fresh)
                {
                    float* bias = step->Bias + of.Row;
                    a0 = TOps.Broadcast(*bias);
                    b0 = TOps.Broadcast(bias[of.ToRow(1, 1)]);
                    c0 = TOps.Broadcast(bias[of.ToRow(2, 1)]);
                    d0 = TOps.Broadcast(bias[of.ToRow(3, 1)]);
                }
                else
                {
                    a0 = TOps.Load(y0);
                    b0 = TOps.Load(y1);
                    c0 = TOps.Load(y2);
                    d0 = TOps.Load(y3);
                }

                for (uint count = of.Count; count != 0; count--)
                {
                    nuint at = ConvPointers.Offset<TIndex>(index, width, unit);
                    index += width;
                    for (int column = 0; column < TColumns.Count; column++)
                    {
                        TVector weights = TOps.LoadElements(value);
                        TVector s0 = TOps.Load((float*)(x0 + at));
                        a0 = TOps.MultiplyAddElement(s0, weights, value, 0, a0);
                        b0 = TOps.MultiplyAddElement(s0, weights, value, 1, b0);
                        c0 = TOps.MultiplyAddElement(s0, weights, value, 2, c0);
                        d0 = TOps.MultiplyAddElement(s0, weights, value, 3, d0);
                        value += blockRows;
                        at += columnBytes;
                    }
                }

                if (last)
                {
                    a0 = TOps.Clamp(step, a0);
                    b0 = TOps.Clamp(step, b0);
                    c0 = TOps.Clamp(step, c0);
                    d0 = TOps.Clamp(step, d0);
                }

                // Rows that fill up the last block write where its first row does, which is stored last.
                TOps.Store(d0, y3);
                TOps.Store(c0, y2);
                TOps.Store(b0, y1);
                TOps.Store(a0, y0);
            }
        }
    }
}
