using System.Runtime.InteropServices;
using EdgeSparse.Runtime.Offload;

namespace EdgeSparse.Runtime.Cuda;

/// <summary>
/// Runs a model on an NVIDIA GPU by the PTX that its blob carries. Inputs and outputs pass through memory that the device copies from
/// and to by itself; copies and kernels of a run are captured once as a CUDA graph where the driver has them, so that a run is one
/// launch. Results are within rounding those of a <see cref="Session"/> on the CPU.
/// </summary>
public sealed unsafe partial class CudaSession : IInferenceSession
{
    private const uint NonBlockingStream = 1;

    /// <summary>Calls of other threads of the process may go on while this one captures.</summary>
    private const int ThreadLocalCapture = 1;

    private const int FailureElements = 2;

    private readonly CudaDevice device;
    private readonly CudaDriver driver;
    private readonly DevicePlan plan;
    private readonly IReadOnlyList<LayerInfo> layers;
    private readonly DevicePorts ports;
    private readonly Dictionary<DeviceKernel, nint> functions = [];
    private readonly List<nint> modules = [];
    private ulong arena;
    private ulong constants;
    private nint stream;
    private readonly nint graph;

    /// <summary>Inputs one after the other, then outputs, then what a kernel that failed has told.</summary>
    private float* host;
    private bool hasRun;
    private bool disposed;

    internal CudaSession(Model model, DeviceCode code, CudaDevice device)
    {
        this.device = device;
        driver = device.Driver;
        try
        {
            Architecture = code.BestFor(device.Capability, device.Name);
            plan = model.PlanForDevice(new DeviceShape(DeviceShape.UsualGroupThreads, Batch: 1)
            {
                ProductThreads = Math.Min(DeviceShape.ProductThreadsOf(device.MostGroupThreads, device.GroupRegisters), code.GroupThreadsOf(Architecture)),
                WarpThreads = device.WarpThreads,
                Multiprocessors = Math.Max(1, device.Multiprocessors),
            });
            layers = model.Layers;
            ports = new DevicePorts(model, batch: 1);
            long free = device.FreeBytes;
            if (plan.DeviceBytes > free)
            {
                throw new EdgeSparseException(
                    "the model needs " + plan.DeviceBytes + " bytes of device memory, but " + device.Name + " has " + free + " free: use another device");
            }

            LoadKernels(code);
            Allocate();
            foreach (DeviceLaunch launch in plan.Setup)
            {
                Launch(launch);
            }

            Synchronize();
            graph = Capture(Enqueue);
        }
        catch
        {
            Free();
            throw;
        }
    }

    /// <summary>The GPU's name, as its driver has it.</summary>
    public string DeviceName => device.Name;

    /// <summary>The architecture that the code in use was compiled for: 87 for sm_87.</summary>
    public int Architecture { get; }

    /// <summary>Bytes of device memory that weights and activations take.</summary>
    public long DeviceBytes => plan.DeviceBytes;

    /// <summary>Whether a run is one launch of a CUDA graph.</summary>
    public bool UsesGraph => graph != 0;

    /// <summary>Runs a network of one input and one output.</summary>
    /// <param name="input">The input in row-major order.</param>
    /// <param name="output">Takes the output in row-major order.</param>
    /// <exception cref="InputShapeException">A length is not that of the input or output, or the network has several.</exception>
    /// <exception cref="CudaException">The GPU failed.</exception>
    /// <exception cref="EdgeSparseException">The network was given an index that is out of range.</exception>
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

