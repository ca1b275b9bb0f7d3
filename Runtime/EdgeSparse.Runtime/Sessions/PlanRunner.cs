using System.Diagnostics;
using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Runtime;

/// <summary>Runs the steps of a session's plan in order.</summary>
internal sealed unsafe class PlanRunner(Step* steps, int stepCount)
{
    /// <summary>Runs every step once.</summary>
    /// <param name="layerTicks">
    /// Null, or <see cref="Stopwatch"/> ticks per layer, to which each step's are added at <see cref="Step.Layer"/>.
    /// </param>
    public void Run(long* layerTicks)
    {
        if (layerTicks == null)
        {
            for (Step* step = steps, end = steps + stepCount; step != end; step++)
            {
                step->Kernel(step);
            }

            return;
        }

        long last = Stopwatch.GetTimestamp();
        for (Step* step = steps, end = steps + stepCount; step != end; step++)
        {
            step->Kernel(step);
            long now = Stopwatch.GetTimestamp();
            layerTicks[step->Layer] += now - last;
            last = now;
        }
    }
}
