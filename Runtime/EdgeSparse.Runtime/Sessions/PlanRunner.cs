using System.Diagnostics;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Threading;

namespace EdgeSparse.Runtime;

/// <summary>
/// Runs the steps of a session's plan in order. With several workers they are woken once for a whole plan and wait for one
/// another between its steps: every worker runs its part of a step, worker 0 alone a step that is sequential.
/// </summary>
internal sealed unsafe class PlanRunner : IDisposable
{
    private readonly PlanRun* run;
    private readonly bool hasParallelSteps;
    private readonly bool mayFail;

    /// <param name="steps">The plan.</param>
    /// <param name="stepCount">Steps of the plan.</param>
    /// <param name="workers">Threads of a run, the calling one included.</param>
    /// <param name="memory">Memory that lives as long as the steps.</param>
    /// <exception cref="EdgeSparseException">The machine does not have the memory, or the threads.</exception>
    public PlanRunner(Step* steps, int stepCount, int workers, NativeArena memory)
    {
        run = (PlanRun*)memory.Allocate(sizeof(PlanRun));
        run->First = steps;
        run->End = steps + stepCount;
        run->Workers = workers;
        run->Barrier = new SpinBarrier(workers);
        for (Step* step = steps; step != run->End; step++)
        {
            hasParallelSteps |= step->Sequential == 0;
            mayFail |= step->MayFail != 0;
        }

        Pool = new WorkerPool(workers);
    }

    /// <summary>The session's threads.</summary>
    public WorkerPool Pool { get; }

    /// <summary>Runs every step once.</summary>
    /// <param name="layerTicks">
    /// Null, or <see cref="Stopwatch"/> ticks per layer, to which each step's are added at <see cref="Step.Layer"/>.
    /// </param>
    public void Run(long* layerTicks)
    {
        run->LayerTicks = layerTicks;
        if (hasParallelSteps && Pool.Workers > 1)
        {
            Pool.Run(&RunWorker, run);
        }
        else
        {
            RunAlone();
        }
    }

    /// <summary>The first step of the last run that failed, or null; it is told once.</summary>
    public Step* TakeFailure()
    {
        Step* failed = null;
        if (mayFail)
        {
            for (Step* step = run->End - 1; step >= run->First; step--)
            {
                failed = step->HasFailed != 0 ? step : failed;
                step->HasFailed = 0;
            }
        }

        return failed;
    }

    /// <summary>Ends the session's threads.</summary>
    public void Dispose() => Pool.Dispose();

    private static void RunWorker(void* state, int worker)
    {
        PlanRun* run = (PlanRun*)state;
        long* layerTicks = worker == 0 ? run->LayerTicks : null;
        long last = layerTicks == null ? 0 : Stopwatch.GetTimestamp();
        for (Step* step = run->First, end = run->End; step != end; step++)
        {
            if (step->Sequential == 0)
            {
                step->Kernel(step, worker, run->Workers);
            }
            else if (worker == 0)
            {
                step->Kernel(step, 0, 1);
            }

            if (HasBarrierAfter(run, step))
            {
                run->Barrier.Wait();
            }

            if (layerTicks != null)
            {
                last = AddTicks(layerTicks + step->Layer, last);
            }
        }
    }

    /// <summary>
    /// Two steps that worker 0 runs alone need none between them; the end of the pool's run is one, except that a time taken
    /// before it would be that of worker 0 and not that of the slowest.
    /// </summary>
    private static bool HasBarrierAfter(PlanRun* run, Step* step) => step + 1 == run->End
        ? run->LayerTicks != null && step->Sequential == 0
        : step->Sequential == 0 || step[1].Sequential == 0;

    private static long AddTicks(long* ticks, long last)
    {
        long now = Stopwatch.GetTimestamp();
        *ticks += now - last;
        return now;
    }

    private void RunAlone()
    {
        long* layerTicks = run->LayerTicks;
        long last = layerTicks == null ? 0 : Stopwatch.GetTimestamp();
        for (Step* step = run->First, end = run->End; step != end; step++)
        {
            step->Kernel(step, 0, 1);
            if (layerTicks != null)
            {
                last = AddTicks(layerTicks + step->Layer, last);
            }
        }
    }

    /// <summary>What the workers of a run share, in native memory: a pool's body gets an address.</summary>
    private struct PlanRun
    {
        public Step* First;
        public Step* End;
        public long* LayerTicks;
        public int Workers;
        public SpinBarrier Barrier;
    }
}