    /// <summary>Sets one input; <see cref="Run()"/> needs all of them. It stays set.</summary>
    /// <inheritdoc/>
    public void SetInput(int index, ReadOnlySpan<float> values)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        DevicePort port = ports.Input(index, values.Length);
        values.CopyTo(new Span<float>(host + StartOf(ports.Inputs, index), values.Length));
        port.IsSet = true;
    }

    /// <summary>Runs the network on the inputs that have been set, and waits for it.</summary>
    /// <inheritdoc/>
    public void Run()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ports.RequireInputs();
        device.MakeCurrent();
        if (graph != 0)
        {
            driver.Require(driver.GraphLaunch(graph, stream), "launching the network");
        }
        else
        {
            Enqueue();
        }

        Synchronize();
        float* failure = Failure;
        hasRun = !plan.MayFail || failure[0] == 0;
        if (!hasRun)
        {
            (float layer, float index) = (failure[0], failure[1]);
            driver.Require(driver.Fill32(AddressOf(plan.FailurePlace), 0, FailureElements, stream), "clearing an error");
            Synchronize();
            throw DevicePlan.Failure(layers, layer, index);
        }
    }

    /// <inheritdoc/>
    public void GetOutput(int index, Span<float> values)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        DevicePorts.RequireRun(hasRun);
        ports.Output(index, values.Length);
        new ReadOnlySpan<float>(host + OutputStart(index), values.Length).CopyTo(values);
    }

    /// <summary>Frees the device's memory and code.</summary>
    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            Free();
        }
    }

    private float* Failure => host + OutputStart(ports.Outputs.Length);

    private int OutputStart(int index) => StartOf(ports.Inputs, ports.Inputs.Length) + StartOf(ports.Outputs, index);

    private static int StartOf(DevicePort[] ports, int index)
    {
        int start = 0;
        for (int i = 0; i < index; i++)
        {
            start += ports[i].Count;
        }

        return start;
    }

    private ulong AddressOf(int element) => arena + ((ulong)element * sizeof(float));

    private void LoadKernels(DeviceCode code)
    {
        foreach (IReadOnlyList<DeviceLaunch> launches in new[] { plan.Setup, plan.Launches })
        {
            foreach (DeviceLaunch launch in launches)
            {
                if (!functions.ContainsKey(launch.Kernel))
                {
                    functions[launch.Kernel] = Load(code.Module(launch.Kernel, Architecture));
                }
            }
        }
    }

    private nint Load(DeviceModule code)
    {
        nint module;
        int result = driver.ModuleLoad(&module, code.Text, 0, null, null);
        switch ((CudaResult)result)
        {
            case CudaResult.UnsupportedPtxVersion or CudaResult.InvalidPtx:
                int version = device.DriverVersion;
                throw new EdgeSparseException(
                    "the driver of " + device.Name + " (CUDA " + (version / 1000) + "." + (version % 1000 / 10) + ") does not take the blob's GPU code for sm_"
                    + Architecture + " (PTX " + (code.PtxVersion / 10) + "." + (code.PtxVersion % 10)
                    + "): install a newer driver, or compile the model for an older architecture as well, with --gpu");
            case CudaResult.NoBinaryForGpu:
                throw new EdgeSparseException("the blob's GPU code for sm_" + Architecture + " does not run on " + device.Name + " (sm_" + device.Capability + ")");
        }

        driver.Require(result, "loading code");
        modules.Add(module);
        nint function;
        driver.Require(driver.ModuleGetFunction(&function, module, code.EntryPoint), "finding a kernel");
        return function;
    }

    private void Allocate()
    {
        int hostElements = StartOf(ports.Inputs, ports.Inputs.Length) + StartOf(ports.Outputs, ports.Outputs.Length) + FailureElements;
        void* memory;
        driver.Require(driver.HostAllocate(&memory, (nuint)hostElements * sizeof(float), 0), "allocating memory of the host");
        host = (float*)memory;
        new Span<float>(host, hostElements).Clear();
        nint created;
        driver.Require(driver.StreamCreate(&created, NonBlockingStream), "making a stream");
        stream = created;
        arena = Allocate((nuint)plan.ArenaElements * sizeof(float));
        ReadOnlySpan<int> words = plan.Constants.Words;
        constants = Allocate((nuint)Math.Max(words.Length, 1) * sizeof(int));
        driver.Require(driver.Fill32(arena, 0, (nuint)plan.ArenaElements, stream), "clearing memory");
        fixed (int* from = words)
        {
            driver.Require(driver.CopyToDevice(constants, from, (nuint)words.Length * sizeof(int), stream), "copying weights");
            Synchronize();
        }
    }

    private ulong Allocate(nuint bytes)
    {
        ulong address;
        int result = driver.MemoryAllocate(&address, bytes);
        return (CudaResult)result == CudaResult.OutOfMemory
            ? throw new EdgeSparseException("the model needs " + plan.DeviceBytes + " bytes of device memory, which " + device.Name + " does not have free in one piece")
            : result == 0 ? address : throw driver.Failed(result, "allocating memory");
    }

    private void Synchronize() => driver.Require(driver.StreamSynchronize(stream), "running the network");

    /// <summary>Makes one graph of what is queued, or gives 0 where that is not possible.</summary>
    private nint Capture(Action queue)
    {
        if (!driver.HasGraphs || driver.StreamBeginCapture(stream, ThreadLocalCapture) != 0)
        {
            return 0;
        }

        nint captured;
        try
        {
            queue();
        }
        catch
        {
            // While a stream captures, this thread may not free memory.
            if (driver.StreamEndCapture(stream, &captured) == 0 && captured != 0)
            {
                driver.GraphDestroy(captured);
            }

            throw;
        }

        driver.Require(driver.StreamEndCapture(stream, &captured), "capturing the network");
        nint executable;
        int result = driver.GraphInstantiate(&executable, captured, 0);
        driver.GraphDestroy(captured);
        return result == 0 ? executable : 0;
    }

    private void Enqueue()
    {
        for (int i = 0; i < ports.Inputs.Length; i++)
        {
            driver.Require(
                driver.CopyToDevice(AddressOf(ports.Inputs[i].Start), host + StartOf(ports.Inputs, i), (nuint)ports.Inputs[i].Count * sizeof(float), stream), "copying an input");
        }

        Enqueue(plan.Launches);
        for (int i = 0; i < ports.Outputs.Length; i++)
        {
            driver.Require(
                driver.CopyToHost(host + OutputStart(i), AddressOf(ports.Outputs[i].Start), (nuint)ports.Outputs[i].Count * sizeof(float), stream), "copying an output");
        }

        if (plan.MayFail)
        {
            driver.Require(driver.CopyToHost(Failure, AddressOf(plan.FailurePlace), FailureElements * sizeof(float), stream), "copying an error");
        }
    }

    private void Enqueue(IReadOnlyList<DeviceLaunch> launches)
    {
        foreach (DeviceLaunch launch in launches)
        {
            Launch(launch);
        }
    }

    private void Launch(DeviceLaunch launch)
    {
        View activations = new() { Address = arena, Elements = plan.ArenaElements };
        View words = new() { Address = constants, Elements = plan.Constants.Words.Length };
        DeviceStep step = launch.Step;

        // The driver copies what they point to before it returns.
        void** arguments = stackalloc void*[3];
        arguments[0] = &activations;
        arguments[1] = &words;
        arguments[2] = &step;
        int result = driver.LaunchKernel(
            functions[launch.Kernel], (uint)launch.Groups, (uint)launch.Samples, 1, (uint)launch.Threads, 1, 1, 0, stream, arguments, null);
        if (result != 0)
        {
            throw driver.Failed(result, "layer '" + layers[launch.Layer].Name + "'");
        }
    }

    /// <summary>What was made, in the reverse order; a device that is lost frees it by itself, so that errors do not matter.</summary>
    private void Free()
    {
        device.MakeCurrentOrNot();
        if (graph != 0)
        {
            driver.GraphExecDestroy(graph);
        }

        foreach (ulong address in (ReadOnlySpan<ulong>)[constants, arena])
        {
            if (address != 0)
            {
                driver.MemoryFree(address);
            }
        }

        if (stream != 0)
        {
            driver.StreamDestroy(stream);
        }

        if (host != null)
        {
            driver.HostFree(host);
        }

        foreach (nint module in modules)
        {
            driver.ModuleUnload(module);
        }

        device.Dispose();
    }

    /// <summary>An ArrayView as ILGPU's kernels take it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct View
    {
        public ulong Address;
        public long Elements;
    }
}
