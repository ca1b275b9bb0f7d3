using System.Numerics;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>(x − mean) / sqrt(variance + ε) of each row, the variance in a second pass over the row, which is then near.</summary>
internal static unsafe class Normalise
{
    public static void Run(Step* step, int worker, int workers)
    {
        (int rows, int length) = (step->Parameters[0], step->Parameters[1]);
        (int first, int end) = WorkerRange.Of(rows, worker, workers);
        for (int row = first; row < end; row++)
        {
            float* x = step->Input.Slots + ((nint)row * length);
            float mean = Fold<SumFold>.Row(x, length) / length;
            float variance = Squares(x, length, mean) / length;
            Rows.Map<ShiftedScale>(x, step->Output.Slots + ((nint)row * length), length, mean, 1f / MathF.Sqrt(variance + step->ActivationA));
        }
    }

    /// <summary>Σ (x − mean)².</summary>
    private static float Squares(float* x, int length, float mean)
    {
        int width = Vector<float>.Count;
        Vector<float> means = new(mean);
        Vector<float> a = Vector<float>.Zero;
        Vector<float> b = a;
        int i = 0;
        for (; i + (2 * width) <= length; i += 2 * width)
        {
            Vector<float> left = Vector.Load(x + i) - means;
            Vector<float> right = Vector.Load(x + i + width) - means;
            a += left * left;
            b += right * right;
        }

        float sum = Fold<SumFold>.Lanes(a + b);
        for (; i < length; i++)
        {
            sum += (x[i] - mean) * (x[i] - mean);
        }

        return sum;
    }
}
