using System.Numerics;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Weighted sums of a few places of the middle of (outer, length, inner): of rows where inner is more than 1, else of elements of a
/// row.
/// </summary>
internal static unsafe class Resample
{
    private const int Head = 5;

    public static void Run(Step* step, int worker, int workers)
    {
        (int length, int inner) = (step->Length, step->Inner);
        (int outputs, int taps) = (step->Parameters[3], step->Parameters[4]);
        int* places = step->Parameters + Head;
        float* weights = (float*)(places + ((nint)outputs * taps));
        (int first, int end) = WorkerRange.Of(step->Outer * outputs, worker, workers);
        for (int i = first; i < end; i++)
        {
            (int outer, int o) = (i / outputs, i % outputs);
            float* from = step->Input.Slots + ((nint)outer * length * inner);
            nint tap = (nint)o * taps;
            if (inner > 1)
            {
                Row(from, step->Output.Slots + ((nint)i * inner), inner, places + tap, weights + tap, taps);
                continue;
            }

            int count = Math.Min(outputs - o, end - i);
            Elements(from, step->Output.Slots + i, count, places + tap, weights + tap, taps);
            i += count - 1;
        }
    }

    private static void Row(float* from, float* to, int inner, int* places, float* weights, int taps)
    {
        if (taps == 1 && *weights == 1f)
        {
            Rows.Copy(from + ((nint)(*places) * inner), to, inner);
            return;
        }

        int width = Vector<float>.Count;
        int i = 0;
        for (; i + width <= inner; i += width)
        {
            Vector<float> sum = Vector<float>.Zero;
            for (int t = 0; t < taps; t++)
            {
                sum += Vector.Load(from + ((nint)places[t] * inner) + i) * weights[t];
            }

            sum.Store(to + i);
        }

        for (; i < inner; i++)
        {
            float sum = 0f;
            for (int t = 0; t < taps; t++)
            {
                sum += from[((nint)places[t] * inner) + i] * weights[t];
            }

            to[i] = sum;
        }
    }

    private static void Elements(float* from, float* to, int count, int* places, float* weights, int taps)
    {
        if (taps == 2)
        {
            for (int o = 0; o < count; o++, places += 2, weights += 2)
            {
                to[o] = (from[places[0]] * weights[0]) + (from[places[1]] * weights[1]);
            }

            return;
        }

        for (int o = 0; o < count; o++, places += taps, weights += taps)
        {
            float sum = 0f;
            for (int t = 0; t < taps; t++)
            {
                sum += from[places[t]] * weights[t];
            }

            to[o] = sum;
        }
    }
}
