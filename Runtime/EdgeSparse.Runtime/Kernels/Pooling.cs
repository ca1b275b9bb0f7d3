using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Max and average pooling: the rows under a window are reduced to one row by vectors, then that row's pixels window by window.
/// Padding never takes part; an average may count it in its divisor.
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
                float* column = step->Scratch;
                ReduceRows(step, c, taps, column, average);
                float* to = step->Output.Row(c, y);
                if (average)
                {
                    AverageColumns(step, column, to, rows);
                }
                else
                {
                    MaxColumns(step, column, to);
                }
            }
        }
    }

    /// <summary>Reduces the window's rows to one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReduceRows(Step* step, int channel, Taps taps, float* to, bool average)
    {
        float* first = step->Input.Row(channel, taps.First);
        long stride = (long)step->DilationY * step->Input.RowStride;
        int width = step->Input.Width;
        int x = 0;
        for (; x + TOps.Count <= width; x += TOps.Count)
        {
            float* from = first + x;
            TVector reduced = TOps.Load(from);
            for (int k = 1; k < taps.Count; k++)
            {
                from += stride;
                reduced = average ? TOps.Add(reduced, TOps.Load(from)) : TOps.Max(reduced, TOps.Load(from));
            }

            TOps.Store(reduced, to + x);
        }

        for (; x < width; x++)
        {
            float* from = first + x;
            float reduced = *from;
            for (int k = 1; k < taps.Count; k++)
            {
                from += stride;
                reduced = average ? reduced + *from : OpsScalar.Max(reduced, *from);
            }

            to[x] = reduced;
        }
    }

    private static void MaxColumns(Step* step, float* from, float* to)
    {
        for (int x = 0; x < step->Output.Width; x++)
        {
            Taps taps = Taps.Of(x, step->KernelX, step->StrideX, step->PadLeft, step->DilationX, step->Input.Width);
            float* at = from + taps.First;
            float reduced = *at;
            for (int k = 1; k < taps.Count; k++)
            {
                at += step->DilationX;
                reduced = OpsScalar.Max(reduced, *at);
            }

            to[x] = reduced;
        }
    }

    private static void AverageColumns(Step* step, float* from, float* to, int rows)
    {
        for (int x = 0; x < step->Output.Width; x++)
        {
            Taps taps = Taps.Of(x, step->KernelX, step->StrideX, step->PadLeft, step->DilationX, step->Input.Width);
            int columns = step->CountIncludePad != 0
                ? Taps.CountPadded(x, step->KernelX, step->StrideX, step->PadLeft, step->PadRight, step->DilationX, step->Input.Width)
                : taps.Count;
            float* at = from + taps.First;
            float sum = *at;
            for (int k = 1; k < taps.Count; k++)
            {
                at += step->DilationX;
                sum += *at;
            }

            to[x] = sum / ((float)rows * columns);
        }
    }
}

/// <summary>The input pixels of one window along one axis.</summary>
internal readonly record struct Taps(int First, int Count)
{
    /// <summary>The pixels of window <paramref name="output"/> that are not padding; the blob's reader has seen to at least one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Taps Of(int output, int kernel, int stride, int pad, int dilation, int input)
    {
        int start = (output * stride) - pad;
        if (start >= 0 && (long)start + ((kernel - 1L) * dilation) < input)
        {
            return new Taps(start, kernel);
        }

        int skipped = start < 0 ? (dilation - 1 - start) / dilation : 0;
        int first = start + (skipped * dilation);
        int count = Math.Min(kernel - skipped, ((input - 1 - first) / dilation) + 1);
        return new Taps(first, count);
    }

    /// <summary>The pixels of a window, padding included, but not what lies beyond the padding (in ceil mode).</summary>
    public static int CountPadded(int output, int kernel, int stride, int pad, int padAfter, int dilation, int input)
    {
        int start = (output * stride) - pad;
        return Math.Min(kernel, ((input + padAfter - 1 - start) / dilation) + 1);
    }
}
