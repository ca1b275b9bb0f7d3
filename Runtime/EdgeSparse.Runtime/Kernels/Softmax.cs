using System.Numerics.Tensors;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// exp(x − max) / Σ exp(x − max) along the middle of (outer, length, inner), or the logarithm of that; the maximum is taken out so
/// that no logit overflows.
/// </summary>
internal static unsafe class Softmax
{
    public static void Run(Step* step, int worker, int workers)
    {
        bool isLogarithm = step->Function == 1;
        for (int o = 0; o < step->Outer; o++)
        {
            nint start = (nint)o * step->Length * step->Inner;
            for (int i = 0; i < step->Inner; i++)
            {
                Line(
                    step->Input.Slots + start + i, step->Output.Slots + start + i, step->Inner, new Span<float>(step->Scratch, step->Length),
                    isLogarithm);
            }
        }
    }

    private static void Line(float* x, float* y, nint stride, Span<float> line, bool isLogarithm)
    {
        float largest = float.NegativeInfinity;
        for (int k = 0; k < line.Length; k++)
        {
            line[k] = x[k * stride];
            largest = OpsScalar.Max(largest, line[k]);
        }

        if (isLogarithm)
        {
            float total = 0f;
            for (int k = 0; k < line.Length; k++)
            {
                line[k] -= largest;
                total += MathF.Exp(line[k]);
            }

            float logarithm = MathF.Log(total);
            for (int k = 0; k < line.Length; k++)
            {
                y[k * stride] = line[k] - logarithm;
            }

            return;
        }

        for (int k = 0; k < line.Length; k++)
        {
            line[k] -= largest;
        }

        TensorPrimitives.Exp(line, line);
        float sum = 0f;
        foreach (float value in line)
        {
            sum += value;
        }

        for (int k = 0; k < line.Length; k++)
        {
            y[k * stride] = line[k] / sum;
        }
    }
}
