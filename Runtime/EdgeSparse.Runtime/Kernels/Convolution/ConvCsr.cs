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
            ConvSums.Start(step, tile, share, TOps.Count);
            for (int chunk = 0; chunk < step->Chunks; chunk++)
            {
                switch (tile->IsContiguous != 0 ? tile->Vectors : -tile->Vectors)
                {
                    case 8:
                        Rows8<Contiguous>(step, tile, share, chunk);
                        break;
                    case 7:
                        Rows7<Contiguous>(step, tile, share, chunk);
                        break;
                    case 6:
                        Rows6<Contiguous>(step, tile, share, chunk);
                        break;
                    case 5:
                        Rows5<Contiguous>(step, tile, share, chunk);
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

            ConvSums.Activate(step, tile, share, TOps.Count);
        }
    }

    private static void Rows8<TPlaces>(Step* step, ConvTile* tile, ConvShare* share, int chunk)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers.Source(step, tile, 1);
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers.Source(step, tile, 2);
        byte* x3 = TPlaces.AreContiguous ? x0 + (3 * sizeof(TVector)) : ConvPointers.Source(step, tile, 3);
        byte* x4 = TPlaces.AreContiguous ? x0 + (4 * sizeof(TVector)) : ConvPointers.Source(step, tile, 4);
        byte* x5 = TPlaces.AreContiguous ? x0 + (5 * sizeof(TVector)) : ConvPointers.Source(step, tile, 5);
        byte* x6 = TPlaces.AreContiguous ? x0 + (6 * sizeof(TVector)) : ConvPointers.Source(step, tile, 6);
        byte* x7 = TPlaces.AreContiguous ? x0 + (7 * sizeof(TVector)) : ConvPointers.Source(step, tile, 7);
        nint t1 = TPlaces.AreContiguous ? 1 * TOps.Count : tile->Target[1] - tile->Target[0];
        nint t2 = TPlaces.AreContiguous ? 2 * TOps.Count : tile->Target[2] - tile->Target[0];
        nint t3 = TPlaces.AreContiguous ? 3 * TOps.Count : tile->Target[3] - tile->Target[0];
        nint t4 = TPlaces.AreContiguous ? 4 * TOps.Count : tile->Target[4] - tile->Target[0];
        nint t5 = TPlaces.AreContiguous ? 5 * TOps.Count : tile->Target[5] - tile->Target[0];
        nint t6 = TPlaces.AreContiguous ? 6 * TOps.Count : tile->Target[6] - tile->Target[0];
        nint t7 = TPlaces.AreContiguous ? 7 * TOps.Count : tile->Target[7] - tile->Target[0];
        bool fresh = ConvSums.AreFresh(step, chunk);
        bool last = chunk == step->Chunks - 1;
        nuint unit = step->IndexBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        nint rowStride = step->Output.ChannelStride;
        float* y = ConvPointers.Target(step, tile, share->FirstBlock);
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            TVector a0, a1, a2, a3, a4, a5, a6, a7;
            if (fresh)
            {
                a0 = TOps.Broadcast(step->Bias[row]);
                a1 = a0;
                a2 = a0;
                a3 = a0;
                a4 = a0;
                a5 = a0;
                a6 = a0;
                a7 = a0;
            }
            else
            {
                a0 = TOps.Load(y);
                a1 = TOps.Load(y + t1);
                a2 = TOps.Load(y + t2);
                a3 = TOps.Load(y + t3);
                a4 = TOps.Load(y + t4);
                a5 = TOps.Load(y + t5);
                a6 = TOps.Load(y + t6);
                a7 = TOps.Load(y + t7);
            }

            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 4; count -= 4)
            {
                TVector four = TOps.LoadFour(value);
                ConvPointers.Offsets(index, unit, out nuint i, out nuint j, out nuint k, out nuint l);
                TVector w = TOps.Spread(four, value, 0);
                TVector v = TOps.Spread(four, value, 1);
                TVector u = TOps.Spread(four, value, 2);
                TVector t = TOps.Spread(four, value, 3);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + i)), w, four, 0, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, i, 1), w, four, 0, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, i, 2), w, four, 0, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, i, 3), w, four, 0, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, i, 4), w, four, 0, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x5, i, 5), w, four, 0, a5);
                a6 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x6, i, 6), w, four, 0, a6);
                a7 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x7, i, 7), w, four, 0, a7);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + j)), v, four, 1, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, j, 1), v, four, 1, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, j, 2), v, four, 1, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, j, 3), v, four, 1, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, j, 4), v, four, 1, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x5, j, 5), v, four, 1, a5);
                a6 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x6, j, 6), v, four, 1, a6);
                a7 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x7, j, 7), v, four, 1, a7);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + k)), u, four, 2, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, k, 1), u, four, 2, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, k, 2), u, four, 2, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, k, 3), u, four, 2, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, k, 4), u, four, 2, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x5, k, 5), u, four, 2, a5);
                a6 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x6, k, 6), u, four, 2, a6);
                a7 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x7, k, 7), u, four, 2, a7);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + l)), t, four, 3, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, l, 1), t, four, 3, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, l, 2), t, four, 3, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, l, 3), t, four, 3, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, l, 4), t, four, 3, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x5, l, 5), t, four, 3, a5);
                a6 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x6, l, 6), t, four, 3, a6);
                a7 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x7, l, 7), t, four, 3, a7);
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                nuint i = ConvPointers.Offset(index, unit);
                TVector w = TOps.Broadcast(*value);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, i, 1), w, a1);
                a2 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, i, 2), w, a2);
                a3 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, i, 3), w, a3);
                a4 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, i, 4), w, a4);
                a5 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x5, i, 5), w, a5);
                a6 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x6, i, 6), w, a6);
                a7 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x7, i, 7), w, a7);
                value++;
                index++;
            }

            if (last)
            {
                a0 = TOps.Clamp(step, a0);
                a1 = TOps.Clamp(step, a1);
                a2 = TOps.Clamp(step, a2);
                a3 = TOps.Clamp(step, a3);
                a4 = TOps.Clamp(step, a4);
                a5 = TOps.Clamp(step, a5);
                a6 = TOps.Clamp(step, a6);
                a7 = TOps.Clamp(step, a7);
            }

            TOps.Store(a0, y);
            TOps.Store(a1, y + t1);
            TOps.Store(a2, y + t2);
            TOps.Store(a3, y + t3);
            TOps.Store(a4, y + t4);
            TOps.Store(a5, y + t5);
            TOps.Store(a6, y + t6);
            TOps.Store(a7, y + t7);
            y += rowStride;
        }
    }

    private static void Rows7<TPlaces>(Step* step, ConvTile* tile, ConvShare* share, int chunk)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers.Source(step, tile, 1);
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers.Source(step, tile, 2);
        byte* x3 = TPlaces.AreContiguous ? x0 + (3 * sizeof(TVector)) : ConvPointers.Source(step, tile, 3);
        byte* x4 = TPlaces.AreContiguous ? x0 + (4 * sizeof(TVector)) : ConvPointers.Source(step, tile, 4);
        byte* x5 = TPlaces.AreContiguous ? x0 + (5 * sizeof(TVector)) : ConvPointers.Source(step, tile, 5);
        byte* x6 = TPlaces.AreContiguous ? x0 + (6 * sizeof(TVector)) : ConvPointers.Source(step, tile, 6);
        nint t1 = TPlaces.AreContiguous ? 1 * TOps.Count : tile->Target[1] - tile->Target[0];
        nint t2 = TPlaces.AreContiguous ? 2 * TOps.Count : tile->Target[2] - tile->Target[0];
        nint t3 = TPlaces.AreContiguous ? 3 * TOps.Count : tile->Target[3] - tile->Target[0];
        nint t4 = TPlaces.AreContiguous ? 4 * TOps.Count : tile->Target[4] - tile->Target[0];
        nint t5 = TPlaces.AreContiguous ? 5 * TOps.Count : tile->Target[5] - tile->Target[0];
        nint t6 = TPlaces.AreContiguous ? 6 * TOps.Count : tile->Target[6] - tile->Target[0];
        bool fresh = ConvSums.AreFresh(step, chunk);
        bool last = chunk == step->Chunks - 1;
        nuint unit = step->IndexBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        nint rowStride = step->Output.ChannelStride;
        float* y = ConvPointers.Target(step, tile, share->FirstBlock);
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            TVector a0, a1, a2, a3, a4, a5, a6;
            if (fresh)
            {
                a0 = TOps.Broadcast(step->Bias[row]);
                a1 = a0;
                a2 = a0;
                a3 = a0;
                a4 = a0;
                a5 = a0;
                a6 = a0;
            }
            else
            {
                a0 = TOps.Load(y);
                a1 = TOps.Load(y + t1);
                a2 = TOps.Load(y + t2);
                a3 = TOps.Load(y + t3);
                a4 = TOps.Load(y + t4);
                a5 = TOps.Load(y + t5);
                a6 = TOps.Load(y + t6);
            }

            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 4; count -= 4)
            {
                TVector four = TOps.LoadFour(value);
                ConvPointers.Offsets(index, unit, out nuint i, out nuint j, out nuint k, out nuint l);
                TVector w = TOps.Spread(four, value, 0);
                TVector v = TOps.Spread(four, value, 1);
                TVector u = TOps.Spread(four, value, 2);
                TVector t = TOps.Spread(four, value, 3);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + i)), w, four, 0, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, i, 1), w, four, 0, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, i, 2), w, four, 0, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, i, 3), w, four, 0, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, i, 4), w, four, 0, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x5, i, 5), w, four, 0, a5);
                a6 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x6, i, 6), w, four, 0, a6);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + j)), v, four, 1, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, j, 1), v, four, 1, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, j, 2), v, four, 1, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, j, 3), v, four, 1, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, j, 4), v, four, 1, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x5, j, 5), v, four, 1, a5);
                a6 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x6, j, 6), v, four, 1, a6);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + k)), u, four, 2, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, k, 1), u, four, 2, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, k, 2), u, four, 2, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, k, 3), u, four, 2, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, k, 4), u, four, 2, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x5, k, 5), u, four, 2, a5);
                a6 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x6, k, 6), u, four, 2, a6);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + l)), t, four, 3, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, l, 1), t, four, 3, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, l, 2), t, four, 3, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, l, 3), t, four, 3, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, l, 4), t, four, 3, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x5, l, 5), t, four, 3, a5);
                a6 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x6, l, 6), t, four, 3, a6);
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                nuint i = ConvPointers.Offset(index, unit);
                TVector w = TOps.Broadcast(*value);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, i, 1), w, a1);
                a2 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, i, 2), w, a2);
                a3 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, i, 3), w, a3);
                a4 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, i, 4), w, a4);
                a5 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x5, i, 5), w, a5);
                a6 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x6, i, 6), w, a6);
                value++;
                index++;
            }

            if (last)
            {
                a0 = TOps.Clamp(step, a0);
                a1 = TOps.Clamp(step, a1);
                a2 = TOps.Clamp(step, a2);
                a3 = TOps.Clamp(step, a3);
                a4 = TOps.Clamp(step, a4);
                a5 = TOps.Clamp(step, a5);
                a6 = TOps.Clamp(step, a6);
            }

            TOps.Store(a0, y);
            TOps.Store(a1, y + t1);
            TOps.Store(a2, y + t2);
            TOps.Store(a3, y + t3);
            TOps.Store(a4, y + t4);
            TOps.Store(a5, y + t5);
            TOps.Store(a6, y + t6);
            y += rowStride;
        }
    }

    private static void Rows6<TPlaces>(Step* step, ConvTile* tile, ConvShare* share, int chunk)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers.Source(step, tile, 1);
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers.Source(step, tile, 2);
        byte* x3 = TPlaces.AreContiguous ? x0 + (3 * sizeof(TVector)) : ConvPointers.Source(step, tile, 3);
        byte* x4 = TPlaces.AreContiguous ? x0 + (4 * sizeof(TVector)) : ConvPointers.Source(step, tile, 4);
        byte* x5 = TPlaces.AreContiguous ? x0 + (5 * sizeof(TVector)) : ConvPointers.Source(step, tile, 5);
        nint t1 = TPlaces.AreContiguous ? 1 * TOps.Count : tile->Target[1] - tile->Target[0];
        nint t2 = TPlaces.AreContiguous ? 2 * TOps.Count : tile->Target[2] - tile->Target[0];
        nint t3 = TPlaces.AreContiguous ? 3 * TOps.Count : tile->Target[3] - tile->Target[0];
        nint t4 = TPlaces.AreContiguous ? 4 * TOps.Count : tile->Target[4] - tile->Target[0];
        nint t5 = TPlaces.AreContiguous ? 5 * TOps.Count : tile->Target[5] - tile->Target[0];
        bool fresh = ConvSums.AreFresh(step, chunk);
        bool last = chunk == step->Chunks - 1;
        nuint unit = step->IndexBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        nint rowStride = step->Output.ChannelStride;
        float* y = ConvPointers.Target(step, tile, share->FirstBlock);
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            TVector a0, a1, a2, a3, a4, a5;
            if (fresh)
            {
                a0 = TOps.Broadcast(step->Bias[row]);
                a1 = a0;
                a2 = a0;
                a3 = a0;
                a4 = a0;
                a5 = a0;
            }
            else
            {
                a0 = TOps.Load(y);
                a1 = TOps.Load(y + t1);
                a2 = TOps.Load(y + t2);
                a3 = TOps.Load(y + t3);
                a4 = TOps.Load(y + t4);
                a5 = TOps.Load(y + t5);
            }

            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 4; count -= 4)
            {
                TVector four = TOps.LoadFour(value);
                ConvPointers.Offsets(index, unit, out nuint i, out nuint j, out nuint k, out nuint l);
                TVector w = TOps.Spread(four, value, 0);
                TVector v = TOps.Spread(four, value, 1);
                TVector u = TOps.Spread(four, value, 2);
                TVector t = TOps.Spread(four, value, 3);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + i)), w, four, 0, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, i, 1), w, four, 0, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, i, 2), w, four, 0, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, i, 3), w, four, 0, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, i, 4), w, four, 0, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x5, i, 5), w, four, 0, a5);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + j)), v, four, 1, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, j, 1), v, four, 1, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, j, 2), v, four, 1, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, j, 3), v, four, 1, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, j, 4), v, four, 1, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x5, j, 5), v, four, 1, a5);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + k)), u, four, 2, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, k, 1), u, four, 2, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, k, 2), u, four, 2, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, k, 3), u, four, 2, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, k, 4), u, four, 2, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x5, k, 5), u, four, 2, a5);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + l)), t, four, 3, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, l, 1), t, four, 3, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, l, 2), t, four, 3, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, l, 3), t, four, 3, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, l, 4), t, four, 3, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x5, l, 5), t, four, 3, a5);
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                nuint i = ConvPointers.Offset(index, unit);
                TVector w = TOps.Broadcast(*value);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, i, 1), w, a1);
                a2 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, i, 2), w, a2);
                a3 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, i, 3), w, a3);
                a4 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, i, 4), w, a4);
                a5 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x5, i, 5), w, a5);
                value++;
                index++;
            }

            if (last)
            {
                a0 = TOps.Clamp(step, a0);
                a1 = TOps.Clamp(step, a1);
                a2 = TOps.Clamp(step, a2);
                a3 = TOps.Clamp(step, a3);
                a4 = TOps.Clamp(step, a4);
                a5 = TOps.Clamp(step, a5);
            }

            TOps.Store(a0, y);
            TOps.Store(a1, y + t1);
            TOps.Store(a2, y + t2);
            TOps.Store(a3, y + t3);
            TOps.Store(a4, y + t4);
            TOps.Store(a5, y + t5);
            y += rowStride;
        }
    }

    private static void Rows5<TPlaces>(Step* step, ConvTile* tile, ConvShare* share, int chunk)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers.Source(step, tile, 1);
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers.Source(step, tile, 2);
        byte* x3 = TPlaces.AreContiguous ? x0 + (3 * sizeof(TVector)) : ConvPointers.Source(step, tile, 3);
        byte* x4 = TPlaces.AreContiguous ? x0 + (4 * sizeof(TVector)) : ConvPointers.Source(step, tile, 4);
        nint t1 = TPlaces.AreContiguous ? 1 * TOps.Count : tile->Target[1] - tile->Target[0];
        nint t2 = TPlaces.AreContiguous ? 2 * TOps.Count : tile->Target[2] - tile->Target[0];
        nint t3 = TPlaces.AreContiguous ? 3 * TOps.Count : tile->Target[3] - tile->Target[0];
        nint t4 = TPlaces.AreContiguous ? 4 * TOps.Count : tile->Target[4] - tile->Target[0];
        bool fresh = ConvSums.AreFresh(step, chunk);
        bool last = chunk == step->Chunks - 1;
        nuint unit = step->IndexBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        nint rowStride = step->Output.ChannelStride;
        float* y = ConvPointers.Target(step, tile, share->FirstBlock);
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            TVector a0, a1, a2, a3, a4;
            if (fresh)
            {
                a0 = TOps.Broadcast(step->Bias[row]);
                a1 = a0;
                a2 = a0;
                a3 = a0;
                a4 = a0;
            }
            else
            {
                a0 = TOps.Load(y);
                a1 = TOps.Load(y + t1);
                a2 = TOps.Load(y + t2);
                a3 = TOps.Load(y + t3);
                a4 = TOps.Load(y + t4);
            }

            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 4; count -= 4)
            {
                TVector four = TOps.LoadFour(value);
                ConvPointers.Offsets(index, unit, out nuint i, out nuint j, out nuint k, out nuint l);
                TVector w = TOps.Spread(four, value, 0);
                TVector v = TOps.Spread(four, value, 1);
                TVector u = TOps.Spread(four, value, 2);
                TVector t = TOps.Spread(four, value, 3);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + i)), w, four, 0, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, i, 1), w, four, 0, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, i, 2), w, four, 0, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, i, 3), w, four, 0, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, i, 4), w, four, 0, a4);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + j)), v, four, 1, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, j, 1), v, four, 1, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, j, 2), v, four, 1, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, j, 3), v, four, 1, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, j, 4), v, four, 1, a4);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + k)), u, four, 2, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, k, 1), u, four, 2, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, k, 2), u, four, 2, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, k, 3), u, four, 2, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, k, 4), u, four, 2, a4);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + l)), t, four, 3, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, l, 1), t, four, 3, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, l, 2), t, four, 3, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, l, 3), t, four, 3, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, l, 4), t, four, 3, a4);
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                nuint i = ConvPointers.Offset(index, unit);
                TVector w = TOps.Broadcast(*value);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, i, 1), w, a1);
                a2 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, i, 2), w, a2);
                a3 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, i, 3), w, a3);
                a4 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x4, i, 4), w, a4);
                value++;
                index++;
            }

            if (last)
            {
                a0 = TOps.Clamp(step, a0);
                a1 = TOps.Clamp(step, a1);
                a2 = TOps.Clamp(step, a2);
                a3 = TOps.Clamp(step, a3);
                a4 = TOps.Clamp(step, a4);
            }

            TOps.Store(a0, y);
            TOps.Store(a1, y + t1);
            TOps.Store(a2, y + t2);
            TOps.Store(a3, y + t3);
            TOps.Store(a4, y + t4);
            y += rowStride;
        }
    }

    private static void Rows4<TPlaces>(Step* step, ConvTile* tile, ConvShare* share, int chunk)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers.Source(step, tile, 1);
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers.Source(step, tile, 2);
        byte* x3 = TPlaces.AreContiguous ? x0 + (3 * sizeof(TVector)) : ConvPointers.Source(step, tile, 3);
        nint t1 = TPlaces.AreContiguous ? 1 * TOps.Count : tile->Target[1] - tile->Target[0];
        nint t2 = TPlaces.AreContiguous ? 2 * TOps.Count : tile->Target[2] - tile->Target[0];
        nint t3 = TPlaces.AreContiguous ? 3 * TOps.Count : tile->Target[3] - tile->Target[0];
        bool fresh = ConvSums.AreFresh(step, chunk);
        bool last = chunk == step->Chunks - 1;
        nuint unit = step->IndexBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        nint rowStride = step->Output.ChannelStride;
        float* y = ConvPointers.Target(step, tile, share->FirstBlock);
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            TVector a0, a1, a2, a3;
            if (fresh)
            {
                a0 = TOps.Broadcast(step->Bias[row]);
                a1 = a0;
                a2 = a0;
                a3 = a0;
            }
            else
            {
                a0 = TOps.Load(y);
                a1 = TOps.Load(y + t1);
                a2 = TOps.Load(y + t2);
                a3 = TOps.Load(y + t3);
            }

            TVector b0 = TOps.Zero;
            TVector b1 = TOps.Zero;
            TVector b2 = TOps.Zero;
            TVector b3 = TOps.Zero;
            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 4; count -= 4)
            {
                TVector four = TOps.LoadFour(value);
                ConvPointers.Offsets(index, unit, out nuint i, out nuint j, out nuint k, out nuint l);
                TVector w = TOps.Spread(four, value, 0);
                TVector v = TOps.Spread(four, value, 1);
                TVector u = TOps.Spread(four, value, 2);
                TVector t = TOps.Spread(four, value, 3);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + i)), w, four, 0, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, i, 1), w, four, 0, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, i, 2), w, four, 0, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, i, 3), w, four, 0, a3);
                b0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + j)), v, four, 1, b0);
                b1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, j, 1), v, four, 1, b1);
                b2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, j, 2), v, four, 1, b2);
                b3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, j, 3), v, four, 1, b3);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + k)), u, four, 2, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, k, 1), u, four, 2, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, k, 2), u, four, 2, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, k, 3), u, four, 2, a3);
                b0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + l)), t, four, 3, b0);
                b1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, l, 1), t, four, 3, b1);
                b2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, l, 2), t, four, 3, b2);
                b3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, l, 3), t, four, 3, b3);
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                nuint i = ConvPointers.Offset(index, unit);
                TVector w = TOps.Broadcast(*value);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, i, 1), w, a1);
                a2 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, i, 2), w, a2);
                a3 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x3, i, 3), w, a3);
                value++;
                index++;
            }

            a0 = TOps.Add(a0, b0);
            a1 = TOps.Add(a1, b1);
            a2 = TOps.Add(a2, b2);
            a3 = TOps.Add(a3, b3);
            if (last)
            {
                a0 = TOps.Clamp(step, a0);
                a1 = TOps.Clamp(step, a1);
                a2 = TOps.Clamp(step, a2);
                a3 = TOps.Clamp(step, a3);
            }

            TOps.Store(a0, y);
            TOps.Store(a1, y + t1);
            TOps.Store(a2, y + t2);
            TOps.Store(a3, y + t3);
            y += rowStride;
        }
    }

    private static void Rows3<TPlaces>(Step* step, ConvTile* tile, ConvShare* share, int chunk)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers.Source(step, tile, 1);
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers.Source(step, tile, 2);
        nint t1 = TPlaces.AreContiguous ? 1 * TOps.Count : tile->Target[1] - tile->Target[0];
        nint t2 = TPlaces.AreContiguous ? 2 * TOps.Count : tile->Target[2] - tile->Target[0];
        bool fresh = ConvSums.AreFresh(step, chunk);
        bool last = chunk == step->Chunks - 1;
        nuint unit = step->IndexBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        nint rowStride = step->Output.ChannelStride;
        float* y = ConvPointers.Target(step, tile, share->FirstBlock);
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            TVector a0, a1, a2;
            if (fresh)
            {
                a0 = TOps.Broadcast(step->Bias[row]);
                a1 = a0;
                a2 = a0;
            }
            else
            {
                a0 = TOps.Load(y);
                a1 = TOps.Load(y + t1);
                a2 = TOps.Load(y + t2);
            }

            TVector b0 = TOps.Zero;
            TVector b1 = TOps.Zero;
            TVector b2 = TOps.Zero;
            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 4; count -= 4)
            {
                TVector four = TOps.LoadFour(value);
                ConvPointers.Offsets(index, unit, out nuint i, out nuint j, out nuint k, out nuint l);
                TVector w = TOps.Spread(four, value, 0);
                TVector v = TOps.Spread(four, value, 1);
                TVector u = TOps.Spread(four, value, 2);
                TVector t = TOps.Spread(four, value, 3);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + i)), w, four, 0, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, i, 1), w, four, 0, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, i, 2), w, four, 0, a2);
                b0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + j)), v, four, 1, b0);
                b1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, j, 1), v, four, 1, b1);
                b2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, j, 2), v, four, 1, b2);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + k)), u, four, 2, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, k, 1), u, four, 2, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, k, 2), u, four, 2, a2);
                b0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + l)), t, four, 3, b0);
                b1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, l, 1), t, four, 3, b1);
                b2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, l, 2), t, four, 3, b2);
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                nuint i = ConvPointers.Offset(index, unit);
                TVector w = TOps.Broadcast(*value);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, i, 1), w, a1);
                a2 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x2, i, 2), w, a2);
                value++;
                index++;
            }

            a0 = TOps.Add(a0, b0);
            a1 = TOps.Add(a1, b1);
            a2 = TOps.Add(a2, b2);
            if (last)
            {
                a0 = TOps.Clamp(step, a0);
                a1 = TOps.Clamp(step, a1);
                a2 = TOps.Clamp(step, a2);
            }

            TOps.Store(a0, y);
            TOps.Store(a1, y + t1);
            TOps.Store(a2, y + t2);
            y += rowStride;
        }
    }

    private static void Rows2<TPlaces>(Step* step, ConvTile* tile, ConvShare* share, int chunk)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers.Source(step, tile, 1);
        nint t1 = TPlaces.AreContiguous ? 1 * TOps.Count : tile->Target[1] - tile->Target[0];
        bool fresh = ConvSums.AreFresh(step, chunk);
        bool last = chunk == step->Chunks - 1;
        nuint unit = step->IndexBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        nint rowStride = step->Output.ChannelStride;
        float* y = ConvPointers.Target(step, tile, share->FirstBlock);
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            TVector a0, a1;
            if (fresh)
            {
                a0 = TOps.Broadcast(step->Bias[row]);
                a1 = a0;
            }
            else
            {
                a0 = TOps.Load(y);
                a1 = TOps.Load(y + t1);
            }

            TVector b0 = TOps.Zero;
            TVector b1 = TOps.Zero;
            TVector c0 = TOps.Zero;
            TVector c1 = TOps.Zero;
            TVector d0 = TOps.Zero;
            TVector d1 = TOps.Zero;
            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 4; count -= 4)
            {
                TVector four = TOps.LoadFour(value);
                ConvPointers.Offsets(index, unit, out nuint i, out nuint j, out nuint k, out nuint l);
                TVector w = TOps.Spread(four, value, 0);
                TVector v = TOps.Spread(four, value, 1);
                TVector u = TOps.Spread(four, value, 2);
                TVector t = TOps.Spread(four, value, 3);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + i)), w, four, 0, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, i, 1), w, four, 0, a1);
                b0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + j)), v, four, 1, b0);
                b1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, j, 1), v, four, 1, b1);
                c0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + k)), u, four, 2, c0);
                c1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, k, 1), u, four, 2, c1);
                d0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + l)), t, four, 3, d0);
                d1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, l, 1), t, four, 3, d1);
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                nuint i = ConvPointers.Offset(index, unit);
                TVector w = TOps.Broadcast(*value);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(x0, x1, i, 1), w, a1);
                value++;
                index++;
            }

            a0 = TOps.Add(TOps.Add(a0, b0), TOps.Add(c0, d0));
            a1 = TOps.Add(TOps.Add(a1, b1), TOps.Add(c1, d1));
            if (last)
            {
                a0 = TOps.Clamp(step, a0);
                a1 = TOps.Clamp(step, a1);
            }

            TOps.Store(a0, y);
            TOps.Store(a1, y + t1);
            y += rowStride;
        }
    }

    private static void Rows1(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        bool fresh = ConvSums.AreFresh(step, chunk);
        bool last = chunk == step->Chunks - 1;
        nuint unit = step->IndexBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        nint rowStride = step->Output.ChannelStride;
        float* y = ConvPointers.Target(step, tile, share->FirstBlock);
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            TVector a0;
            if (fresh)
            {
                a0 = TOps.Broadcast(step->Bias[row]);
            }
            else
            {
                a0 = TOps.Load(y);
            }

            TVector b0 = TOps.Zero;
            TVector c0 = TOps.Zero;
            TVector d0 = TOps.Zero;
            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 4; count -= 4)
            {
                TVector four = TOps.LoadFour(value);
                ConvPointers.Offsets(index, unit, out nuint i, out nuint j, out nuint k, out nuint l);
                TVector w = TOps.Spread(four, value, 0);
                TVector v = TOps.Spread(four, value, 1);
                TVector u = TOps.Spread(four, value, 2);
                TVector t = TOps.Spread(four, value, 3);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + i)), w, four, 0, a0);
                b0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + j)), v, four, 1, b0);
                c0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + k)), u, four, 2, c0);
                d0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + l)), t, four, 3, d0);
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                nuint i = ConvPointers.Offset(index, unit);
                TVector w = TOps.Broadcast(*value);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                value++;
                index++;
            }

            a0 = TOps.Add(TOps.Add(a0, b0), TOps.Add(c0, d0));
            if (last)
            {
                a0 = TOps.Clamp(step, a0);
            }

            TOps.Store(a0, y);
            y += rowStride;
        }
    }
}
