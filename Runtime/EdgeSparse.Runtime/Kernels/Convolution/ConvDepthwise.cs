namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Depthwise convolution: each channel by itself, its few weights one after the other over tiles of pixels. Channels are
/// outermost, since each has an input of its own that no other row reads again.
/// </summary>
internal static unsafe partial class ConvDepthwise<TOps, TVector>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
{
    public static void Run(Step* step, int worker, int workers)
    {
        ConvShare* share = step->Shares + worker;
        int rowsOfChannel = step->Rows / step->Groups;
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            float* weights = step->Values + ((nint)row * step->Columns);
            nint channel = row / rowsOfChannel * step->ColumnBytes;
            for (int t = share->FirstTile; t < share->EndTile; t++)
            {
                ConvTile* tile = step->Tiles + t;
                ConvSums.Start(step, tile, row, row + 1, TOps.Count);
                switch (tile->IsContiguous != 0 ? tile->Vectors : -tile->Vectors)
                {
                    case 8 when ConvTile.WidestOf<TOps, TVector>() > 4:
                        Tile8<Contiguous>(step, tile, row, weights, channel);
                        break;
                    case 7 when ConvTile.WidestOf<TOps, TVector>() > 4:
                        Tile7<Contiguous>(step, tile, row, weights, channel);
                        break;
                    case 6 when ConvTile.WidestOf<TOps, TVector>() > 4:
                        Tile6<Contiguous>(step, tile, row, weights, channel);
                        break;
                    case 5 when ConvTile.WidestOf<TOps, TVector>() > 4:
                        Tile5<Contiguous>(step, tile, row, weights, channel);
                        break;
                    case 4:
                        Tile4<Contiguous>(step, tile, row, weights, channel);
                        break;
                    case 3:
                        Tile3<Contiguous>(step, tile, row, weights, channel);
                        break;
                    case 2:
                        Tile2<Contiguous>(step, tile, row, weights, channel);
                        break;
                    case -4:
                        Tile4<Scattered>(step, tile, row, weights, channel);
                        break;
                    case -3:
                        Tile3<Scattered>(step, tile, row, weights, channel);
                        break;
                    case -2:
                        Tile2<Scattered>(step, tile, row, weights, channel);
                        break;
                    default:
                        Tile1(step, tile, row, weights, channel);
                        break;
                }

                ConvSums.Activate(step, tile, row, row + 1, TOps.Count);
            }
        }
    }

    private static void Tile8<TPlaces>(Step* step, ConvTile* tile, int row, float* weights, nint channel)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers.Source(step, tile, 0) + channel;
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers.Source(step, tile, 1) + channel;
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers.Source(step, tile, 2) + channel;
        byte* x3 = TPlaces.AreContiguous ? x0 + (3 * sizeof(TVector)) : ConvPointers.Source(step, tile, 3) + channel;
        byte* x4 = TPlaces.AreContiguous ? x0 + (4 * sizeof(TVector)) : ConvPointers.Source(step, tile, 4) + channel;
        byte* x5 = TPlaces.AreContiguous ? x0 + (5 * sizeof(TVector)) : ConvPointers.Source(step, tile, 5) + channel;
        byte* x6 = TPlaces.AreContiguous ? x0 + (6 * sizeof(TVector)) : ConvPointers.Source(step, tile, 6) + channel;
        byte* x7 = TPlaces.AreContiguous ? x0 + (7 * sizeof(TVector)) : ConvPointers.Source(step, tile, 7) + channel;
        nint t1 = TPlaces.AreContiguous ? 1 * TOps.Count : tile->Target[1] - tile->Target[0];
        nint t2 = TPlaces.AreContiguous ? 2 * TOps.Count : tile->Target[2] - tile->Target[0];
        nint t3 = TPlaces.AreContiguous ? 3 * TOps.Count : tile->Target[3] - tile->Target[0];
        nint t4 = TPlaces.AreContiguous ? 4 * TOps.Count : tile->Target[4] - tile->Target[0];
        nint t5 = TPlaces.AreContiguous ? 5 * TOps.Count : tile->Target[5] - tile->Target[0];
        nint t6 = TPlaces.AreContiguous ? 6 * TOps.Count : tile->Target[6] - tile->Target[0];
        nint t7 = TPlaces.AreContiguous ? 7 * TOps.Count : tile->Target[7] - tile->Target[0];
        var index = (uint*)step->Indices;
        float* y = ConvPointers.Target(step, tile, row);
        TVector a0, a1, a2, a3, a4, a5, a6, a7;
        if (ConvSums.AreFresh(step, 0))
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

        for (int k = 0; k < step->Columns; k++)
        {
            nuint i = (nuint)index[k] * sizeof(float);
            byte* p = x0 + i;
            TVector w = TOps.Broadcast(weights[k]);
            a0 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x0, i, 0), w, a0);
            a1 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x1, i, 1), w, a1);
            a2 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x2, i, 2), w, a2);
            a3 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x3, i, 3), w, a3);
            a4 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x4, i, 4), w, a4);
            a5 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x5, i, 5), w, a5);
            a6 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x6, i, 6), w, a6);
            a7 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x7, i, 7), w, a7);
        }

        TOps.Store(TOps.Clamp(step, a0), y);
        TOps.Store(TOps.Clamp(step, a1), y + t1);
        TOps.Store(TOps.Clamp(step, a2), y + t2);
        TOps.Store(TOps.Clamp(step, a3), y + t3);
        TOps.Store(TOps.Clamp(step, a4), y + t4);
        TOps.Store(TOps.Clamp(step, a5), y + t5);
        TOps.Store(TOps.Clamp(step, a6), y + t6);
        TOps.Store(TOps.Clamp(step, a7), y + t7);
    }

    private static void Tile7<TPlaces>(Step* step, ConvTile* tile, int row, float* weights, nint channel)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers.Source(step, tile, 0) + channel;
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers.Source(step, tile, 1) + channel;
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers.Source(step, tile, 2) + channel;
        byte* x3 = TPlaces.AreContiguous ? x0 + (3 * sizeof(TVector)) : ConvPointers.Source(step, tile, 3) + channel;
        byte* x4 = TPlaces.AreContiguous ? x0 + (4 * sizeof(TVector)) : ConvPointers.Source(step, tile, 4) + channel;
        byte* x5 = TPlaces.AreContiguous ? x0 + (5 * sizeof(TVector)) : ConvPointers.Source(step, tile, 5) + channel;
        byte* x6 = TPlaces.AreContiguous ? x0 + (6 * sizeof(TVector)) : ConvPointers.Source(step, tile, 6) + channel;
        nint t1 = TPlaces.AreContiguous ? 1 * TOps.Count : tile->Target[1] - tile->Target[0];
        nint t2 = TPlaces.AreContiguous ? 2 * TOps.Count : tile->Target[2] - tile->Target[0];
        nint t3 = TPlaces.AreContiguous ? 3 * TOps.Count : tile->Target[3] - tile->Target[0];
        nint t4 = TPlaces.AreContiguous ? 4 * TOps.Count : tile->Target[4] - tile->Target[0];
        nint t5 = TPlaces.AreContiguous ? 5 * TOps.Count : tile->Target[5] - tile->Target[0];
        nint t6 = TPlaces.AreContiguous ? 6 * TOps.Count : tile->Target[6] - tile->Target[0];
        var index = (uint*)step->Indices;
        float* y = ConvPointers.Target(step, tile, row);
        TVector a0, a1, a2, a3, a4, a5, a6;
        if (ConvSums.AreFresh(step, 0))
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

        for (int k = 0; k < step->Columns; k++)
        {
            nuint i = (nuint)index[k] * sizeof(float);
            byte* p = x0 + i;
            TVector w = TOps.Broadcast(weights[k]);
            a0 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x0, i, 0), w, a0);
            a1 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x1, i, 1), w, a1);
            a2 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x2, i, 2), w, a2);
            a3 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x3, i, 3), w, a3);
            a4 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x4, i, 4), w, a4);
            a5 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x5, i, 5), w, a5);
            a6 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x6, i, 6), w, a6);
        }

        TOps.Store(TOps.Clamp(step, a0), y);
        TOps.Store(TOps.Clamp(step, a1), y + t1);
        TOps.Store(TOps.Clamp(step, a2), y + t2);
        TOps.Store(TOps.Clamp(step, a3), y + t3);
        TOps.Store(TOps.Clamp(step, a4), y + t4);
        TOps.Store(TOps.Clamp(step, a5), y + t5);
        TOps.Store(TOps.Clamp(step, a6), y + t6);
    }

    private static void Tile6<TPlaces>(Step* step, ConvTile* tile, int row, float* weights, nint channel)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers.Source(step, tile, 0) + channel;
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers.Source(step, tile, 1) + channel;
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers.Source(step, tile, 2) + channel;
        byte* x3 = TPlaces.AreContiguous ? x0 + (3 * sizeof(TVector)) : ConvPointers.Source(step, tile, 3) + channel;
        byte* x4 = TPlaces.AreContiguous ? x0 + (4 * sizeof(TVector)) : ConvPointers.Source(step, tile, 4) + channel;
        byte* x5 = TPlaces.AreContiguous ? x0 + (5 * sizeof(TVector)) : ConvPointers.Source(step, tile, 5) + channel;
        nint t1 = TPlaces.AreContiguous ? 1 * TOps.Count : tile->Target[1] - tile->Target[0];
        nint t2 = TPlaces.AreContiguous ? 2 * TOps.Count : tile->Target[2] - tile->Target[0];
        nint t3 = TPlaces.AreContiguous ? 3 * TOps.Count : tile->Target[3] - tile->Target[0];
        nint t4 = TPlaces.AreContiguous ? 4 * TOps.Count : tile->Target[4] - tile->Target[0];
        nint t5 = TPlaces.AreContiguous ? 5 * TOps.Count : tile->Target[5] - tile->Target[0];
        var index = (uint*)step->Indices;
        float* y = ConvPointers.Target(step, tile, row);
        TVector a0, a1, a2, a3, a4, a5;
        if (ConvSums.AreFresh(step, 0))
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

        for (int k = 0; k < step->Columns; k++)
        {
            nuint i = (nuint)index[k] * sizeof(float);
            byte* p = x0 + i;
            TVector w = TOps.Broadcast(weights[k]);
            a0 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x0, i, 0), w, a0);
            a1 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x1, i, 1), w, a1);
            a2 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x2, i, 2), w, a2);
            a3 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x3, i, 3), w, a3);
            a4 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x4, i, 4), w, a4);
            a5 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x5, i, 5), w, a5);
        }

        TOps.Store(TOps.Clamp(step, a0), y);
        TOps.Store(TOps.Clamp(step, a1), y + t1);
        TOps.Store(TOps.Clamp(step, a2), y + t2);
        TOps.Store(TOps.Clamp(step, a3), y + t3);
        TOps.Store(TOps.Clamp(step, a4), y + t4);
        TOps.Store(TOps.Clamp(step, a5), y + t5);
    }

    private static void Tile5<TPlaces>(Step* step, ConvTile* tile, int row, float* weights, nint channel)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers.Source(step, tile, 0) + channel;
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers.Source(step, tile, 1) + channel;
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers.Source(step, tile, 2) + channel;
        byte* x3 = TPlaces.AreContiguous ? x0 + (3 * sizeof(TVector)) : ConvPointers.Source(step, tile, 3) + channel;
        byte* x4 = TPlaces.AreContiguous ? x0 + (4 * sizeof(TVector)) : ConvPointers.Source(step, tile, 4) + channel;
        nint t1 = TPlaces.AreContiguous ? 1 * TOps.Count : tile->Target[1] - tile->Target[0];
        nint t2 = TPlaces.AreContiguous ? 2 * TOps.Count : tile->Target[2] - tile->Target[0];
        nint t3 = TPlaces.AreContiguous ? 3 * TOps.Count : tile->Target[3] - tile->Target[0];
        nint t4 = TPlaces.AreContiguous ? 4 * TOps.Count : tile->Target[4] - tile->Target[0];
        var index = (uint*)step->Indices;
        float* y = ConvPointers.Target(step, tile, row);
        TVector a0, a1, a2, a3, a4;
        if (ConvSums.AreFresh(step, 0))
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

        for (int k = 0; k < step->Columns; k++)
        {
            nuint i = (nuint)index[k] * sizeof(float);
            byte* p = x0 + i;
            TVector w = TOps.Broadcast(weights[k]);
            a0 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x0, i, 0), w, a0);
            a1 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x1, i, 1), w, a1);
            a2 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x2, i, 2), w, a2);
            a3 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x3, i, 3), w, a3);
            a4 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x4, i, 4), w, a4);
        }

        TOps.Store(TOps.Clamp(step, a0), y);
        TOps.Store(TOps.Clamp(step, a1), y + t1);
        TOps.Store(TOps.Clamp(step, a2), y + t2);
        TOps.Store(TOps.Clamp(step, a3), y + t3);
        TOps.Store(TOps.Clamp(step, a4), y + t4);
    }
}
