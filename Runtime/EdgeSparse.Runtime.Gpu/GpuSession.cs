using EdgeSparse.Runtime.Offload;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace EdgeSparse.Runtime.Gpu;

/// <summary>
/// Runs a model on an accelerator: everything between the inputs and the outputs stays there, in memory that is allocated once. One
/// thread at a time may use a session. Results are within rounding those of a <see cref="Session"/> on the CPU.
/// </summary>
public sealed class GpuSession : IInferenceSession
{
    private readonly Accelerator accelerator;
    private readonly Context? context;
    private readonly DevicePlan plan;
    private readonly LoadedKernels kernels;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> arena;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> constants;
    private readonly IReadOnlyList<LayerInfo> layers;
    private readonly DevicePorts ports;
    private bool hasRun;
    private bool disposed;

    internal GpuSession(Model model, Accelerator accelerator, int groupThreads, int batch, Context? context = null, bool keepsValues = false)
    {
        // What it is given, it frees only together with a context that it is given as well.
        this.accelerator = accelerator;
        this.context = context;
        layers = model.Layers;
        Batch = batch;
        try
        {
            int threads = Math.Min(groupThreads, accelerator.MaxNumThreadsPerGroup);
            plan = model.PlanForDevice(new DeviceShape(threads, batch)
            {
                // Not all have the shared memory of larger groups.
                ProductThreads = accelerator is CudaAccelerator cuda
                    ? DeviceShape.ProductThreadsOf(cuda.MaxNumThreadsPerGroup, cuda.TotalNumRegistersPerGroup)
                    : threads,
                WarpThreads = accelerator.AcceleratorType == AcceleratorType.Cuda ? accelerator.WarpSize : 1,
                Multiprocessors = Math.Max(1, accelerator.NumMultiprocessors),
                KeepsValues = keepsValues,
            });
            RequireMemory(plan.DeviceBytes, batch, accelerator.Name, accelerator.MemorySize);
            ports = new DevicePorts(model, batch);
            arena = accelerator.Allocate1D<float>(plan.ArenaElements);
            constants = accelerator.Allocate1D<int>(plan.Constants.Words.Length);
            constants.View.BaseView.CopyFromCPU(accelerator.DefaultStream, plan.Constants.Words);
            ClearFailure();
            kernels = new LoadedKernels(accelerator, plan);
            Launch(plan.Setup);
            accelerator.Synchronize();
        }
        catch (AcceleratorException e)
        {
            Free();
            throw new EdgeSparseException(accelerator.Name + " cannot run the model: " + e.Message, e);
        }
        catch
        {
            Free();
            throw;
        }
    }

    /// <summary>Samples of a run.</summary>
    public int Batch { get; }

    /// <summary>The accelerator's name, as its driver has it.</summary>
    public string DeviceName => accelerator.Name;

    /// <summary>Bytes of the accelerator's memory that weights and activations take.</summary>
    public long DeviceBytes => plan.DeviceBytes;

