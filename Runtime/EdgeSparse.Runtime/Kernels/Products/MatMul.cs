using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Products of matrices [m, k] · [k, n], repeated over broadcast dimensions. Tiles of four rows by two vectors stay in registers; the
/// columns of a tile are copied side by side where several rows use them, or where they are not two whole vectors.
/// </summary>
internal static unsafe class MatMul<TOps, TVector>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
{
    private const int TileRows = 4;

    /// <summary>Tiles of rows from which on the columns are copied side by side.</summary>
    private const int ManyTiles = 4;

    [SkipLocalsInit]
    public static void Run(Step* step, int worker, int workers)
    {
        const int head = 4;
        const int operands = 2;
        (int m, int k, int n, int rank) = (step->Parameters[0], step->Parameters[1], step->Parameters[2], step->Parameters[3]);
        int width = 2 * TOps.Count;
        int rowTiles = (m + TileRows - 1) / TileRows;
        int columnTiles = (n + width - 1) / width;
        int products = BroadcastCursor.Places(step->Parameters + head, rank, operands);
        float* panel = step->Scratch + ((nint)worker * k * MatMulPlan.PanelColumns);
        float* tile = stackalloc float[TileRows * MatMulPlan.PanelColumns];
        (int first, int end) = WorkerRange.Of(products * columnTiles * rowTiles, worker, workers);
        var cursor = new BroadcastCursor(step->Parameters + head, rank, operands, first / rowTiles / columnTiles);
        for (int i = first; i < end;)
        {
            int row = i % rowTiles;
            int column = i / rowTiles % columnTiles * width;
            int product = i / rowTiles / columnTiles;
            int columns = Math.Min(width, n - column);
            int stop = Math.Min(end, i - row + rowTiles);
            float* left = step->Input.Slots + cursor[0];
            float* right = step->Input1.Slots + cursor[1] + column;
            nint stride = n;
            if (columns < width || stop - i >= ManyTiles)
            {
                Pack(right, n, k, columns, panel, width);
                right = panel;
                stride = width;
            }

            for (; i < stop; i++, row++)
            {
                int top = row * TileRows;
                int rows = Math.Min(TileRows, m - top);
                float* to = step->Output.Slots + (((nint)product * m) + top) * n + column;
                bool isWhole = columns == width;
                Tile(left + ((nint)top * k), k, right, stride, isWhole ? to : tile, isWhole ? n : width, rows);
                for (int r = 0; r < rows; r++)
                {
                    if (!isWhole)
                    {
                        Rows.Copy(tile + (r * width), to + ((nint)r * n), columns);
                    }

                    Activations.Finish(step, to + ((nint)r * n), columns);
                }
            }

            if (row == rowTiles && column + width >= n)
            {
                cursor.Next();
            }
        }
    }

    private static void Pack(float* from, int stride, int k, int columns, float* panel, int width)
    {
        for (int i = 0; i < k; i++, from += stride, panel += width)
        {
            Rows.Copy(from, panel, columns);
        }
    }

    private static void Tile(float* left, int k, float* right, nint stride, float* to, nint toStride, int rows)
    {
        if (rows == TileRows)
        {
            FourRows(left, k, right, stride, to, toStride);
            return;
        }

        for (int r = 0; r < rows; r++)
        {
            OneRow(left + ((nint)r * k), k, right, stride, to + (r * toStride));
        }
    }

    private static void FourRows(float* left, nint k, float* right, nint stride, float* to, nint toStride)
    {
        TVector a0 = TOps.Zero, a1 = TOps.Zero, b0 = TOps.Zero, b1 = TOps.Zero, c0 = TOps.Zero, c1 = TOps.Zero, d0 = TOps.Zero, d1 = TOps.Zero;
        float* second = left + k;
        float* third = second + k;
        float* fourth = third + k;
        for (nint i = 0; i < k; i++, right += stride)
        {
            TVector x0 = TOps.Load(right);
            TVector x1 = TOps.Load(right + TOps.Count);
            TVector weight = TOps.Broadcast(left[i]);
            a0 = TOps.MultiplyAdd(x0, weight, a0);
            a1 = TOps.MultiplyAdd(x1, weight, a1);
            weight = TOps.Broadcast(second[i]);
            b0 = TOps.MultiplyAdd(x0, weight, b0);
            b1 = TOps.MultiplyAdd(x1, weight, b1);
            weight = TOps.Broadcast(third[i]);
            c0 = TOps.MultiplyAdd(x0, weight, c0);
            c1 = TOps.MultiplyAdd(x1, weight, c1);
            weight = TOps.Broadcast(fourth[i]);
            d0 = TOps.MultiplyAdd(x0, weight, d0);
            d1 = TOps.MultiplyAdd(x1, weight, d1);
        }

        Store(to, a0, a1);
        Store(to + toStride, b0, b1);
        Store(to + (2 * toStride), c0, c1);
        Store(to + (3 * toStride), d0, d1);
    }

    private static void OneRow(float* left, nint k, float* right, nint stride, float* to)
    {
        TVector a0 = TOps.Zero, a1 = TOps.Zero;
        for (nint i = 0; i < k; i++, right += stride)
        {
            TVector weight = TOps.Broadcast(left[i]);
            a0 = TOps.MultiplyAdd(TOps.Load(right), weight, a0);
            a1 = TOps.MultiplyAdd(TOps.Load(right + TOps.Count), weight, a1);
        }

        Store(to, a0, a1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* to, TVector first, TVector second)
    {
        TOps.Store(first, to);
        TOps.Store(second, to + TOps.Count);
    }
}

/// <summary>Memory of the kernels of matrix products.</summary>
internal static unsafe class MatMulPlan
{
    /// <summary>Columns of the widest tile.</summary>
    public const int PanelColumns = 32;

    public static void Plan(Step* step, NativeArena memory, int workers) =>
        step->Scratch = (float*)memory.Allocate((long)workers * step->Parameters[1] * PanelColumns * sizeof(float));
}
