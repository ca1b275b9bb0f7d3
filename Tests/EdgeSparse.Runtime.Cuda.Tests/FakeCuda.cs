using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeSparse.Runtime.Gpu.Kernels;
using EdgeSparse.Runtime.Gpu.Tests.Ptx;
using EdgeSparse.Runtime.Offload;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace EdgeSparse.Runtime.Cuda.Tests;

/// <summary>
/// A driver without a GPU: device memory is this process's, copies and kernels are done when the stream or graph that they are queued
/// in runs, and a kernel is the one of ILGPU's CPU accelerator whose name the PTX has. It refuses what a driver refuses. One at a time.
/// </summary>
internal static unsafe partial class FakeCuda
{
    private const int Success = 0;
    private const int InvalidValue = 1;
    private const int NotFound = 500;
    private const int WarpThreads = 32;

    /// <summary>With groups of as many threads as most kernels of a plan for CUDA have.</summary>
    private static readonly Lazy<Accelerator> Accelerator = new(() =>
    {
        Context context = Context.Create(b => b.Optimize(OptimizationLevel.O2).CPU(new CPUDevice(WarpThreads, DeviceShape.UsualGroupThreads / WarpThreads, 1)));
        return context.Devices[0].CreateAccelerator(context);
    });

    private static readonly Dictionary<nint, PtxModule> Modules = [];
    private static readonly Dictionary<nint, string> Functions = [];
    private static readonly Dictionary<nint, List<Action>> Graphs = [];
    private static readonly HashSet<nint> Memory = [];
    private static readonly List<Action> Queue = [];
    private static bool isCapturing;
    private static nint nextHandle = 1;

    /// <summary>What the machine is like; each test begins with <see cref="Reset"/>.</summary>
    public static int DeviceCount { get; set; }

    public static int Capability { get; set; }

    public static int NewestPtx { get; set; }

    /// <summary>What the device says that its groups may have; more than <see cref="DeviceShape.UsualGroupThreads"/> are not launched.</summary>
    public static int GroupThreads { get; set; }

    public static long FreeBytes { get; set; }

    public static bool HasGraphs { get; set; }

    /// <summary>The driver's functions that fail, and with what.</summary>
    public static Dictionary<string, int> Failures { get; } = [];

    /// <summary>Kernels of each architecture by the names of their entry points.</summary>
    public static Dictionary<string, DeviceKernel> Kernels { get; } = [];

    public static int GraphLaunches { get; private set; }

    public static int KernelLaunches { get; private set; }

    /// <summary>What has been made and not been freed: memory, modules, graphs, streams and contexts.</summary>
    public static int Leaks => Memory.Count + Modules.Count + Graphs.Count + Events.Count + streams + contexts;

    private static int streams;
    private static int contexts;

    public static void Reset()
    {
        Assert.Equal(0, Leaks);
        (DeviceCount, Capability, NewestPtx, FreeBytes, HasGraphs, GroupThreads) = (1, 87, 99, 1L << 30, true, DeviceShape.UsualGroupThreads);
        (GraphLaunches, KernelLaunches) = (0, 0);
        Failures.Clear();
        Queue.Clear();
        Functions.Clear();
    }

    public static CudaDriver Start() => CudaDriver.Start(Find);

