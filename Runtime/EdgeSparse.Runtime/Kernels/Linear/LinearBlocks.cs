namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Block-sparse matrix times vector, blocks as high as one or more vectors: an input in all elements of a vector meets a column of
/// the block, so that nothing is gathered and nothing added up in the end. Several blocks are under way at once, for a row's
/// sum would otherwise wait for the one before.
/// </summary>
internal static unsafe class LinearBlocks<TOps, TVector, TIndex, TColumns>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
    where TIndex : unmanaged
    where TColumns : struct, IBlockColumns
{
    public static void Run(Step* step, int worker, int workers)
    {
        ConvShare* share = step->Shares + worker;
        for (int block = share->FirstBlock; block < share->EndBlock; block++)
        {
            nint row = (nint)block * step->BlockRows;
            switch (step->BlockRows / TOps.Count)
            {
                case 1:
                    One(step, block, row);
                    break;
                case 2:
                    Two(step, block, row);
                    break;
                default:
                    for (int part = 0; part < step->BlockRows; part += 4 * TOps.Count)
                    {
                        Four(step, block, row + part, part);
                    }

                    break;
            }
        }

        LinearSums.Activate(step, share->FirstBlock * step->BlockRows, Math.Min(step->Rows, share->EndBlock * step->BlockRows));
    }

    private static void One(Step* step, nint block, nint row)
    {
        float* x = step->Input.Slots;
        float* value = step->Values + ((nint)step->Pointers[block] * TOps.Count * TColumns.Count);
        TIndex* index = (TIndex*)step->Indices + step->Pointers[block];
        uint count = step->Pointers[block + 1] - step->Pointers[block];
        TVector a = TOps.Zero;
        TVector b = a;
        TVector c = a;
        TVector d = a;
        if (TColumns.Count == 4)
        {
            for (; count != 0; count--)
            {
                float* at = x + LinearIndex.Of(index);
                a = TOps.MultiplyAdd(TOps.Load(value), TOps.Broadcast(at[0]), a);
                b = TOps.MultiplyAdd(TOps.Load(value + TOps.Count), TOps.Broadcast(at[1]), b);
                c = TOps.MultiplyAdd(TOps.Load(value + (2 * TOps.Count)), TOps.Broadcast(at[2]), c);
                d = TOps.MultiplyAdd(TOps.Load(value + (3 * TOps.Count)), TOps.Broadcast(at[3]), d);
                value += 4 * TOps.Count;
                index++;
            }
        }
        else
        {
            for (; count >= 4; count -= 4)
            {
                LinearIndex.Four(index, out nuint i, out nuint j, out nuint k, out nuint l);
                a = TOps.MultiplyAdd(TOps.Load(value), TOps.Broadcast(x[i]), a);
                b = TOps.MultiplyAdd(TOps.Load(value + TOps.Count), TOps.Broadcast(x[j]), b);
                c = TOps.MultiplyAdd(TOps.Load(value + (2 * TOps.Count)), TOps.Broadcast(x[k]), c);
                d = TOps.MultiplyAdd(TOps.Load(value + (3 * TOps.Count)), TOps.Broadcast(x[l]), d);
                value += 4 * TOps.Count;
                index += 4;
            }

            for (; count != 0; count--)
            {
                a = TOps.MultiplyAdd(TOps.Load(value), TOps.Broadcast(x[LinearIndex.Of(index)]), a);
                value += TOps.Count;
                index++;
            }
        }

        LinearSums.Store<TOps, TVector>(step, TOps.Add(TOps.Add(a, b), TOps.Add(c, d)), row);
    }

    private static void Two(Step* step, nint block, nint row)
    {
        float* x = step->Input.Slots;
        float* value = step->Values + ((nint)step->Pointers[block] * 2 * TOps.Count);
        TIndex* index = (TIndex*)step->Indices + step->Pointers[block];
        uint count = step->Pointers[block + 1] - step->Pointers[block];
        TVector a = TOps.Zero;
        TVector b = a;
        TVector c = a;
        TVector d = a;
        TVector e = a;
        TVector f = a;
        TVector g = a;
        TVector h = a;
        for (; count >= 4; count -= 4)
        {
            LinearIndex.Four(index, out nuint i, out nuint j, out nuint k, out nuint l);
            TVector p = TOps.Broadcast(x[i]);
            TVector q = TOps.Broadcast(x[j]);
            TVector r = TOps.Broadcast(x[k]);
            TVector s = TOps.Broadcast(x[l]);
            a = TOps.MultiplyAdd(TOps.Load(value), p, a);
            b = TOps.MultiplyAdd(TOps.Load(value + TOps.Count), p, b);
            c = TOps.MultiplyAdd(TOps.Load(value + (2 * TOps.Count)), q, c);
            d = TOps.MultiplyAdd(TOps.Load(value + (3 * TOps.Count)), q, d);
            e = TOps.MultiplyAdd(TOps.Load(value + (4 * TOps.Count)), r, e);
            f = TOps.MultiplyAdd(TOps.Load(value + (5 * TOps.Count)), r, f);
            g = TOps.MultiplyAdd(TOps.Load(value + (6 * TOps.Count)), s, g);
            h = TOps.MultiplyAdd(TOps.Load(value + (7 * TOps.Count)), s, h);
            value += 8 * TOps.Count;
            index += 4;
        }

        for (; count != 0; count--)
        {
            TVector p = TOps.Broadcast(x[LinearIndex.Of(index)]);
            a = TOps.MultiplyAdd(TOps.Load(value), p, a);
            b = TOps.MultiplyAdd(TOps.Load(value + TOps.Count), p, b);
            value += 2 * TOps.Count;
            index++;
        }

        LinearSums.Store<TOps, TVector>(step, TOps.Add(TOps.Add(a, c), TOps.Add(e, g)), row);
        LinearSums.Store<TOps, TVector>(step, TOps.Add(TOps.Add(b, d), TOps.Add(f, h)), row + TOps.Count);
    }

    /// <summary>Four vectors of a block that may have more; for scalars four rows.</summary>
    private static void Four(Step* step, nint block, nint row, nint part)
    {
        float* x = step->Input.Slots;
        nint height = step->BlockRows;
        float* value = step->Values + ((nint)step->Pointers[block] * height * TColumns.Count) + part;
        TIndex* index = (TIndex*)step->Indices + step->Pointers[block];
        uint count = step->Pointers[block + 1] - step->Pointers[block];
        TVector a = TOps.Zero;
        TVector b = a;
        TVector c = a;
        TVector d = a;
        TVector e = a;
        TVector f = a;
        TVector g = a;
        TVector h = a;
        if (TColumns.Count == 1)
        {
            for (; count >= 2; count -= 2)
            {
                TVector p = TOps.Broadcast(x[LinearIndex.Of(index)]);
                TVector q = TOps.Broadcast(x[LinearIndex.Of(index + 1)]);
                a = TOps.MultiplyAdd(TOps.Load(value), p, a);
                b = TOps.MultiplyAdd(TOps.Load(value + TOps.Count), p, b);
                c = TOps.MultiplyAdd(TOps.Load(value + (2 * TOps.Count)), p, c);
                d = TOps.MultiplyAdd(TOps.Load(value + (3 * TOps.Count)), p, d);
                value += height;
                e = TOps.MultiplyAdd(TOps.Load(value), q, e);
                f = TOps.MultiplyAdd(TOps.Load(value + TOps.Count), q, f);
                g = TOps.MultiplyAdd(TOps.Load(value + (2 * TOps.Count)), q, g);
                h = TOps.MultiplyAdd(TOps.Load(value + (3 * TOps.Count)), q, h);
                value += height;
                index += 2;
            }
        }

        for (; count != 0; count--)
        {
            float* at = x + LinearIndex.Of(index);
            for (int column = 0; column < TColumns.Count; column++)
            {
                TVector p = TOps.Broadcast(at[column]);
                a = TOps.MultiplyAdd(TOps.Load(value), p, a);
                b = TOps.MultiplyAdd(TOps.Load(value + TOps.Count), p, b);
                c = TOps.MultiplyAdd(TOps.Load(value + (2 * TOps.Count)), p, c);
                d = TOps.MultiplyAdd(TOps.Load(value + (3 * TOps.Count)), p, d);
                value += height;
            }

            index++;
        }

        LinearSums.Store<TOps, TVector>(step, TOps.Add(a, e), row);
        LinearSums.Store<TOps, TVector>(step, TOps.Add(b, f), row + TOps.Count);
        LinearSums.Store<TOps, TVector>(step, TOps.Add(c, g), row + (2 * TOps.Count));
        LinearSums.Store<TOps, TVector>(step, TOps.Add(d, h), row + (3 * TOps.Count));
    }
}
