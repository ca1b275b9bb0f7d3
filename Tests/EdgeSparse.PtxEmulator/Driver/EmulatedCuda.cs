using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeSparse.PtxEmulator.Driver;

/// <summary>
/// The functions of libcuda.so.1 that runtimes here use, by NVIDIA's "CUDA Driver API", for a machine without a GPU: device memory is
/// this process's, and PTX is run by <see cref="Execution.Program"/>. What is queued is done when it is waited for, all streams in one
/// row. It refuses what a driver refuses; but where a GPU is lost to its process once a kernel has failed, this one goes on, so that a test
/// does not fail for what another did. For one thread at a time.
/// </summary>
public static unsafe partial class EmulatedCuda
{
    private const int FirstDevice = 7;

    private static nint nextHandle = 1;
    private static int contexts;

    /// <summary>What has been made and not been freed: memory, modules, graphs, streams, events and contexts.</summary>
    public static int Leaks => Memory.Count + HostMemory.Count + Modules.Count + Graphs.Count + Events.Count + streams + contexts;

    private static nint Handle() => nextHandle++;

    [UnmanagedCallersOnly(EntryPoint = "cuInit")]
    private static int Init(uint flags) => flags != 0 ? CudaError.InvalidValue : EmulatedGpu.ResultOf("cuInit");

    [UnmanagedCallersOnly(EntryPoint = "cuDriverGetVersion")]
    private static int DriverVersion(int* version)
    {
        *version = EmulatedGpu.DriverVersion;
        return CudaError.Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetCount")]
    private static int Count(int* count)
    {
        *count = EmulatedGpu.DeviceCount;
        return CudaError.Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGet")]
    private static int Device(int* device, int index)
    {
        *device = FirstDevice + index;
        return index < EmulatedGpu.DeviceCount ? CudaError.Success : CudaError.InvalidValue;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetName")]
    private static int Name(byte* name, int length, int device)
    {
        ReadOnlySpan<byte> text = "Paper GPU\0"u8;
        text.CopyTo(new Span<byte>(name, length));
        return device >= FirstDevice ? CudaError.Success : CudaError.InvalidValue;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceTotalMem_v2")]
    private static int TotalMemory(nuint* bytes, int device)
    {
        *bytes = (nuint)EmulatedGpu.FreeBytes;
        return CudaError.Success;
    }

    /// <summary>By the numbers of CUdevice_attribute; 0 for those that nothing here asks for.</summary>
    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetAttribute")]
    private static int Attribute(int* value, int attribute, int device)
    {
        *value = attribute switch
        {
            1 or 2 or 3 => EmulatedGpu.GroupThreads,
            4 => 64,
            5 => int.MaxValue,
            6 or 7 => 65535,
            8 => 48 * 1024,
            9 => 64 * 1024,
            10 => Execution.Registers.Lanes,
            12 or 82 => 64 * 1024,
            16 => EmulatedGpu.Multiprocessors,
            39 => 2048,
            41 => 1,
            75 => EmulatedGpu.Capability / 10,
            76 => EmulatedGpu.Capability % 10,
            81 => 96 * 1024,
            _ => 0,
        };
        return CudaError.Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuDevicePrimaryCtxRetain")]
    private static int Retain(nint* context, int device) => NewContext(context);

    [UnmanagedCallersOnly(EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
    private static int Release(int device) => EndContext();

    [UnmanagedCallersOnly(EntryPoint = "cuCtxCreate_v2")]
    private static int CreateContext(nint* context, uint flags, int device) => NewContext(context);

    [UnmanagedCallersOnly(EntryPoint = "cuCtxDestroy_v2")]
    private static int DestroyContext(nint context) => EndContext();

    [UnmanagedCallersOnly(EntryPoint = "cuCtxSetCurrent")]
    private static int SetCurrent(nint context) => CudaError.Success;

    [UnmanagedCallersOnly(EntryPoint = "cuCtxSynchronize")]
    private static int SynchronizeContext() => RunQueue("cuCtxSynchronize");

    [UnmanagedCallersOnly(EntryPoint = "cuCtxGetCacheConfig")]
    private static int CacheConfiguration(int* configuration)
    {
        *configuration = 0;
        return CudaError.Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuCtxGetSharedMemConfig")]
    private static int SharedMemoryConfiguration(int* configuration)
    {
        *configuration = 0;
        return CudaError.Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuGetErrorName")]
    private static int ErrorName(int error, byte** text) => Constant(CudaError.TextOf(error).Name, text);

    [UnmanagedCallersOnly(EntryPoint = "cuGetErrorString")]
    private static int ErrorText(int error, byte** text) => Constant(CudaError.TextOf(error).Text, text);

    private static int Constant(byte[] pinned, byte** text)
    {
        *text = pinned.Length == 0 ? null : (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));
        return pinned.Length == 0 ? CudaError.InvalidValue : CudaError.Success;
    }

    private static int NewContext(nint* context)
    {
        contexts++;
        *context = Handle();
        return CudaError.Success;
    }

    private static int EndContext()
    {
        contexts--;
        if (contexts == 0)
        {
            Queue.Clear();
        }

        return CudaError.Success;
    }
}
