namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Depthwise convolution: each channel by itself, its few weights one after the other over tiles of pixels. Channels are
/// outermost, since each has an input of its own that no other row reads again.
/// </summary>
internal static unsafe class ConvDepthwise<TOps, TVector>
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
                switch (tile->IsContiguous != 0 ? tile->Vectors : -tile->Vectors)
                {
                    case 8:
                        Tile8<Contiguous>(step, tile, row, weights, channel);
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
        TVector a0 = TOps.Broadcast(step->Bias[row]);
        TVector a1 = a0;
        TVector a2 = a0;
        TVector a3 = a0;
        TVector a4 = a0;
        TVector a5 = a0;
        TVector a6 = a0;
        TVector a7 = a0;
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

        for (int k = 0; k < step->Columns; k++)
        {
            nuint i = (nuint)index[k] * sizeof(float);
            TVector w = TOps.Broadcast(weights[k]);
            a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
            a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
            a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + i)), w, a2);
            a3 = TOps.MultiplyAdd(TOps.Load((float*)(x3 + i)), w, a3);
            a4 = TOps.MultiplyAdd(TOps.Load((float*)(x4 + i)), w, a4);
            a5 = TOps.MultiplyAdd(TOps.Load((float*)(x5 + i)), w, a5);
            a6 = TOps.MultiplyAdd(TOps.Load((float*)(x6 + i)), w, a6);
            a7 = TOps.MultiplyAdd(TOps.Load((float*)(x7 + i)), w, a7);
        }

        TOps.Store(TOps.Clamp(step, a0), y);
        TOps.Store(TOps.Clamp(step, a1), y + t1);
        TOps.Store(TOps.Clamp(step, a2), y + t2);
        TOps.Store(TOps.Clamp(step, a3), y + t3);
        TOps.Store(TOps.Clamp(step, a4), y + t4);
        TOps.Store(TOps.Clamp(step, a5), y + t5);
        TOps.Store(TOps.Clamp(step, a6), y + t6);
        TOps.Store(TOps.Clamp(step, a7), y + t7);
        if (ConvPointers.HasActivation(step))
        {
            ConvPointers.Activate(step, tile, y, TOps.Count);
        }
    }

    private static void Tile4<TPlaces>(Step* step, ConvTile* tile, int row, float* weights, nint channel)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers.Source(step, tile, 0) + channel;
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers.Source(step, tile, 1) + channel;
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers.Source(step, tile, 2) + channel;
        byte* x3 = TPlaces.AreContiguous ? x0 + (3 * sizeof(TVector)) : ConvPointers.Source(step, tile, 3) + channel;
        nint t1 = TPlaces.AreContiguous ? 1 * TOps.Count : tile->Target[1] - tile->Target[0];
        nint t2 = TPlaces.AreContiguous ? 2 * TOps.Count : tile->Target[2] - tile->Target[0];
        nint t3 = TPlaces.AreContiguous ? 3 * TOps.Count : tile->Target[3] - tile->Target[0];
        var index = (uint*)step->Indices;
        float* y = ConvPointers.Target(step, tile, row);
        TVector a0 = TOps.Broadcast(step->Bias[row]);
        TVector a1 = a0;
        TVector a2 = a0;
        TVector a3 = a0;
        if (step->Input1.Slots != null)
        {
            float* r = ConvPointers.Residual(step, row);
            a0 = TOps.Add(a0, TOps.Load(r + tile->Residual[0]));
            a1 = TOps.Add(a1, TOps.Load(r + tile->Residual[1]));
            a2 = TOps.Add(a2, TOps.Load(r + tile->Residual[2]));
            a3 = TOps.Add(a3, TOps.Load(r + tile->Residual[3]));
        }

        for (int k = 0; k < step->Columns; k++)
        {
            nuint i = (nuint)index[k] * sizeof(float);
            TVector w = TOps.Broadcast(weights[k]);
            a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
            a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
            a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + i)), w, a2);
            a3 = TOps.MultiplyAdd(TOps.Load((float*)(x3 + i)), w, a3);
        }

        TOps.Store(TOps.Clamp(step, a0), y);
        TOps.Store(TOps.Clamp(step, a1), y + t1);
        TOps.Store(TOps.Clamp(step, a2), y + t2);
        TOps.Store(TOps.Clamp(step, a3), y + t3);
        if (ConvPointers.HasActivation(step))
        {
            ConvPointers.Activate(step, tile, y, TOps.Count);
        }
    }

    private static void Tile3<TPlaces>(Step* step, ConvTile* tile, int row, float* weights, nint channel)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers.Source(step, tile, 0) + channel;
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers.Source(step, tile, 1) + channel;
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers.Source(step, tile, 2) + channel;
        nint t1 = TPlaces.AreContiguous ? 1 * TOps.Count : tile->Target[1] - tile->Target[0];
        nint t2 = TPlaces.AreContiguous ? 2 * TOps.Count : tile->Target[2] - tile->Target[0];
        var index = (uint*)step->Indices;
        float* y = ConvPointers.Target(step, tile, row);
        TVector a0 = TOps.Broadcast(step->Bias[row]);
        TVector a1 = a0;
        TVector a2 = a0;
        if (step->Input1.Slots != null)
        {
            float* r = ConvPointers.Residual(step, row);
            a0 = TOps.Add(a0, TOps.Load(r + tile->Residual[0]));
            a1 = TOps.Add(a1, TOps.Load(r + tile->Residual[1]));
            a2 = TOps.Add(a2, TOps.Load(r + tile->Residual[2]));
        }

        for (int k = 0; k < step->Columns; k++)
        {
            nuint i = (nuint)index[k] * sizeof(float);
            TVector w = TOps.Broadcast(weights[k]);
            a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
            a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
            a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + i)), w, a2);
        }

        TOps.Store(TOps.Clamp(step, a0), y);
        TOps.Store(TOps.Clamp(step, a1), y + t1);
        TOps.Store(TOps.Clamp(step, a2), y + t2);
        if (ConvPointers.HasActivation(step))
        {
            ConvPointers.Activate(step, tile, y, TOps.Count);
        }
    }

    private static void Tile2<TPlaces>(Step* step, ConvTile* tile, int row, float* weights, nint channel)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers.Source(step, tile, 0) + channel;
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers.Source(step, tile, 1) + channel;
        nint t1 = TPlaces.AreContiguous ? 1 * TOps.Count : tile->Target[1] - tile->Target[0];
        var index = (uint*)step->Indices;
        float* y = ConvPointers.Target(step, tile, row);
        TVector a0 = TOps.Broadcast(step->Bias[row]);
        TVector a1 = a0;
        if (step->Input1.Slots != null)
        {
            float* r = ConvPointers.Residual(step, row);
            a0 = TOps.Add(a0, TOps.Load(r + tile->Residual[0]));
            a1 = TOps.Add(a1, TOps.Load(r + tile->Residual[1]));
        }

        for (int k = 0; k < step->Columns; k++)
        {
            nuint i = (nuint)index[k] * sizeof(float);
            TVector w = TOps.Broadcast(weights[k]);
            a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
            a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
        }

        TOps.Store(TOps.Clamp(step, a0), y);
        TOps.Store(TOps.Clamp(step, a1), y + t1);
        if (ConvPointers.HasActivation(step))
        {
            ConvPointers.Activate(step, tile, y, TOps.Count);
        }
    }

    private static void Tile1(Step* step, ConvTile* tile, int row, float* weights, nint channel)
    {
        byte* x0 = ConvPointers.Source(step, tile, 0) + channel;
        var index = (uint*)step->Indices;
        float* y = ConvPointers.Target(step, tile, row);
        TVector a0 = TOps.Broadcast(step->Bias[row]);
        if (step->Input1.Slots != null)
        {
            float* r = ConvPointers.Residual(step, row);
            a0 = TOps.Add(a0, TOps.Load(r + tile->Residual[0]));
        }

        for (int k = 0; k < step->Columns; k++)
        {
            nuint i = (nuint)index[k] * sizeof(float);
            TVector w = TOps.Broadcast(weights[k]);
            a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
        }

        TOps.Store(TOps.Clamp(step, a0), y);
        if (ConvPointers.HasActivation(step))
        {
            ConvPointers.Activate(step, tile, y, TOps.Count);
        }
    }
}