    /// <summary>Runs a network of one input and one output.</summary>
    /// <param name="input">The inputs of all samples, one after the other, each in row-major order.</param>
    /// <param name="output">Takes the outputs of all samples.</param>
    /// <exception cref="InputShapeException">A length is not that of the batch, or the network has several inputs or outputs.</exception>
    /// <exception cref="EdgeSparseException">The accelerator failed.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public void Run(ReadOnlySpan<float> input, Span<float> output)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ports.RequireOneOfEach();
        ports.Output(0, output.Length);
        SetInput(0, input);
        Run();
        GetOutput(0, output);
    }

    /// <summary>Sets one input of all samples; <see cref="Run()"/> needs all inputs to have been set since the last run.</summary>
    /// <param name="index">Its place in <see cref="Model.Inputs"/>.</param>
    /// <param name="values">Its elements of all samples, one sample after the other.</param>
    /// <exception cref="InputShapeException">The number of elements is not the batch's.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such input.</exception>
    /// <exception cref="EdgeSparseException">The accelerator failed.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public void SetInput(int index, ReadOnlySpan<float> values)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        DevicePort port = ports.Input(index, values.Length);
        try
        {
            for (int sample = 0; sample < Batch; sample++)
            {
                View(port, sample).CopyFromCPU(accelerator.DefaultStream, values.Slice(sample * port.Count, port.Count));
            }
        }
        catch (AcceleratorException e)
        {
            throw Failed(e);
        }

        port.IsSet = true;
    }

    /// <summary>Runs the network on the inputs that have been set, and waits for it.</summary>
    /// <exception cref="InvalidOperationException">An input has not been set since the last run.</exception>
    /// <exception cref="EdgeSparseException">
    /// The accelerator failed, and the session is of no more use; or an index that the network computes, or is given, is out of range.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public void Run()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ports.RequireInputs();
        float[] failure = [0, 0];
        try
        {
            Launch(plan.Launches);
            accelerator.Synchronize();
            if (plan.MayFail)
            {
                arena.View.BaseView.SubView(plan.FailurePlace, failure.Length).CopyToCPU(accelerator.DefaultStream, failure);
            }
        }
        catch (AcceleratorException e)
        {
            throw Failed(e);
        }

        foreach (DevicePort input in ports.Inputs)
        {
            input.IsSet = input.Survives;
        }

        hasRun = failure[0] == 0;
        if (!hasRun)
        {
            ClearFailure();
            throw DevicePlan.Failure(layers, failure[0], failure[1]);
        }
    }

    /// <summary>Copies one output of all samples of the last run.</summary>
    /// <param name="index">Its place in <see cref="Model.Outputs"/>.</param>
    /// <param name="values">Takes its elements of all samples, one sample after the other.</param>
    /// <exception cref="InputShapeException">The number of elements is not the batch's.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such output.</exception>
    /// <exception cref="InvalidOperationException">Nothing has been run yet.</exception>
    /// <exception cref="EdgeSparseException">The accelerator failed.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public void GetOutput(int index, Span<float> values)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        DevicePorts.RequireRun(hasRun);
        DevicePort port = ports.Output(index, values.Length);
        try
        {
            for (int sample = 0; sample < Batch; sample++)
            {
                View(port, sample).CopyToCPU(accelerator.DefaultStream, values.Slice(sample * port.Count, port.Count));
            }
        }
        catch (AcceleratorException e)
        {
            throw Failed(e);
        }
    }

    /// <summary>Frees the accelerator's memory.</summary>
    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            Free();
        }
    }

    /// <summary>Checked before anything is allocated: the plan has the figure.</summary>
    /// <exception cref="EdgeSparseException">The accelerator has less memory.</exception>
    internal static void RequireMemory(long needed, int batch, string device, long available)
    {
        if (needed > available)
        {
            throw new EdgeSparseException(
                $"the model needs {needed} bytes of device memory for a batch of {batch}, but {device} has {available}: use a smaller batch or another device");
        }
    }

    /// <summary>Elements of the arenas of all samples and of what lies after them.</summary>
    internal long ArenaElements => plan.ArenaElements;

    /// <summary>Elements from a sample's arena to the next one's.</summary>
    internal int ArenaStride => plan.ArenaStride;

    /// <summary>Replaces all activations, for tests: what no step has written then shows.</summary>
    internal void WriteArena(float[] values)
    {
        arena.View.BaseView.CopyFromCPU(accelerator.DefaultStream, values);
        Launch(plan.Setup);
        accelerator.Synchronize();
    }

    internal float[] ReadArena()
    {
        float[] values = new float[plan.ArenaElements];
        arena.View.BaseView.CopyToCPU(accelerator.DefaultStream, values);
        return values;
    }

    private void ClearFailure() => arena.View.BaseView.SubView(plan.FailurePlace, 2).CopyFromCPU(accelerator.DefaultStream, [0f, 0f]);

    private static EdgeSparseException Failed(AcceleratorException e) => new("the accelerator failed: " + e.Message, e);

    private ArrayView<float> View(DevicePort port, int sample) =>
        arena.View.BaseView.SubView(((long)sample * plan.ArenaStride) + port.Start, port.Count);

    private void Launch(IReadOnlyList<DeviceLaunch> launches)
    {
        foreach (DeviceLaunch launch in launches)
        {
            kernels.Launch(launch, arena.View.BaseView, constants.View.BaseView);
        }
    }

    private void Free()
    {
        constants?.Dispose();
        arena?.Dispose();
        if (context is not null)
        {
            accelerator.Dispose();
            context.Dispose();
        }
    }
}
