using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Convolution with a CSR weight as sparse times dense: for each tile of the run and each output row, the row's non-zeros times
/// as many contiguous vectors of the input. Tiles are outermost, so that the stretch of input under a tile stays in the cache
/// while all rows pass over it.
/// </summary>
internal static unsafe class Conv2dCsr<TOps, TVector, TIndex>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
    where TIndex : unmanaged
{
    public static void Run(Step* step)
    {
        for (int t = 0; t < step->TileCount; t++)
        {
            ConvTile* tile = step->Tiles + t;
            switch (tile->Vectors)
            {
                case 4:
                    Rows4(step, tile);
                    break;
                case 3:
                    Rows3(step, tile);
                    break;
                case 2:
                    Rows2(step, tile);
                    break;
                default:
                    Rows1(step, tile);
                    break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint Index(TIndex* index) => typeof(TIndex) == typeof(ushort) ? *(ushort*)index : *(uint*)index;

    private static void Rows4(Step* step, ConvTile* tile)
    {
        float* x0 = step->Input.Start + tile->Source0;
        float* x1 = step->Input.Start + tile->Source1;
        float* x2 = step->Input.Start + tile->Source2;
        float* x3 = step->Input.Start + tile->Source3;
        float* value = step->Values;
        var index = (TIndex*)step->Indices;
        for (int row = 0; row < step->Rows; row++)
        {
            TVector a0 = TOps.Broadcast(step->Bias[row]);
            TVector a1 = a0;
            TVector a2 = a0;
            TVector a3 = a0;
            TVector b0 = TOps.Zero;
            TVector b1 = b0;
            TVector b2 = b0;
            TVector b3 = b0;
            uint count = step->Pointers[row + 1] - step->Pointers[row];
            for (; count >= 2; count -= 2)
            {
                nuint i = Index(index);
                nuint j = Index(index + 1);
                TVector v = TOps.Broadcast(value[0]);
                TVector w = TOps.Broadcast(value[1]);
                a0 = TOps.MultiplyAdd(TOps.Load(x0 + i), v, a0);
                a1 = TOps.MultiplyAdd(TOps.Load(x1 + i), v, a1);
                a2 = TOps.MultiplyAdd(TOps.Load(x2 + i), v, a2);
                a3 = TOps.MultiplyAdd(TOps.Load(x3 + i), v, a3);
                b0 = TOps.MultiplyAdd(TOps.Load(x0 + j), w, b0);
                b1 = TOps.MultiplyAdd(TOps.Load(x1 + j), w, b1);
                b2 = TOps.MultiplyAdd(TOps.Load(x2 + j), w, b2);
                b3 = TOps.MultiplyAdd(TOps.Load(x3 + j), w, b3);
                value += 2;
                index += 2;
            }

            if (count != 0)
            {
                nuint i = Index(index++);
                TVector v = TOps.Broadcast(*value++);
                a0 = TOps.MultiplyAdd(TOps.Load(x0 + i), v, a0);
                a1 = TOps.MultiplyAdd(TOps.Load(x1 + i), v, a1);
                a2 = TOps.MultiplyAdd(TOps.Load(x2 + i), v, a2);
                a3 = TOps.MultiplyAdd(TOps.Load(x3 + i), v, a3);
            }

            ConvOutput<TOps, TVector>.Store4(step, tile, row, TOps.Add(a0, b0), TOps.Add(a1, b1), TOps.Add(a2, b2), TOps.Add(a3, b3));
        }
    }

    private static void Rows3(Step* step, ConvTile* tile)
    {
        float* x0 = step->Input.Start + tile->Source0;
        float* x1 = step->Input.Start + tile->Source1;
        float* x2 = step->Input.Start + tile->Source2;
        float* value = step->Values;
        var index = (TIndex*)step->Indices;
        for (int row = 0; row < step->Rows; row++)
        {
            TVector a0 = TOps.Broadcast(step->Bias[row]);
            TVector a1 = a0;
            TVector a2 = a0;
            TVector b0 = TOps.Zero;
            TVector b1 = b0;
            TVector b2 = b0;
            uint count = step->Pointers[row + 1] - step->Pointers[row];
            for (; count >= 2; count -= 2)
            {
                nuint i = Index(index);
                nuint j = Index(index + 1);
                TVector v = TOps.Broadcast(value[0]);
                TVector w = TOps.Broadcast(value[1]);
                a0 = TOps.MultiplyAdd(TOps.Load(x0 + i), v, a0);
                a1 = TOps.MultiplyAdd(TOps.Load(x1 + i), v, a1);
                a2 = TOps.MultiplyAdd(TOps.Load(x2 + i), v, a2);
                b0 = TOps.MultiplyAdd(TOps.Load(x0 + j), w, b0);
                b1 = TOps.MultiplyAdd(TOps.Load(x1 + j), w, b1);
                b2 = TOps.MultiplyAdd(TOps.Load(x2 + j), w, b2);
                value += 2;
                index += 2;
            }

            if (count != 0)
            {
                nuint i = Index(index++);
                TVector v = TOps.Broadcast(*value++);
                a0 = TOps.MultiplyAdd(TOps.Load(x0 + i), v, a0);
                a1 = TOps.MultiplyAdd(TOps.Load(x1 + i), v, a1);
                a2 = TOps.MultiplyAdd(TOps.Load(x2 + i), v, a2);
            }

            ConvOutput<TOps, TVector>.Store3(step, tile, row, TOps.Add(a0, b0), TOps.Add(a1, b1), TOps.Add(a2, b2));
        }
    }

    private static void Rows2(Step* step, ConvTile* tile)
    {
        float* x0 = step->Input.Start + tile->Source0;
        float* x1 = step->Input.Start + tile->Source1;
        float* value = step->Values;
        var index = (TIndex*)step->Indices;
        for (int row = 0; row < step->Rows; row++)
        {
            TVector a0 = TOps.Broadcast(step->Bias[row]);
            TVector a1 = a0;
            TVector b0 = TOps.Zero;
            TVector b1 = b0;
            TVector c0 = b0;
            TVector c1 = b0;
            TVector d0 = b0;
            TVector d1 = b0;
            uint count = step->Pointers[row + 1] - step->Pointers[row];
            for (; count >= 4; count -= 4)
            {
                nuint i = Index(index);
                nuint j = Index(index + 1);
                nuint k = Index(index + 2);
                nuint l = Index(index + 3);
                TVector v = TOps.Broadcast(value[0]);
                TVector w = TOps.Broadcast(value[1]);
                a0 = TOps.MultiplyAdd(TOps.Load(x0 + i), v, a0);
                a1 = TOps.MultiplyAdd(TOps.Load(x1 + i), v, a1);
                b0 = TOps.MultiplyAdd(TOps.Load(x0 + j), w, b0);
                b1 = TOps.MultiplyAdd(TOps.Load(x1 + j), w, b1);
                v = TOps.Broadcast(value[2]);
                w = TOps.Broadcast(value[3]);
                c0 = TOps.MultiplyAdd(TOps.Load(x0 + k), v, c0);
                c1 = TOps.MultiplyAdd(TOps.Load(x1 + k), v, c1);
                d0 = TOps.MultiplyAdd(TOps.Load(x0 + l), w, d0);
                d1 = TOps.MultiplyAdd(TOps.Load(x1 + l), w, d1);
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                nuint i = Index(index++);
                TVector v = TOps.Broadcast(*value++);
                a0 = TOps.MultiplyAdd(TOps.Load(x0 + i), v, a0);
                a1 = TOps.MultiplyAdd(TOps.Load(x1 + i), v, a1);
            }

            a0 = TOps.Add(TOps.Add(a0, b0), TOps.Add(c0, d0));
            a1 = TOps.Add(TOps.Add(a1, b1), TOps.Add(c1, d1));
            ConvOutput<TOps, TVector>.Store2(step, tile, row, a0, a1);
        }
    }

    private static void Rows1(Step* step, ConvTile* tile)
    {
        float* x0 = step->Input.Start + tile->Source0;
        float* value = step->Values;
        var index = (TIndex*)step->Indices;
        for (int row = 0; row < step->Rows; row++)
        {
            TVector a = TOps.Broadcast(step->Bias[row]);
            TVector b = TOps.Zero;
            TVector c = b;
            TVector d = b;
            uint count = step->Pointers[row + 1] - step->Pointers[row];
            for (; count >= 4; count -= 4)
            {
                a = TOps.MultiplyAdd(TOps.Load(x0 + Index(index)), TOps.Broadcast(value[0]), a);
                b = TOps.MultiplyAdd(TOps.Load(x0 + Index(index + 1)), TOps.Broadcast(value[1]), b);
                c = TOps.MultiplyAdd(TOps.Load(x0 + Index(index + 2)), TOps.Broadcast(value[2]), c);
                d = TOps.MultiplyAdd(TOps.Load(x0 + Index(index + 3)), TOps.Broadcast(value[3]), d);
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                a = TOps.MultiplyAdd(TOps.Load(x0 + Index(index++)), TOps.Broadcast(*value++), a);
            }

            ConvOutput<TOps, TVector>.Store1(step, tile, row, TOps.Add(TOps.Add(a, b), TOps.Add(c, d)));
        }
    }
}
