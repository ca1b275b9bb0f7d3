using System.Numerics.Tensors;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>exp(x − max) / Σ exp(x − max) along one axis; the maximum is taken out so that no logit overflows.</summary>
internal static unsafe class Softmax
{
    public static void Run(Step* step, int worker, int workers)
    {
        ref readonly Planes x = ref step->Input;
        ref readonly Planes y = ref step->Output;
        (int outer, long outerX, long outerY) = step->Axis == 1 ? (x.Height, x.RowStride, (long)y.RowStride) : (x.Channels, x.ChannelStride, y.ChannelStride);
        (int inner, long innerX, long innerY) = step->Axis == 3 ? (x.Height, x.RowStride, (long)y.RowStride) : (x.Width, 1, 1);
        (int count, long strideX, long strideY) = step->Axis switch
        {
            1 => (x.Channels, (long)x.ChannelStride, (long)y.ChannelStride),
            2 => (x.Height, x.RowStride, y.RowStride),
            _ => (x.Width, 1, 1),
        };
        for (int o = 0; o < outer; o++)
        {
            for (int i = 0; i < inner; i++)
            {
                Line(
                    x.Slots + (o * outerX) + (i * innerX), strideX, y.Slots + (o * outerY) + (i * innerY), strideY,
                    new Span<float>(step->Scratch, count));
            }
        }
    }

    private static void Line(float* x, long strideX, float* y, long strideY, Span<float> line)
    {
        float largest = float.NegativeInfinity;
        for (int k = 0; k < line.Length; k++)
        {
            line[k] = x[k * strideX];
            largest = OpsScalar.Max(largest, line[k]);
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
            y[k * strideY] = line[k] / sum;
        }
    }
}