    private static nint Find(string name) => name switch
    {
        "cuInit" => (nint)(delegate* unmanaged<uint, int>)&Init,
        "cuDriverGetVersion" => (nint)(delegate* unmanaged<int*, int>)&DriverVersion,
        "cuDeviceGetCount" => (nint)(delegate* unmanaged<int*, int>)&Count,
        "cuDeviceGet" => (nint)(delegate* unmanaged<int*, int, int>)&Device,
        "cuDeviceGetName" => (nint)(delegate* unmanaged<byte*, int, int, int>)&Name,
        "cuDeviceGetAttribute" => (nint)(delegate* unmanaged<int*, int, int, int>)&Attribute,
        "cuDevicePrimaryCtxRetain" => (nint)(delegate* unmanaged<nint*, int, int>)&Retain,
        "cuDevicePrimaryCtxRelease" => (nint)(delegate* unmanaged<int, int>)&Release,
        "cuCtxSetCurrent" => (nint)(delegate* unmanaged<nint, int>)&SetCurrent,
        "cuMemGetInfo_v2" => (nint)(delegate* unmanaged<nuint*, nuint*, int>)&MemoryInfo,
        "cuMemAlloc_v2" => (nint)(delegate* unmanaged<ulong*, nuint, int>)&Allocate,
        "cuMemFree_v2" => (nint)(delegate* unmanaged<ulong, int>)&FreeDevice,
        "cuMemHostAlloc" => (nint)(delegate* unmanaged<void**, nuint, uint, int>)&AllocateHost,
        "cuMemFreeHost" => (nint)(delegate* unmanaged<void*, int>)&FreeHost,
        "cuMemcpyHtoDAsync_v2" => (nint)(delegate* unmanaged<ulong, void*, nuint, nint, int>)&ToDevice,
        "cuMemcpyDtoHAsync_v2" => (nint)(delegate* unmanaged<void*, ulong, nuint, nint, int>)&ToHost,
        "cuMemsetD32Async" => (nint)(delegate* unmanaged<ulong, uint, nuint, nint, int>)&Fill,
        "cuModuleLoadDataEx" => (nint)(delegate* unmanaged<nint*, void*, uint, int*, void**, int>)&LoadModule,
        "cuModuleUnload" => (nint)(delegate* unmanaged<nint, int>)&UnloadModule,
        "cuModuleGetFunction" => (nint)(delegate* unmanaged<nint*, nint, byte*, int>)&Function,
        "cuLaunchKernel" => (nint)(delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)&Launch,
        "cuStreamCreate" => (nint)(delegate* unmanaged<nint*, uint, int>)&CreateStream,
        "cuStreamSynchronize" => (nint)(delegate* unmanaged<nint, int>)&Synchronize,
        "cuStreamDestroy_v2" => (nint)(delegate* unmanaged<nint, int>)&DestroyStream,
        "cuEventCreate" => (nint)(delegate* unmanaged<nint*, uint, int>)&CreateEvent,
        "cuEventRecord" => (nint)(delegate* unmanaged<nint, nint, int>)&RecordEvent,
        "cuEventSynchronize" => (nint)(delegate* unmanaged<nint, int>)&SynchronizeEvent,
        "cuEventElapsedTime" => (nint)(delegate* unmanaged<float*, nint, nint, int>)&Elapsed,
        "cuEventDestroy_v2" => (nint)(delegate* unmanaged<nint, int>)&DestroyEvent,
        "cuGetErrorName" => (nint)(delegate* unmanaged<int, byte**, int>)&ErrorName,
        "cuGetErrorString" => (nint)(delegate* unmanaged<int, byte**, int>)&ErrorText,
        _ when !HasGraphs => 0,
        "cuStreamBeginCapture_v2" => (nint)(delegate* unmanaged<nint, int, int>)&BeginCapture,
        "cuStreamEndCapture" => (nint)(delegate* unmanaged<nint, nint*, int>)&EndCapture,
        "cuGraphInstantiateWithFlags" => (nint)(delegate* unmanaged<nint*, nint, ulong, int>)&Instantiate,
        "cuGraphLaunch" => (nint)(delegate* unmanaged<nint, nint, int>)&LaunchGraph,
        "cuGraphDestroy" => (nint)(delegate* unmanaged<nint, int>)&DestroyGraph,
        "cuGraphExecDestroy" => (nint)(delegate* unmanaged<nint, int>)&DestroyGraph,
        _ => 0,
    };

    private static int ResultOf(string function) => Failures.GetValueOrDefault(function, Success);

    private static nint Handle() => nextHandle++;

    [UnmanagedCallersOnly]
    private static int Init(uint flags) => flags != 0 ? InvalidValue : ResultOf("cuInit");

