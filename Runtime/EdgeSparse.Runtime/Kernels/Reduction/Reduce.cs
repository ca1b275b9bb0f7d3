using System.Numerics;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Sums, means, extremes and products over the middle of (outer, length, inner): along rows where inner is 1, else column by
/// column, a few vectors of columns at once.
/// </summary>
internal static unsafe class Reduce
{
    public static void Run(Step* step, int worker, int workers)
    {
        switch ((ReductionFunction)step->Function)
        {
            case ReductionFunction.Sum or ReductionFunction.Mean:
                Lines<SumFold>(step, worker, workers);
                break;
            case ReductionFunction.Max:
                Lines<MaxFold>(step, worker, workers);
                break;
            case ReductionFunction.Min:
                Lines<MinFold>(step, worker, workers);
                break;
            case ReductionFunction.Product:
                Lines<ProductFold>(step, worker, workers);
                break;
            default:
                ArgReduce.Run(step, worker, workers);
                break;
        }
    }

    private static void Lines<TFold>(Step* step, int worker, int workers)
        where TFold : struct, IFold
    {
        (int length, int inner) = (step->Length, step->Inner);
        float divisor = step->Function == (uint)ReductionFunction.Mean ? length : 1f;
        int width = 4 * Vector<float>.Count;
        int parts = (inner + width - 1) / width;
        (int first, int end) = WorkerRange.Of(step->Outer * parts, worker, workers);
        for (int i = first; i < end; i++)
        {
            int column = i % parts * width;
            float* from = step->Input.Slots + ((nint)(i / parts) * length * inner) + column;
            float* to = step->Output.Slots + ((nint)(i / parts) * inner) + column;
            if (inner == 1)
            {
                *to = Fold<TFold>.Row(from, length) / divisor;
            }
            else
            {
                Columns<TFold>(from, to, length, inner, Math.Min(width, inner - column), divisor);
            }
        }
    }

    private static void Columns<TFold>(float* from, float* to, int length, nint stride, int count, float divisor)
        where TFold : struct, IFold
    {
        int width = Vector<float>.Count;
        int i = 0;
        if (count == 4 * width)
        {
            Vector<float> a = new(TFold.Start);
            Vector<float> b = a;
            Vector<float> c = a;
            Vector<float> d = a;
            float* x = from;
            for (int k = 0; k < length; k++, x += stride)
            {
                a = TFold.Join(a, Vector.Load(x));
                b = TFold.Join(b, Vector.Load(x + width));
                c = TFold.Join(c, Vector.Load(x + (2 * width)));
                d = TFold.Join(d, Vector.Load(x + (3 * width)));
            }

            Vector<float> divisors = new(divisor);
            (a / divisors).Store(to);
            (b / divisors).Store(to + width);
            (c / divisors).Store(to + (2 * width));
            (d / divisors).Store(to + (3 * width));
            return;
        }

        for (; i + width <= count; i += width)
        {
            Vector<float> a = new(TFold.Start);
            float* x = from + i;
            for (int k = 0; k < length; k++, x += stride)
            {
                a = TFold.Join(a, Vector.Load(x));
            }

            (a / new Vector<float>(divisor)).Store(to + i);
        }

        for (; i < count; i++)
        {
            float a = TFold.Start;
            float* x = from + i;
            for (int k = 0; k < length; k++, x += stride)
            {
                a = TFold.Join(a, *x);
            }

            to[i] = a / divisor;
        }
    }
}
