namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Convolution with blocks of rows, block-sparse or dense, four rows at a time: each loaded vector of the input serves four rows, so
/// that the multiplications are the limit and not the loads. Higher blocks are parts of four rows, for more sums than these and
/// the tile's vectors would not stay in registers.
/// </summary>
internal static unsafe partial class ConvBlocks<TOps, TVector, TIndex, TColumns>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
    where TIndex : unmanaged
    where TColumns : struct, IBlockColumns
{
    /// <summary>Rows of a part.</summary>
    private const int R = 4;

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
                    case 4:
                        Parts4(step, tile, share, chunk);
                        break;
                    case 3:
                        Parts3(step, tile, share, chunk);
                        break;
                    case 2:
                        Parts2(step, tile, share, chunk);
                        break;
                    default:
                        Parts1(step, tile, share, chunk);
                        break;
                }
            }

            ConvSums.Activate(step, tile, share, TOps.Count);
        }
    }

    private static void Parts4(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        byte* x1 = ConvPointers.Source(step, tile, 1);
        byte* x2 = ConvPointers.Source(step, tile, 2);
        byte* x3 = ConvPointers.Source(step, tile, 3);
        nint t1 = tile->Target[1] - tile->Target[0];
        nint t2 = tile->Target[2] - tile->Target[0];
        nint t3 = tile->Target[3] - tile->Target[0];
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
                TVector a0, a1, a2, a3;
                TVector b0, b1, b2, b3;
                TVector c0, c1, c2, c3;
                TVector d0, d1, d2, d3;
                if (fresh)
                {
                    float* bias = step->Bias + of.Row;
                    a0 = TOps.Broadcast(*bias);
                    a1 = a0;
                    a2 = a0;
                    a3 = a0;
                    b0 = TOps.Broadcast(bias[of.ToRow(1, 1)]);
                    b1 = b0;
                    b2 = b0;
                    b3 = b0;
                    c0 = TOps.Broadcast(bias[of.ToRow(2, 1)]);
                    c1 = c0;
                    c2 = c0;
                    c3 = c0;
                    d0 = TOps.Broadcast(bias[of.ToRow(3, 1)]);
                    d1 = d0;
                    d2 = d0;
                    d3 = d0;
                }
                else
                {
                    a0 = TOps.Load(y0);
                    a1 = TOps.Load(y0 + t1);
                    a2 = TOps.Load(y0 + t2);
                    a3 = TOps.Load(y0 + t3);
                    b0 = TOps.Load(y1);
                    b1 = TOps.Load(y1 + t1);
                    b2 = TOps.Load(y1 + t2);
                    b3 = TOps.Load(y1 + t3);
                    c0 = TOps.Load(y2);
                    c1 = TOps.Load(y2 + t1);
                    c2 = TOps.Load(y2 + t2);
                    c3 = TOps.Load(y2 + t3);
                    d0 = TOps.Load(y3);
                    d1 = TOps.Load(y3 + t1);
                    d2 = TOps.Load(y3 + t2);
                    d3 = TOps.Load(y3 + t3);
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
                        TVector s2 = TOps.Load((float*)(x2 + at));
                        TVector s3 = TOps.Load((float*)(x3 + at));
                        a0 = TOps.MultiplyAddElement(s0, weights, value, 0, a0);
                        a1 = TOps.MultiplyAddElement(s1, weights, value, 0, a1);
                        a2 = TOps.MultiplyAddElement(s2, weights, value, 0, a2);
                        a3 = TOps.MultiplyAddElement(s3, weights, value, 0, a3);
                        b0 = TOps.MultiplyAddElement(s0, weights, value, 1, b0);
                        b1 = TOps.MultiplyAddElement(s1, weights, value, 1, b1);
                        b2 = TOps.MultiplyAddElement(s2, weights, value, 1, b2);
                        b3 = TOps.MultiplyAddElement(s3, weights, value, 1, b3);
                        c0 = TOps.MultiplyAddElement(s0, weights, value, 2, c0);
                        c1 = TOps.MultiplyAddElement(s1, weights, value, 2, c1);
                        c2 = TOps.MultiplyAddElement(s2, weights, value, 2, c2);
                        c3 = TOps.MultiplyAddElement(s3, weights, value, 2, c3);
                        d0 = TOps.MultiplyAddElement(s0, weights, value, 3, d0);
                        d1 = TOps.MultiplyAddElement(s1, weights, value, 3, d1);
                        d2 = TOps.MultiplyAddElement(s2, weights, value, 3, d2);
                        d3 = TOps.MultiplyAddElement(s3, weights, value, 3, d3);
                        value += blockRows;
                        at += columnBytes;
                    }
                }

                if (last)
                {
                    a0 = TOps.Clamp(step, a0);
                    a1 = TOps.Clamp(step, a1);
                    a2 = TOps.Clamp(step, a2);
                    a3 = TOps.Clamp(step, a3);
                    b0 = TOps.Clamp(step, b0);
                    b1 = TOps.Clamp(step, b1);
                    b2 = TOps.Clamp(step, b2);
                    b3 = TOps.Clamp(step, b3);
                    c0 = TOps.Clamp(step, c0);
                    c1 = TOps.Clamp(step, c1);
                    c2 = TOps.Clamp(step, c2);
                    c3 = TOps.Clamp(step, c3);
                    d0 = TOps.Clamp(step, d0);
                    d1 = TOps.Clamp(step, d1);
                    d2 = TOps.Clamp(step, d2);
                    d3 = TOps.Clamp(step, d3);
                }

                // Rows that fill up the last block write where its first row does, which is stored last.
                TOps.Store(d0, y3);
                TOps.Store(d1, y3 + t1);
                TOps.Store(d2, y3 + t2);
                TOps.Store(d3, y3 + t3);
                TOps.Store(c0, y2);
                TOps.Store(c1, y2 + t1);
                TOps.Store(c2, y2 + t2);
                TOps.Store(c3, y2 + t3);
                TOps.Store(b0, y1);
                TOps.Store(b1, y1 + t1);
                TOps.Store(b2, y1 + t2);
                TOps.Store(b3, y1 + t3);
                TOps.Store(a0, y0);
                TOps.Store(a1, y0 + t1);
                TOps.Store(a2, y0 + t2);
                TOps.Store(a3, y0 + t3);
            }
        }
    }

    private static void Parts3(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        byte* x1 = ConvPointers.Source(step, tile, 1);
        byte* x2 = ConvPointers.Source(step, tile, 2);
        nint t1 = tile->Target[1] - tile->Target[0];
        nint t2 = tile->Target[2] - tile->Target[0];
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
                TVector a0, a1, a2;
                TVector b0, b1, b2;
                TVector c0, c1, c2;
                TVector d0, d1, d2;
                if (fresh)
                {
                    float* bias = step->Bias + of.Row;
                    a0 = TOps.Broadcast(*bias);
                    a1 = a0;
                    a2 = a0;
                    b0 = TOps.Broadcast(bias[of.ToRow(1, 1)]);
                    b1 = b0;
                    b2 = b0;
                    c0 = TOps.Broadcast(bias[of.ToRow(2, 1)]);
                    c1 = c0;
                    c2 = c0;
                    d0 = TOps.Broadcast(bias[of.ToRow(3, 1)]);
                    d1 = d0;
                    d2 = d0;
                }
                else
                {
                    a0 = TOps.Load(y0);
                    a1 = TOps.Load(y0 + t1);
                    a2 = TOps.Load(y0 + t2);
                    b0 = TOps.Load(y1);
                    b1 = TOps.Load(y1 + t1);
                    b2 = TOps.Load(y1 + t2);
                    c0 = TOps.Load(y2);
                    c1 = TOps.Load(y2 + t1);
                    c2 = TOps.Load(y2 + t2);
                    d0 = TOps.Load(y3);
                    d1 = TOps.Load(y3 + t1);
                    d2 = TOps.Load(y3 + t2);
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
                        TVector s2 = TOps.Load((float*)(x2 + at));
                        a0 = TOps.MultiplyAddElement(s0, weights, value, 0, a0);
                        a1 = TOps.MultiplyAddElement(s1, weights, value, 0, a1);
                        a2 = TOps.MultiplyAddElement(s2, weights, value, 0, a2);
                        b0 = TOps.MultiplyAddElement(s0, weights, value, 1, b0);
                        b1 = TOps.MultiplyAddElement(s1, weights, value, 1, b1);
                        b2 = TOps.MultiplyAddElement(s2, weights, value, 1, b2);
                        c0 = TOps.MultiplyAddElement(s0, weights, value, 2, c0);
                        c1 = TOps.MultiplyAddElement(s1, weights, value, 2, c1);
                        c2 = TOps.MultiplyAddElement(s2, weights, value, 2, c2);
                        d0 = TOps.MultiplyAddElement(s0, weights, value, 3, d0);
                        d1 = TOps.MultiplyAddElement(s1, weights, value, 3, d1);
                        d2 = TOps.MultiplyAddElement(s2, weights, value, 3, d2);
                        value += blockRows;
                        at += columnBytes;
                    }
                }

                if (last)
                {
                    a0 = TOps.Clamp(step, a0);
                    a1 = TOps.Clamp(step, a1);
                    a2 = TOps.Clamp(step, a2);
                    b0 = TOps.Clamp(step, b0);
                    b1 = TOps.Clamp(step, b1);
                    b2 = TOps.Clamp(step, b2);
                    c0 = TOps.Clamp(step, c0);
                    c1 = TOps.Clamp(step, c1);
                    c2 = TOps.Clamp(step, c2);
                    d0 = TOps.Clamp(step, d0);
                    d1 = TOps.Clamp(step, d1);
                    d2 = TOps.Clamp(step, d2);
                }

                // Rows that fill up the last block write where its first row does, which is stored last.
                TOps.Store(d0, y3);
                TOps.Store(d1, y3 + t1);
                TOps.Store(d2, y3 + t2);
                TOps.Store(c0, y2);
                TOps.Store(c1, y2 + t1);
                TOps.Store(c2, y2 + t2);
                TOps.Store(b0, y1);
                TOps.Store(b1, y1 + t1);
                TOps.Store(b2, y1 + t2);
                TOps.Store(a0, y0);
                TOps.Store(a1, y0 + t1);
                TOps.Store(a2, y0 + t2);
            }
        }
    }
}
