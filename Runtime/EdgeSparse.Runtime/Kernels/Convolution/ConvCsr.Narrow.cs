namespace EdgeSparse.Runtime.Kernels;

/// <content>Tiles of three vectors, two and one.</content>
internal static unsafe partial class ConvCsr<TOps, TVector, TIndex>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
    where TIndex : unmanaged
{
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
        nuint width = ConvPointers.WidthOf<TIndex>(step);
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        byte* index = (byte*)step->Indices + (pointers[share->FirstBlock] * width);
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
                b0 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x0, j, 0), v, four, 1, b0);
                b1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x1, j, 1), v, four, 1, b1);
                b2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x2, j, 2), v, four, 1, b2);
                a0 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x0, k, 0), u, four, 2, a0);
                a1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x1, k, 1), u, four, 2, a1);
                a2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x2, k, 2), u, four, 2, a2);
                b0 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x0, l, 0), t, four, 3, b0);
                b1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x1, l, 1), t, four, 3, b1);
                b2 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x2, l, 2), t, four, 3, b2);
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
                value++;
                index += width;
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
        nuint width = ConvPointers.WidthOf<TIndex>(step);
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        byte* index = (byte*)step->Indices + (pointers[share->FirstBlock] * width);
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
                b0 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x0, j, 0), v, four, 1, b0);
                b1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(q, x0, x1, j, 1), v, four, 1, b1);
                c0 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x0, k, 0), u, four, 2, c0);
                c1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(r, x0, x1, k, 1), u, four, 2, c1);
                d0 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x0, l, 0), t, four, 3, d0);
                d1 = TOps.MultiplyAddSpread(ConvPointers.Load<TPlaces, TOps, TVector>(s, x0, x1, l, 1), t, four, 3, d1);
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
                value++;
                index += width;
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
        nuint width = ConvPointers.WidthOf<TIndex>(step);
        uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
        float* value = step->Values + pointers[share->FirstBlock];
        byte* index = (byte*)step->Indices + (pointers[share->FirstBlock] * width);
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
                ConvPointers.Offsets<TIndex>(index, width, unit, out nuint i, out nuint j, out nuint k, out nuint l);
                TVector w = TOps.Spread(four, value, 0);
                TVector v = TOps.Spread(four, value, 1);
                TVector u = TOps.Spread(four, value, 2);
                TVector t = TOps.Spread(four, value, 3);
                a0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + i)), w, four, 0, a0);
                b0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + j)), v, four, 1, b0);
                c0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + k)), u, four, 2, c0);
                d0 = TOps.MultiplyAddSpread(TOps.Load((float*)(x0 + l)), t, four, 3, d0);
                value += 4;
                index += 4 * width;
            }

            for (; count != 0; count--)
            {
                nuint i = ConvPointers.Offset<TIndex>(index, width, unit);
                TVector w = TOps.Broadcast(*value);
                a0 = TOps.MultiplyAdd(TOps.Load((float*)(x0 + i)), w, a0);
                value++;
                index += width;
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
