using EdgeSparse.Runtime.Offload;

namespace EdgeSparse.Runtime.Cuda;

/// <content>Times by the clock of the device.</content>
public sealed unsafe partial class CudaSession
{
    /// <summary>Kernels of one graph where they are timed: its launch takes as long as a few of them.</summary>
    private const int LaunchesTogether = 64;

    /// <summary>
    /// Times the kernels of a run by the device's own clock, copies of inputs and outputs left out: so many runs are queued one after the
    /// other between two events. The inputs are those of the last run.
    /// </summary>
    /// <param name="runs">At least 1; so many come before them untimed.</param>
    /// <returns>Microseconds of one run.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are no runs.</exception>
    /// <exception cref="CudaException">The GPU failed.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public double MeasureKernels(int runs)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        device.MakeCurrent();
        return Measure(plan.Launches, runs);
    }

    /// <summary>
    /// Times the kernels of each layer as <see cref="MeasureKernels"/> does, one layer after the other: so often in a row, what a layer
    /// reads is in the device's caches, where it fits.
    /// </summary>
    /// <param name="runs">At least 1; so many come before them untimed.</param>
    /// <returns>One for each of <see cref="Model.Layers"/> that launches kernels, in their order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are no runs.</exception>
    /// <exception cref="CudaException">The GPU failed.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public IReadOnlyList<LayerTime> MeasureLayers(int runs)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        device.MakeCurrent();
        List<LayerTime> times = [];
        for (int layer = 0; layer < layers.Count; layer++)
        {
            var launches = new List<DeviceLaunch>();
            foreach (DeviceLaunch launch in plan.Launches)
            {
                if (launch.Layer == layer)
                {
                    launches.Add(launch);
                }
            }

            if (launches.Count > 0)
            {
                times.Add(new LayerTime(layers[layer], Measure(launches, runs)));
            }
        }

        return times;
    }

    /// <summary>Microseconds of some launches, of as many runs of them as there are at least to be.</summary>
    private double Measure(IReadOnlyList<DeviceLaunch> launches, int runs)
    {
        int together = Math.Clamp(LaunchesTogether / launches.Count, 1, runs);
        int graphs = (runs + together - 1) / together;
        void Queue()
        {
            for (int run = 0; run < together; run++)
            {
                Enqueue(launches);
            }
        }

        nint kernels = Capture(Queue);
        nint first = 0;
        nint last = 0;
        try
        {
            driver.Require(driver.EventCreate(&first, 0), "making an event");
            driver.Require(driver.EventCreate(&last, 0), "making an event");
            for (int i = -graphs; i < graphs; i++)
            {
                if (i == 0)
                {
                    driver.Require(driver.EventRecord(first, stream), "recording an event");
                }

                if (kernels != 0)
                {
                    driver.Require(driver.GraphLaunch(kernels, stream), "launching the network");
                }
                else
                {
                    Queue();
                }
            }

            driver.Require(driver.EventRecord(last, stream), "recording an event");
            driver.Require(driver.EventSynchronize(last), "running the network");
            float milliseconds;
            driver.Require(driver.EventElapsedTime(&milliseconds, first, last), "taking the time");
            return milliseconds * 1000.0 / (graphs * together);
        }
        finally
        {
            foreach (nint mark in (ReadOnlySpan<nint>)[first, last])
            {
                if (mark != 0)
                {
                    driver.EventDestroy(mark);
                }
            }

            if (kernels != 0)
            {
                driver.GraphExecDestroy(kernels);
            }
        }
    }
}