    [UnmanagedCallersOnly]
    private static int DriverVersion(int* version)
    {
        *version = 10020;
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int Count(int* count)
    {
        *count = DeviceCount;
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int Device(int* device, int index)
    {
        *device = 7 + index;
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int Name(byte* name, int length, int device)
    {
        ReadOnlySpan<byte> text = "Paper GPU\0"u8;
        text.CopyTo(new Span<byte>(name, length));
        return device >= 7 ? Success : InvalidValue;
    }

    [UnmanagedCallersOnly]
    private static int Attribute(int* value, int attribute, int device)
    {
        *value = attribute switch { 1 => GroupThreads, 10 => WarpThreads, 12 => 65536, 16 => 2, 75 => Capability / 10, 76 => Capability % 10, _ => 0 };
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int Retain(nint* context, int device)
    {
        contexts++;
        *context = Handle();
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int Release(int device)
    {
        contexts--;
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int SetCurrent(nint context) => context == 0 ? InvalidValue : Success;

    [UnmanagedCallersOnly]
    private static int LoadModule(nint* module, void* text, uint options, int* names, void** values)
    {
        int result = ResultOf("cuModuleLoadDataEx");
        if (result != Success)
        {
            return result;
        }

        PtxModule read = PtxModule.Read(Marshal.PtrToStringUTF8((nint)text)!);
        string[] version = read.Version.Split('.');
        if ((10 * int.Parse(version[0])) + int.Parse(version[1]) > NewestPtx)
        {
            return (int)CudaResult.UnsupportedPtxVersion;
        }

        if (int.Parse(read.Target["sm_".Length..]) > Capability)
        {
            return (int)CudaResult.NoBinaryForGpu;
        }

        *module = Handle();
        Modules[*module] = read;
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int UnloadModule(nint module) => Modules.Remove(module) ? Success : InvalidValue;

    [UnmanagedCallersOnly]
    private static int Function(nint* function, nint module, byte* name)
    {
        string entry = Marshal.PtrToStringUTF8((nint)name)!;
        if (Modules[module].EntryPoint != entry)
        {
            return NotFound;
        }

        *function = Handle();
        Functions[*function] = entry;
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int Launch(
        nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint shared, nint stream, void** arguments, void** extra)
    {
        if (gridZ * blockY * blockZ != 1 || blockX is 0 or > DeviceShape.UsualGroupThreads || extra != null)
        {
            return InvalidValue;
        }

        DeviceKernel kernel = Kernels[Functions[function]];
        (nint arena, int elements) = ViewOf(arguments[0]);
        (nint constants, int words) = ViewOf(arguments[1]);
        DeviceStep step = *(DeviceStep*)arguments[2];
        return Enqueue("cuLaunchKernel", () => Run(kernel, (int)gridX, (int)gridY, (int)blockX, arena, elements, constants, words, step));
    }

    private static (nint Address, int Elements) ViewOf(void* argument) => ((nint)((long*)argument)[0], (int)((long*)argument)[1]);

    private static void Run(DeviceKernel kernel, int groups, int samples, int threads, nint arena, int elements, nint constants, int words, DeviceStep step)
    {
        KernelLaunches++;
        Accelerator accelerator = Accelerator.Value;
        using MemoryBuffer1D<float, Stride1D.Dense> floats = accelerator.Allocate1D<float>(elements);
        using MemoryBuffer1D<int, Stride1D.Dense> integers = accelerator.Allocate1D<int>(Math.Max(words, 1));
        Span<float> memory = new((void*)arena, elements);
        floats.View.BaseView.CopyFromCPU(accelerator.DefaultStream, (ReadOnlySpan<float>)memory);
        integers.View.BaseView.SubView(0, words).CopyFromCPU(accelerator.DefaultStream, new ReadOnlySpan<int>((void*)constants, words));
        accelerator.LoadStreamKernel(KernelMethods.Of(kernel, DeviceShape.UsualGroupThreads))(
            new KernelConfig(new Index2D(groups, samples), new Index2D(threads, 1)), floats.View.BaseView, integers.View.BaseView, step);
        accelerator.Synchronize();
        floats.View.BaseView.CopyToCPU(accelerator.DefaultStream, memory);
    }

    [UnmanagedCallersOnly]
    private static int ErrorName(int error, byte** text) => Constant(error == 700 ? "CUDA_ERROR_ILLEGAL_ADDRESS\0"u8 : default, text);

    [UnmanagedCallersOnly]
    private static int ErrorText(int error, byte** text) => Constant(error == 700 ? "an illegal memory access was encountered\0"u8 : default, text);

    /// <summary>Bytes of the assembly, which stay where they are.</summary>
    private static int Constant(ReadOnlySpan<byte> bytes, byte** text)
    {
        *text = bytes.IsEmpty ? null : (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes));
        return bytes.IsEmpty ? InvalidValue : Success;
    }
}
