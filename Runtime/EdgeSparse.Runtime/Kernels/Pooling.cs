using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Max and average pooling: the rows under a window are reduced to one row by vectors, then that row's columns window by
/// window, by vectors too for strides 1 and 2. Padding never takes part, an average may count it in its divisor: the row
/// lies in a buffer whose other elements, put there once by the plan's builder, change no maximum and no sum.
/// </summary>
internal static unsafe class Pooling<TOps, TVector>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
{
    public static void Max(Step* step) => Run(step, average: false);

    public static void Average(Step* step) => Run(step, average: true);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Run(Step* step, bool average)
    {
        for (int y = 0; y < step->Output.Height; y++)
        {
            Taps taps = Taps.Of(y, step->KernelY, step->StrideY, step->PadTop, step->DilationY, step->Input.Height);
            int rows = step->CountIncludePad != 0
                ? Taps.CountPadded(y, step->KernelY, step->StrideY, step->PadTop, step->PadBottom, step->DilationY, step->Input.Height)
                : taps.Count;
            for (int c = 0; c < step->Output.Channels; c++)
            {
                ReduceRows(step, c, taps, average);
                ReduceColumns(step, step->Output.Row(c, y), rows, average);
            }
        }
    }

    /// <summary>Reduces the rows under the window to one in the buffer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReduceRows(Step* step, int channel, Taps taps, bool average)
    {
        float* first = step->Input.Row(channel, taps.First);
        float* to = step->Scratch + step->PadLeft;
        nint stride = (nint)step->DilationY * step->Input.RowStride;
        int width = step->Input.Width;
        for (int x = 0; x < width; x += TOps.Count)
        {
            // The last vector may overlap the one before it; the kernel table gives no vector wider than the row.
            int at = Math.Min(x, width - TOps.Count);
            float* from = first + at;
            TVector reduced = TOps.Load(from);
            for (int k = 1; k < taps.Count; k++)
            {
                from += stride;
                reduced = average ? TOps.Add(reduced, TOps.Load(from)) : TOps.Max(reduced, TOps.Load(from));
            }

            TOps.Store(reduced, to + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReduceColumns(Step* step, float* to, int rows, bool average)
    {
        if (step->StrideX > 2)
        {
            ReduceColumnsOneByOne(step, to, rows, average);
            return;
        }

        int width = step->Output.Width;
        for (int x = 0; x < width; x += TOps.Count)
        {
            float* from = step->Scratch + ((nint)x * step->StrideX);
            TVector reduced = Columns(from, step->StrideX);
            for (int k = 1; k < step->KernelX; k++)
            {
                from += step->DilationX;
                TVector columns = Columns(from, step->StrideX);
                reduced = average ? TOps.Add(reduced, columns) : TOps.Max(reduced, columns);
            }

            if (average)
            {
                reduced = TOps.Divide(reduced, TOps.Multiply(TOps.Broadcast(rows), TOps.Load(step->ColumnCounts + x)));
            }

            if (x + TOps.Count <= width)
            {
                TOps.Store(reduced, to + x);
            }
            else
            {
                TOps.Store(reduced, step->Results);
                for (int i = x; i < width; i++)
                {
                    to[i] = step->Results[i - x];
                }
            }
        }
    }

    /// <summary>A vector of every, or of every second, column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Columns(float* from, int stride) =>
        stride == 1 ? TOps.Load(from) : TOps.Evens(TOps.Load(from), TOps.Load(from + TOps.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReduceColumnsOneByOne(Step* step, float* to, int rows, bool average)
    {
        for (int x = 0; x < step->Output.Width; x++)
        {
            float* from = step->Scratch + ((nint)x * step->StrideX);
            float reduced = *from;
            for (int k = 1; k < step->KernelX; k++)
            {
                from += step->DilationX;
                reduced = average ? reduced + *from : OpsScalar.Max(reduced, *from);
            }

            to[x] = average ? reduced / (rows * step->ColumnCounts[x]) : reduced;
        }
    }
}
