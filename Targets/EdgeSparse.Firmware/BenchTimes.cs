using System.Diagnostics;
using EdgeSparse.Runtime;

namespace EdgeSparse.Firmware;

/// <summary>Times of single inferences, input and output copies counted in.</summary>
internal sealed record BenchTimes(int Inferences, double MedianMicroseconds, double P5Microseconds, double P95Microseconds)
{
    /// <summary>What a GPU takes by its own clock; null on the CPU.</summary>
    public DeviceTimes? Device { get; private init; }

    /// <summary>Untimed runs before the timed ones: caches, branch predictors and the clock settle.</summary>
    private const int MaxWarmUp = 100;

    public static BenchTimes Measure(IInferenceSession session, float[] sample, int outputElements, int inferences)
    {
        float[] output = new float[outputElements];
        long[] ticks = new long[inferences];
        for (int i = Math.Min(MaxWarmUp, inferences); i > 0; i--)
        {
            RunOnce(session, sample, output);
        }

        for (int i = 0; i < ticks.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            RunOnce(session, sample, output);
            ticks[i] = Stopwatch.GetTimestamp() - start;
        }

        Array.Sort(ticks);
        return new BenchTimes(inferences, Percentile(ticks, 50), Percentile(ticks, 5), Percentile(ticks, 95))
        {
            Device = InferenceDevice.Times(session, inferences),
        };
    }

    private static void RunOnce(IInferenceSession session, float[] sample, float[] output)
    {
        session.SetInput(0, sample);
        session.Run();
        session.GetOutput(0, output);
    }

    /// <summary>Nearest rank.</summary>
    private static double Percentile(long[] sortedTicks, int percent)
    {
        int rank = (int)(((sortedTicks.LongLength * percent) + 99) / 100);
        return sortedTicks[Math.Max(rank, 1) - 1] * 1e6 / Stopwatch.Frequency;
    }
}

/// <summary>Microseconds by a GPU's own clock: of the kernels of a run, and of each layer's.</summary>
internal sealed record DeviceTimes(double KernelMicroseconds, (string Name, double Microseconds)[] Layers);
