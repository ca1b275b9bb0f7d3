namespace EdgeSparse.Runtime.Kernels;

/// <content>Tiles of up to four vectors.</content>
internal static unsafe partial class ConvDepthwise<TOps, TVector>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
{
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
        TVector a0, a1, a2, a3;
        if (ConvSums.AreFresh(step, 0))
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

        for (int k = 0; k < step->Columns; k++)
        {
            nuint i = (nuint)index[k] * sizeof(float);
            byte* p = x0 + i;
            TVector w = TOps.Broadcast(weights[k]);
            a0 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x0, i, 0), w, a0);
            a1 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x1, i, 1), w, a1);
            a2 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x2, i, 2), w, a2);
            a3 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x3, i, 3), w, a3);
        }

        TOps.Store(TOps.Clamp(step, a0), y);
        TOps.Store(TOps.Clamp(step, a1), y + t1);
        TOps.Store(TOps.Clamp(step, a2), y + t2);
        TOps.Store(TOps.Clamp(step, a3), y + t3);
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
        TVector a0, a1, a2;
        if (ConvSums.AreFresh(step, 0))
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

        for (int k = 0; k < step->Columns; k++)
        {
            nuint i = (nuint)index[k] * sizeof(float);
            byte* p = x0 + i;
            TVector w = TOps.Broadcast(weights[k]);
            a0 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x0, i, 0), w, a0);
            a1 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x1, i, 1), w, a1);
            a2 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x2, i, 2), w, a2);
        }

        TOps.Store(TOps.Clamp(step, a0), y);
        TOps.Store(TOps.Clamp(step, a1), y + t1);
        TOps.Store(TOps.Clamp(step, a2), y + t2);
    }

    private static void Tile2<TPlaces>(Step* step, ConvTile* tile, int row, float* weights, nint channel)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers.Source(step, tile, 0) + channel;
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers.Source(step, tile, 1) + channel;
        nint t1 = TPlaces.AreContiguous ? 1 * TOps.Count : tile->Target[1] - tile->Target[0];
        var index = (uint*)step->Indices;
        float* y = ConvPointers.Target(step, tile, row);
        TVector a0, a1;
        if (ConvSums.AreFresh(step, 0))
        {
            a0 = TOps.Broadcast(step->Bias[row]);
            a1 = a0;
        }
        else
        {
            a0 = TOps.Load(y);
            a1 = TOps.Load(y + t1);
        }

        for (int k = 0; k < step->Columns; k++)
        {
            nuint i = (nuint)index[k] * sizeof(float);
            byte* p = x0 + i;
            TVector w = TOps.Broadcast(weights[k]);
            a0 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x0, i, 0), w, a0);
            a1 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x1, i, 1), w, a1);
        }

        TOps.Store(TOps.Clamp(step, a0), y);
        TOps.Store(TOps.Clamp(step, a1), y + t1);
    }

    private static void Tile1(Step* step, ConvTile* tile, int row, float* weights, nint channel)
    {
        byte* x0 = ConvPointers.Source(step, tile, 0) + channel;
        var index = (uint*)step->Indices;
        float* y = ConvPointers.Target(step, tile, row);
        TVector a0;
        if (ConvSums.AreFresh(step, 0))
        {
            a0 = TOps.Broadcast(step->Bias[row]);
        }
        else
        {
            a0 = TOps.Load(y);
        }

        for (int k = 0; k < step->Columns; k++)
        {
            nuint i = (nuint)index[k] * sizeof(float);
            TVector w = TOps.Broadcast(weights[k]);
            a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
        }

        TOps.Store(TOps.Clamp(step, a0), y);
    }
}
