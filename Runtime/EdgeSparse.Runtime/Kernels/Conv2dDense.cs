namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Convolution with a dense weight and one list of offsets a group: four output rows at once over a tile of two vectors, so
/// that each loaded vector of the input serves four rows. Rows left over go one at a time.
/// </summary>
internal static unsafe class Conv2dDense<TOps, TVector>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
{
    /// <summary>The widest tile, in vectors.</summary>
    public const int TileVectors = 2;

    public static void Run(Step* step)
    {
        int groupRows = step->Rows / step->Groups;
        for (int t = 0; t < step->TileCount; t++)
        {
            ConvTile* tile = step->Tiles + t;
            for (int group = 0; group < step->Groups; group++)
            {
                uint* index = (uint*)step->Indices + ((long)group * step->Columns);
                int row = group * groupRows;
                int end = row + groupRows;
                for (; row + 4 <= end; row += 4)
                {
                    if (tile->Vectors == 2)
                    {
                        Block4x2(step, tile, index, row);
                    }
                    else
                    {
                        Block4x1(step, tile, index, row);
                    }
                }

                for (; row < end; row++)
                {
                    if (tile->Vectors == 2)
                    {
                        Block1x2(step, tile, index, row);
                    }
                    else
                    {
                        Block1x1(step, tile, index, row);
                    }
                }
            }
        }
    }

    private static void Block4x2(Step* step, ConvTile* tile, uint* index, int row)
    {
        float* source0 = step->Input.Start + tile->Source0;
        float* source1 = step->Input.Start + tile->Source1;
        nint columns = step->Columns;
        float* w0 = step->Values + (row * columns);
        float* w1 = w0 + columns;
        float* w2 = w1 + columns;
        float* w3 = w2 + columns;
        TVector a0 = TOps.Broadcast(step->Bias[row]);
        TVector b0 = TOps.Broadcast(step->Bias[row + 1]);
        TVector c0 = TOps.Broadcast(step->Bias[row + 2]);
        TVector d0 = TOps.Broadcast(step->Bias[row + 3]);
        TVector a1 = a0;
        TVector b1 = b0;
        TVector c1 = c0;
        TVector d1 = d0;
        for (nint k = 0; k < columns; k++)
        {
            TVector x0 = TOps.Load(source0 + index[k]);
            TVector x1 = TOps.Load(source1 + index[k]);
            TVector w = TOps.Broadcast(w0[k]);
            a0 = TOps.MultiplyAdd(x0, w, a0);
            a1 = TOps.MultiplyAdd(x1, w, a1);
            w = TOps.Broadcast(w1[k]);
            b0 = TOps.MultiplyAdd(x0, w, b0);
            b1 = TOps.MultiplyAdd(x1, w, b1);
            w = TOps.Broadcast(w2[k]);
            c0 = TOps.MultiplyAdd(x0, w, c0);
            c1 = TOps.MultiplyAdd(x1, w, c1);
            w = TOps.Broadcast(w3[k]);
            d0 = TOps.MultiplyAdd(x0, w, d0);
            d1 = TOps.MultiplyAdd(x1, w, d1);
        }

        ConvOutput<TOps, TVector>.Store4x2(step, tile, row, a0, a1, b0, b1, c0, c1, d0, d1);
    }

    private static void Block4x1(Step* step, ConvTile* tile, uint* index, int row)
    {
        float* source0 = step->Input.Start + tile->Source0;
        nint columns = step->Columns;
        float* w0 = step->Values + (row * columns);
        float* w1 = w0 + columns;
        float* w2 = w1 + columns;
        float* w3 = w2 + columns;
        TVector a = TOps.Broadcast(step->Bias[row]);
        TVector b = TOps.Broadcast(step->Bias[row + 1]);
        TVector c = TOps.Broadcast(step->Bias[row + 2]);
        TVector d = TOps.Broadcast(step->Bias[row + 3]);
        for (nint k = 0; k < columns; k++)
        {
            TVector x0 = TOps.Load(source0 + index[k]);
            a = TOps.MultiplyAdd(x0, TOps.Broadcast(w0[k]), a);
            b = TOps.MultiplyAdd(x0, TOps.Broadcast(w1[k]), b);
            c = TOps.MultiplyAdd(x0, TOps.Broadcast(w2[k]), c);
            d = TOps.MultiplyAdd(x0, TOps.Broadcast(w3[k]), d);
        }

        ConvOutput<TOps, TVector>.Store4x1(step, tile, row, a, b, c, d);
    }

    private static void Block1x2(Step* step, ConvTile* tile, uint* index, int row)
    {
        float* source0 = step->Input.Start + tile->Source0;
        float* source1 = step->Input.Start + tile->Source1;
        nint columns = step->Columns;
        float* w = step->Values + (row * columns);
        TVector a0 = TOps.Broadcast(step->Bias[row]);
        TVector a1 = a0;
        TVector b0 = TOps.Zero;
        TVector b1 = b0;
        nint k = 0;
        for (; k + 2 <= columns; k += 2)
        {
            TVector v = TOps.Broadcast(w[k]);
            a0 = TOps.MultiplyAdd(TOps.Load(source0 + index[k]), v, a0);
            a1 = TOps.MultiplyAdd(TOps.Load(source1 + index[k]), v, a1);
            v = TOps.Broadcast(w[k + 1]);
            b0 = TOps.MultiplyAdd(TOps.Load(source0 + index[k + 1]), v, b0);
            b1 = TOps.MultiplyAdd(TOps.Load(source1 + index[k + 1]), v, b1);
        }

        if (k < columns)
        {
            TVector v = TOps.Broadcast(w[k]);
            a0 = TOps.MultiplyAdd(TOps.Load(source0 + index[k]), v, a0);
            a1 = TOps.MultiplyAdd(TOps.Load(source1 + index[k]), v, a1);
        }

        ConvOutput<TOps, TVector>.Store2(step, tile, row, TOps.Add(a0, b0), TOps.Add(a1, b1));
    }

    private static void Block1x1(Step* step, ConvTile* tile, uint* index, int row)
    {
        float* source0 = step->Input.Start + tile->Source0;
        nint columns = step->Columns;
        float* w = step->Values + (row * columns);
        TVector a = TOps.Broadcast(step->Bias[row]);
        TVector b = TOps.Zero;
        nint k = 0;
        for (; k + 2 <= columns; k += 2)
        {
            a = TOps.MultiplyAdd(TOps.Load(source0 + index[k]), TOps.Broadcast(w[k]), a);
            b = TOps.MultiplyAdd(TOps.Load(source0 + index[k + 1]), TOps.Broadcast(w[k + 1]), b);
        }

        if (k < columns)
        {
            a = TOps.MultiplyAdd(TOps.Load(source0 + index[k]), TOps.Broadcast(w[k]), a);
        }

        ConvOutput<TOps, TVector>.Store1(step, tile, row, TOps.Add(a, b));
    }
}
