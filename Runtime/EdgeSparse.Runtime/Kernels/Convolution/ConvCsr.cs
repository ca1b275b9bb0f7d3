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
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        bool activate = last && ConvPointers.HasActivation(step);
        nuint unit = step->IndexBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        nint rowStride = step->Output.ChannelStride;
        float* y = ConvPointers.Target(step, tile, share->FirstBlock);
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            TVector a0, a1, a2, a3, a4, a5, a6, a7;
            if (first)
            {
                a0 = TOps.Broadcast(step->Bias[row]);
                a1 = a0;
                a2 = a0;
                a3 = a0;
                a4 = a0;
                a5 = a0;
                a6 = a0;
                a7 = a0;
                if (step->Input1.Slots != null)
                {
                    float* r = ConvPointers.Residual(step, row);
                    a0 = TOps.Add(a0, TOps.Load(r + tile->Residual[0]));
                    a1 = TOps.Add(a1, TOps.Load(r + tile->Residual[1]));
                    a2 = TOps.Add(a2, TOps.Load(r + tile->Residual[2]));
                    a3 = TOps.Add(a3, TOps.Load(r + tile->Residual[3]));
                    a4 = TOps.Add(a4, TOps.Load(r + tile->Residual[4]));
                    a5 = TOps.Add(a5, TOps.Load(r + tile->Residual[5]));
                    a6 = TOps.Add(a6, TOps.Load(r + tile->Residual[6]));
                    a7 = TOps.Add(a7, TOps.Load(r + tile->Residual[7]));
                }
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
                a1 = TOps.MultiplyAddSpread(TOps.Load((float*)(x1 + i)), w, four, 0, a1);
                a2 = TOps.MultiplyAddSpread(TOps.Load((float*)(x2 + i)), w, four, 0, a2);
                a3 = TOps.MultiplyAddSpread(TOps.Load((float*)(x3 + i)), w, four, 0, a3);
                a4 = TOps.MultiplyAddSpread(TOps.Load((float*)(x4 + i)), w, four, 0, a4);
                a5 = TOps.MultiplyAddSpread(TOps.Load((float*)(x5 + i)), w, four, 0, a5);
                a6 = TOps.MultiplyAddSpread(TOps.Load((float*)(x6 + i)), w, four, 0, a6);
                a7 = TOps.MultiplyAddSpread(TOps.Load((float*)(x7 + i)), w, four, 0, a7);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + j)), v, four, 1, a0);
                a1 = TOps.MultiplyAddSpread(TOps.Load((float*)(x1 + j)), v, four, 1, a1);
                a2 = TOps.MultiplyAddSpread(TOps.Load((float*)(x2 + j)), v, four, 1, a2);
                a3 = TOps.MultiplyAddSpread(TOps.Load((float*)(x3 + j)), v, four, 1, a3);
                a4 = TOps.MultiplyAddSpread(TOps.Load((float*)(x4 + j)), v, four, 1, a4);
                a5 = TOps.MultiplyAddSpread(TOps.Load((float*)(x5 + j)), v, four, 1, a5);
                a6 = TOps.MultiplyAddSpread(TOps.Load((float*)(x6 + j)), v, four, 1, a6);
                a7 = TOps.MultiplyAddSpread(TOps.Load((float*)(x7 + j)), v, four, 1, a7);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + k)), u, four, 2, a0);
                a1 = TOps.MultiplyAddSpread(TOps.Load((float*)(x1 + k)), u, four, 2, a1);
                a2 = TOps.MultiplyAddSpread(TOps.Load((float*)(x2 + k)), u, four, 2, a2);
                a3 = TOps.MultiplyAddSpread(TOps.Load((float*)(x3 + k)), u, four, 2, a3);
                a4 = TOps.MultiplyAddSpread(TOps.Load((float*)(x4 + k)), u, four, 2, a4);
                a5 = TOps.MultiplyAddSpread(TOps.Load((float*)(x5 + k)), u, four, 2, a5);
                a6 = TOps.MultiplyAddSpread(TOps.Load((float*)(x6 + k)), u, four, 2, a6);
                a7 = TOps.MultiplyAddSpread(TOps.Load((float*)(x7 + k)), u, four, 2, a7);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + l)), t, four, 3, a0);
                a1 = TOps.MultiplyAddSpread(TOps.Load((float*)(x1 + l)), t, four, 3, a1);
                a2 = TOps.MultiplyAddSpread(TOps.Load((float*)(x2 + l)), t, four, 3, a2);
                a3 = TOps.MultiplyAddSpread(TOps.Load((float*)(x3 + l)), t, four, 3, a3);
                a4 = TOps.MultiplyAddSpread(TOps.Load((float*)(x4 + l)), t, four, 3, a4);
                a5 = TOps.MultiplyAddSpread(TOps.Load((float*)(x5 + l)), t, four, 3, a5);
                a6 = TOps.MultiplyAddSpread(TOps.Load((float*)(x6 + l)), t, four, 3, a6);
                a7 = TOps.MultiplyAddSpread(TOps.Load((float*)(x7 + l)), t, four, 3, a7);
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                nuint i = ConvPointers.Offset(index, unit);
                TVector w = TOps.Broadcast(*value);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
                a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + i)), w, a2);
                a3 = TOps.MultiplyAdd(TOps.Load((float*)(x3 + i)), w, a3);
                a4 = TOps.MultiplyAdd(TOps.Load((float*)(x4 + i)), w, a4);
                a5 = TOps.MultiplyAdd(TOps.Load((float*)(x5 + i)), w, a5);
                a6 = TOps.MultiplyAdd(TOps.Load((float*)(x6 + i)), w, a6);
                a7 = TOps.MultiplyAdd(TOps.Load((float*)(x7 + i)), w, a7);
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
            if (activate)
            {
                ConvPointers.Activate(step, tile, y, TOps.Count);
            }

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
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        bool activate = last && ConvPointers.HasActivation(step);
        nuint unit = step->IndexBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        nint rowStride = step->Output.ChannelStride;
        float* y = ConvPointers.Target(step, tile, share->FirstBlock);
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            TVector a0, a1, a2, a3;
            if (first)
            {
                a0 = TOps.Broadcast(step->Bias[row]);
                a1 = a0;
                a2 = a0;
                a3 = a0;
                if (step->Input1.Slots != null)
                {
                    float* r = ConvPointers.Residual(step, row);
                    a0 = TOps.Add(a0, TOps.Load(r + tile->Residual[0]));
                    a1 = TOps.Add(a1, TOps.Load(r + tile->Residual[1]));
                    a2 = TOps.Add(a2, TOps.Load(r + tile->Residual[2]));
                    a3 = TOps.Add(a3, TOps.Load(r + tile->Residual[3]));
                }
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
                a1 = TOps.MultiplyAddSpread(TOps.Load((float*)(x1 + i)), w, four, 0, a1);
                a2 = TOps.MultiplyAddSpread(TOps.Load((float*)(x2 + i)), w, four, 0, a2);
                a3 = TOps.MultiplyAddSpread(TOps.Load((float*)(x3 + i)), w, four, 0, a3);
                b0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + j)), v, four, 1, b0);
                b1 = TOps.MultiplyAddSpread(TOps.Load((float*)(x1 + j)), v, four, 1, b1);
                b2 = TOps.MultiplyAddSpread(TOps.Load((float*)(x2 + j)), v, four, 1, b2);
                b3 = TOps.MultiplyAddSpread(TOps.Load((float*)(x3 + j)), v, four, 1, b3);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + k)), u, four, 2, a0);
                a1 = TOps.MultiplyAddSpread(TOps.Load((float*)(x1 + k)), u, four, 2, a1);
                a2 = TOps.MultiplyAddSpread(TOps.Load((float*)(x2 + k)), u, four, 2, a2);
                a3 = TOps.MultiplyAddSpread(TOps.Load((float*)(x3 + k)), u, four, 2, a3);
                b0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + l)), t, four, 3, b0);
                b1 = TOps.MultiplyAddSpread(TOps.Load((float*)(x1 + l)), t, four, 3, b1);
                b2 = TOps.MultiplyAddSpread(TOps.Load((float*)(x2 + l)), t, four, 3, b2);
                b3 = TOps.MultiplyAddSpread(TOps.Load((float*)(x3 + l)), t, four, 3, b3);
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                nuint i = ConvPointers.Offset(index, unit);
                TVector w = TOps.Broadcast(*value);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
                a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + i)), w, a2);
                a3 = TOps.MultiplyAdd(TOps.Load((float*)(x3 + i)), w, a3);
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
            if (activate)
            {
                ConvPointers.Activate(step, tile, y, TOps.Count);
            }

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
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        bool activate = last && ConvPointers.HasActivation(step);
        nuint unit = step->IndexBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        nint rowStride = step->Output.ChannelStride;
        float* y = ConvPointers.Target(step, tile, share->FirstBlock);
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            TVector a0, a1, a2;
            if (first)
            {
                a0 = TOps.Broadcast(step->Bias[row]);
                a1 = a0;
                a2 = a0;
                if (step->Input1.Slots != null)
                {
                    float* r = ConvPointers.Residual(step, row);
                    a0 = TOps.Add(a0, TOps.Load(r + tile->Residual[0]));
                    a1 = TOps.Add(a1, TOps.Load(r + tile->Residual[1]));
                    a2 = TOps.Add(a2, TOps.Load(r + tile->Residual[2]));
                }
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
                a1 = TOps.MultiplyAddSpread(TOps.Load((float*)(x1 + i)), w, four, 0, a1);
                a2 = TOps.MultiplyAddSpread(TOps.Load((float*)(x2 + i)), w, four, 0, a2);
                b0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + j)), v, four, 1, b0);
                b1 = TOps.MultiplyAddSpread(TOps.Load((float*)(x1 + j)), v, four, 1, b1);
                b2 = TOps.MultiplyAddSpread(TOps.Load((float*)(x2 + j)), v, four, 1, b2);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + k)), u, four, 2, a0);
                a1 = TOps.MultiplyAddSpread(TOps.Load((float*)(x1 + k)), u, four, 2, a1);
                a2 = TOps.MultiplyAddSpread(TOps.Load((float*)(x2 + k)), u, four, 2, a2);
                b0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + l)), t, four, 3, b0);
                b1 = TOps.MultiplyAddSpread(TOps.Load((float*)(x1 + l)), t, four, 3, b1);
                b2 = TOps.MultiplyAddSpread(TOps.Load((float*)(x2 + l)), t, four, 3, b2);
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                nuint i = ConvPointers.Offset(index, unit);
                TVector w = TOps.Broadcast(*value);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
                a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + i)), w, a2);
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
            if (activate)
            {
                ConvPointers.Activate(step, tile, y, TOps.Count);
            }

            y += rowStride;
        }
    }

    private static void Rows2<TPlaces>(Step* step, ConvTile* tile, ConvShare* share, int chunk)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers.Source(step, tile, 1);
        nint t1 = TPlaces.AreContiguous ? 1 * TOps.Count : tile->Target[1] - tile->Target[0];
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        bool activate = last && ConvPointers.HasActivation(step);
        nuint unit = step->IndexBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        nint rowStride = step->Output.ChannelStride;
        float* y = ConvPointers.Target(step, tile, share->FirstBlock);
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            TVector a0, a1;
            if (first)
            {
                a0 = TOps.Broadcast(step->Bias[row]);
                a1 = a0;
                if (step->Input1.Slots != null)
                {
                    float* r = ConvPointers.Residual(step, row);
                    a0 = TOps.Add(a0, TOps.Load(r + tile->Residual[0]));
                    a1 = TOps.Add(a1, TOps.Load(r + tile->Residual[1]));
                }
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
                a1 = TOps.MultiplyAddSpread(TOps.Load((float*)(x1 + i)), w, four, 0, a1);
                b0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + j)), v, four, 1, b0);
                b1 = TOps.MultiplyAddSpread(TOps.Load((float*)(x1 + j)), v, four, 1, b1);
                c0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + k)), u, four, 2, c0);
                c1 = TOps.MultiplyAddSpread(TOps.Load((float*)(x1 + k)), u, four, 2, c1);
                d0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + l)), t, four, 3, d0);
                d1 = TOps.MultiplyAddSpread(TOps.Load((float*)(x1 + l)), t, four, 3, d1);
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                nuint i = ConvPointers.Offset(index, unit);
                TVector w = TOps.Broadcast(*value);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
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
            if (activate)
            {
                ConvPointers.Activate(step, tile, y, TOps.Count);
            }

            y += rowStride;
        }
    }

    private static void Rows1(Step* step, ConvTile* tile, ConvShare* share, int chunk)
    {
        byte* x0 = ConvPointers.Source(step, tile, 0);
        bool first = chunk == 0;
        bool last = chunk == step->Chunks - 1;
        bool activate = last && ConvPointers.HasActivation(step);
        nuint unit = step->IndexBytes;
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        nint rowStride = step->Output.ChannelStride;
        float* y = ConvPointers.Target(step, tile, share->FirstBlock);
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            TVector a0;
            if (first)
            {
                a0 = TOps.Broadcast(step->Bias[row]);
                if (step->Input1.Slots != null)
                {
                    float* r = ConvPointers.Residual(step, row);
                    a0 = TOps.Add(a0, TOps.Load(r + tile->Residual[0]));
                }
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
            if (activate)
            {
                ConvPointers.Activate(step, tile, y, TOps.Count);
            }

            y += rowStride;
        }
    }
}
