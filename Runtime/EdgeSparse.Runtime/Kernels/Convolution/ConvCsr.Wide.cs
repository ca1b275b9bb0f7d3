namespace EdgeSparse.Runtime.Kernels;

/// <content>Tiles of eight and seven vectors.</content>
internal static unsafe partial class ConvCsr<TOps, TVector, TIndex>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
    where TIndex : unmanaged
{
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
        nuint width = ConvPointers.WidthOf<TIndex>(step);
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        byte* index = (byte*)step->Indices + (pointers[share->FirstBlock] * width);
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
                ConvPointers.Offsets<TIndex>(index, width, unit, out nuint i, out nuint j, out nuint k, out nuint l);
                byte* p = x0 + i;
                byte* q = x0 + j;
                byte* r = x0 + k;
                byte* s = x0 + l;
                TVector w = TOps.Spread(four, value, 0);
                TVector v = TOps.Spread(four, value, 1);
                TVector u = TOps.Spread(four, value, 2);
                TVector t = TOps.Spread(four, value, 3);
                a0 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x0, i, 0), w, four, 0, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x1, i, 1), w, four, 0, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x2, i, 2), w, four, 0, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x3, i, 3), w, four, 0, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x4, i, 4), w, four, 0, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x5, i, 5), w, four, 0, a5);
                a6 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x6, i, 6), w, four, 0, a6);
                a7 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x7, i, 7), w, four, 0, a7);
                a0 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x0, j, 0), v, four, 1, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x1, j, 1), v, four, 1, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x2, j, 2), v, four, 1, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x3, j, 3), v, four, 1, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x4, j, 4), v, four, 1, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x5, j, 5), v, four, 1, a5);
                a6 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x6, j, 6), v, four, 1, a6);
                a7 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x7, j, 7), v, four, 1, a7);
                a0 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x0, k, 0), u, four, 2, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x1, k, 1), u, four, 2, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x2, k, 2), u, four, 2, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x3, k, 3), u, four, 2, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x4, k, 4), u, four, 2, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x5, k, 5), u, four, 2, a5);
                a6 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x6, k, 6), u, four, 2, a6);
                a7 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x7, k, 7), u, four, 2, a7);
                a0 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x0, l, 0), t, four, 3, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x1, l, 1), t, four, 3, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x2, l, 2), t, four, 3, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x3, l, 3), t, four, 3, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x4, l, 4), t, four, 3, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x5, l, 5), t, four, 3, a5);
                a6 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x6, l, 6), t, four, 3, a6);
                a7 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x7, l, 7), t, four, 3, a7);
                value += 4;
                index += 4 * width;
            }

            for (; count != 0; count--)
            {
                nuint i = ConvPointers.Offset<TIndex>(index, width, unit);
                byte* p = x0 + i;
                TVector w = TOps.Broadcast(*value);
                a0 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x0, i, 0), w, a0);
                a1 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x1, i, 1), w, a1);
                a2 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x2, i, 2), w, a2);
                a3 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x3, i, 3), w, a3);
                a4 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x4, i, 4), w, a4);
                a5 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x5, i, 5), w, a5);
                a6 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x6, i, 6), w, a6);
                a7 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x7, i, 7), w, a7);
                value++;
                index += width;
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
        nuint width = ConvPointers.WidthOf<TIndex>(step);
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        byte* index = (byte*)step->Indices + (pointers[share->FirstBlock] * width);
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
                ConvPointers.Offsets<TIndex>(index, width, unit, out nuint i, out nuint j, out nuint k, out nuint l);
                byte* p = x0 + i;
                byte* q = x0 + j;
                byte* r = x0 + k;
                byte* s = x0 + l;
                TVector w = TOps.Spread(four, value, 0);
                TVector v = TOps.Spread(four, value, 1);
                TVector u = TOps.Spread(four, value, 2);
                TVector t = TOps.Spread(four, value, 3);
                a0 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x0, i, 0), w, four, 0, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x1, i, 1), w, four, 0, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x2, i, 2), w, four, 0, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x3, i, 3), w, four, 0, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x4, i, 4), w, four, 0, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x5, i, 5), w, four, 0, a5);
                a6 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x6, i, 6), w, four, 0, a6);
                a0 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x0, j, 0), v, four, 1, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x1, j, 1), v, four, 1, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x2, j, 2), v, four, 1, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x3, j, 3), v, four, 1, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x4, j, 4), v, four, 1, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x5, j, 5), v, four, 1, a5);
                a6 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x6, j, 6), v, four, 1, a6);
                a0 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x0, k, 0), u, four, 2, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x1, k, 1), u, four, 2, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x2, k, 2), u, four, 2, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x3, k, 3), u, four, 2, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x4, k, 4), u, four, 2, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x5, k, 5), u, four, 2, a5);
                a6 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x6, k, 6), u, four, 2, a6);
                a0 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x0, l, 0), t, four, 3, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x1, l, 1), t, four, 3, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x2, l, 2), t, four, 3, a2);
                a3 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x3, l, 3), t, four, 3, a3);
                a4 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x4, l, 4), t, four, 3, a4);
                a5 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x5, l, 5), t, four, 3, a5);
                a6 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x6, l, 6), t, four, 3, a6);
                value += 4;
                index += 4 * width;
            }

            for (; count != 0; count--)
            {
                nuint i = ConvPointers.Offset<TIndex>(index, width, unit);
                byte* p = x0 + i;
                TVector w = TOps.Broadcast(*value);
                a0 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x0, i, 0), w, a0);
                a1 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x1, i, 1), w, a1);
                a2 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x2, i, 2), w, a2);
                a3 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x3, i, 3), w, a3);
                a4 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x4, i, 4), w, a4);
                a5 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x5, i, 5), w, a5);
                a6 = TOps.MultiplyAdd(ConvPointers.Load<TPlaces, TOps, TVector>(p, x0, x6, i, 6), w, a6);
                value++;
                index += width;
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
}
