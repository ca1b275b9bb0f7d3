using System.Numerics;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Index of the largest or smallest element over the middle of (outer, length, inner), the first or the last of equal ones. What
/// is not a number is larger than all numbers and smaller than all.
/// </summary>
internal static unsafe class ArgReduce
{
    public static void Run(Step* step, int worker, int workers)
    {
        (int length, int inner) = (step->Length, step->Inner);
        var function = (ReductionFunction)step->Function;
        bool isMaximum = function is ReductionFunction.ArgMaxFirst or ReductionFunction.ArgMaxLast;
        bool isLast = function is ReductionFunction.ArgMaxLast or ReductionFunction.ArgMinLast;
        int width = Vector<float>.Count;
        int parts = (inner + width - 1) / width;
        (int first, int end) = WorkerRange.Of(step->Outer * parts, worker, workers);
        for (int i = first; i < end; i++)
        {
            int column = i % parts * width;
            float* from = step->Input.Slots + ((nint)(i / parts) * length * inner) + column;
            float* to = step->Output.Slots + ((nint)(i / parts) * inner) + column;
            if (column + width <= inner)
            {
                Columns(from, to, length, inner, isMaximum, isLast);
                continue;
            }

            for (int c = 0; c < inner - column; c++)
            {
                to[c] = inner == 1 ? Row(from, length, isMaximum, isLast) : Column(from + c, length, inner, isMaximum, isLast);
            }
        }
    }

    private static int Row(float* x, int length, bool isMaximum, bool isLast)
    {
        float best = isMaximum ? Fold<MaxFold>.Row(x, length) : Fold<MinFold>.Row(x, length);
        var row = new ReadOnlySpan<float>(x, length);
        return isLast ? row.LastIndexOf(best) : row.IndexOf(best);
    }

    private static int Column(float* x, int length, nint stride, bool isMaximum, bool isLast)
    {
        (float best, int index) = (*x, 0);
        for (int k = 1; k < length; k++)
        {
            float value = x[k * stride];
            bool isBetter = isMaximum ? value > best : value < best;
            if (isBetter || (float.IsNaN(value) && !float.IsNaN(best)) || (isLast && value.Equals(best)))
            {
                (best, index) = (value, k);
            }
        }

        return index;
    }

    private static void Columns(float* x, float* to, int length, nint stride, bool isMaximum, bool isLast)
    {
        Vector<float> best = Vector.Load(x);
        Vector<int> index = Vector<int>.Zero;
        for (int k = 1; k < length; k++)
        {
            Vector<float> value = Vector.Load(x + (k * stride));
            Vector<int> isBetter = isMaximum ? Vector.GreaterThan(value, best) : Vector.LessThan(value, best);
            Vector<int> isNone = ~Vector.Equals(value, value);
            Vector<int> bestIsNone = ~Vector.Equals(best, best);
            isBetter |= isNone & ~bestIsNone;
            if (isLast)
            {
                isBetter |= Vector.Equals(value, best) | (isNone & bestIsNone);
            }

            best = Vector.ConditionalSelect(isBetter, value, best);
            index = Vector.ConditionalSelect(isBetter, new Vector<int>(k), index);
        }

        Vector.ConvertToSingle(index).Store(to);
    }
}
