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
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0) + channel;
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 1) + channel;
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 2) + channel;
        byte* x3 = TPlaces.AreContiguous ? x0 + (3 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 3) + channel;
        byte* x4 = TPlaces.AreContiguous ? x0 + (4 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 4) + channel;
        byte* x5 = TPlaces.AreContiguous ? x0 + (5 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 5) + channel;
        byte* x6 = TPlaces.AreContiguous ? x0 + (6 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 6) + channel;
        byte* x7 = TPlaces.AreContiguous ? x0 + (7 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 7) + channel;
        var index = (uint*)step->Indices;
        float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
        TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first: true);
        TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 1, first: true);
        TVector a2 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 2, first: true);
        TVector a3 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 3, first: true);
        TVector a4 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 4, first: true);
        TVector a5 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 5, first: true);
        TVector a6 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 6, first: true);
        TVector a7 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 7, first: true);
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

        ConvPointers<TOps, TVector>.Store(step, tile, y, 0, a0, last: true);
        ConvPointers<TOps, TVector>.Store(step, tile, y, 1, a1, last: true);
        ConvPointers<TOps, TVector>.Store(step, tile, y, 2, a2, last: true);
        ConvPointers<TOps, TVector>.Store(step, tile, y, 3, a3, last: true);
        ConvPointers<TOps, TVector>.Store(step, tile, y, 4, a4, last: true);
        ConvPointers<TOps, TVector>.Store(step, tile, y, 5, a5, last: true);
        ConvPointers<TOps, TVector>.Store(step, tile, y, 6, a6, last: true);
        ConvPointers<TOps, TVector>.Store(step, tile, y, 7, a7, last: true);
        ConvPointers<TOps, TVector>.Activate(step, tile, y, last: true);
    }

    private static void Tile4<TPlaces>(Step* step, ConvTile* tile, int row, float* weights, nint channel)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0) + channel;
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 1) + channel;
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 2) + channel;
        byte* x3 = TPlaces.AreContiguous ? x0 + (3 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 3) + channel;
        var index = (uint*)step->Indices;
        float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
        TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first: true);
        TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 1, first: true);
        TVector a2 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 2, first: true);
        TVector a3 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 3, first: true);
        for (int k = 0; k < step->Columns; k++)
        {
            nuint i = (nuint)index[k] * sizeof(float);
            TVector w = TOps.Broadcast(weights[k]);
            a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
            a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
            a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + i)), w, a2);
            a3 = TOps.MultiplyAdd(TOps.Load((float*)(x3 + i)), w, a3);
        }

        ConvPointers<TOps, TVector>.Store(step, tile, y, 0, a0, last: true);
        ConvPointers<TOps, TVector>.Store(step, tile, y, 1, a1, last: true);
        ConvPointers<TOps, TVector>.Store(step, tile, y, 2, a2, last: true);
        ConvPointers<TOps, TVector>.Store(step, tile, y, 3, a3, last: true);
        ConvPointers<TOps, TVector>.Activate(step, tile, y, last: true);
    }

    private static void Tile3<TPlaces>(Step* step, ConvTile* tile, int row, float* weights, nint channel)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0) + channel;
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 1) + channel;
        byte* x2 = TPlaces.AreContiguous ? x0 + (2 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 2) + channel;
        var index = (uint*)step->Indices;
        float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
        TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first: true);
        TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 1, first: true);
        TVector a2 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 2, first: true);
        for (int k = 0; k < step->Columns; k++)
        {
            nuint i = (nuint)index[k] * sizeof(float);
            TVector w = TOps.Broadcast(weights[k]);
            a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
            a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
            a2 = TOps.MultiplyAdd(TOps.Load((float*)(x2 + i)), w, a2);
        }

        ConvPointers<TOps, TVector>.Store(step, tile, y, 0, a0, last: true);
        ConvPointers<TOps, TVector>.Store(step, tile, y, 1, a1, last: true);
        ConvPointers<TOps, TVector>.Store(step, tile, y, 2, a2, last: true);
        ConvPointers<TOps, TVector>.Activate(step, tile, y, last: true);
    }

    private static void Tile2<TPlaces>(Step* step, ConvTile* tile, int row, float* weights, nint channel)
        where TPlaces : struct, IPlaces
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0) + channel;
        byte* x1 = TPlaces.AreContiguous ? x0 + (1 * sizeof(TVector)) : ConvPointers<TOps, TVector>.Source(step, tile, 1) + channel;
        var index = (uint*)step->Indices;
        float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
        TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first: true);
        TVector a1 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 1, first: true);
        for (int k = 0; k < step->Columns; k++)
        {
            nuint i = (nuint)index[k] * sizeof(float);
            TVector w = TOps.Broadcast(weights[k]);
            a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
            a1 = TOps.MultiplyAdd(TOps.Load((float*)(x1 + i)), w, a1);
        }

        ConvPointers<TOps, TVector>.Store(step, tile, y, 0, a0, last: true);
        ConvPointers<TOps, TVector>.Store(step, tile, y, 1, a1, last: true);
        ConvPointers<TOps, TVector>.Activate(step, tile, y, last: true);
    }

    private static void Tile1(Step* step, ConvTile* tile, int row, float* weights, nint channel)
    {
        byte* x0 = ConvPointers<TOps, TVector>.Source(step, tile, 0) + channel;
        var index = (uint*)step->Indices;
        float* y = step->Output.Slots + ((nint)row * step->Output.ChannelStride);
        TVector a0 = ConvPointers<TOps, TVector>.Start(step, tile, row, y, 0, first: true);
        for (int k = 0; k < step->Columns; k++)
        {
            nuint i = (nuint)index[k] * sizeof(float);
            TVector w = TOps.Broadcast(weights[k]);
            a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
        }

        ConvPointers<TOps, TVector>.Store(step, tile, y, 0, a0, last: true);
        ConvPointers<TOps, TVector>.Activate(step, tile, y, last: true);
    }
}
