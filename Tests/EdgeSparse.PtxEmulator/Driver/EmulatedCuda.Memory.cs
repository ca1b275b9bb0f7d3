using System.Runtime.InteropServices;
using EdgeSparse.PtxEmulator.Execution;

namespace EdgeSparse.PtxEmulator.Driver;

/// <content>Memory of the device, and of the host where the device copies by itself.</content>
public static unsafe partial class EmulatedCuda
{
    private static readonly DeviceMemory Memory = new();

    /// <summary>Kernels have no addresses in it.</summary>
    private static readonly DeviceMemory HostMemory = new();

    [UnmanagedCallersOnly(EntryPoint = "cuMemGetInfo_v2")]
    private static int MemoryInfo(nuint* free, nuint* total)
    {
        *free = *total = (nuint)EmulatedGpu.FreeBytes;
        return CudaError.Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuMemAlloc_v2")]
    private static int Allocate(ulong* address, nuint bytes)
    {
        int result = bytes == 0 ? CudaError.InvalidValue : EmulatedGpu.ResultOf("cuMemAlloc_v2");
        *address = result == CudaError.Success ? (ulong)Memory.Allocate((long)bytes) : 0;
        return result;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuMemFree_v2")]
    private static int FreeDevice(ulong address) => IsCapturing || !Memory.Free((nint)address) ? CudaError.InvalidValue : CudaError.Success;

    [UnmanagedCallersOnly(EntryPoint = "cuMemHostAlloc")]
    private static int AllocateHost(void** memory, nuint bytes, uint flags)
    {
        *memory = (void*)HostMemory.Allocate((long)bytes);
        return CudaError.Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuMemAllocHost_v2")]
    private static int AllocateHostPlain(void** memory, nuint bytes)
    {
        *memory = (void*)HostMemory.Allocate((long)bytes);
        return CudaError.Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuMemFreeHost")]
    private static int FreeHost(void* memory) => HostMemory.Free((nint)memory) ? CudaError.Success : CudaError.InvalidValue;

    [UnmanagedCallersOnly(EntryPoint = "cuMemHostRegister_v2")]
    private static int RegisterHost(void* memory, nuint bytes, uint flags) => CudaError.NotSupported;

    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyHtoDAsync_v2")]
    private static int ToDevice(ulong to, void* from, nuint bytes, nint stream) => Copy("cuMemcpyHtoDAsync_v2", (void*)to, from, bytes);

    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyDtoHAsync_v2")]
    private static int ToHost(void* to, ulong from, nuint bytes, nint stream) => Copy("cuMemcpyDtoHAsync_v2", to, (void*)from, bytes);

    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyAsync")]
    private static int CopyAnywhere(ulong to, ulong from, nuint bytes, nint stream) => Copy("cuMemcpyAsync", (void*)to, (void*)from, bytes);

    [UnmanagedCallersOnly(EntryPoint = "cuMemsetD32Async")]
    private static int Fill(ulong to, uint value, nuint words, nint stream) =>
        to % sizeof(uint) != 0 || !Memory.Contains(to, words * sizeof(uint))
            ? CudaError.InvalidValue
            : Enqueue("cuMemsetD32Async", () => new Span<uint>((void*)to, (int)words).Fill(value));

    [UnmanagedCallersOnly(EntryPoint = "cuMemsetD8Async")]
    private static int FillBytes(ulong to, byte value, nuint bytes, nint stream) =>
        !Memory.Contains(to, bytes) ? CudaError.InvalidValue : Enqueue("cuMemsetD8Async", () => NativeMemory.Fill((void*)to, bytes, value));

    /// <summary>
    /// Memory of the host that the driver has not given may be gone when the queue runs: such a copy is done at once, behind all before it,
    /// and cannot be captured.
    /// </summary>
    private static int Copy(string function, void* to, void* from, nuint bytes)
    {
        (nint target, nint source) = ((nint)to, (nint)from);
        bool isKnown = IsKnown((ulong)target, bytes) && IsKnown((ulong)source, bytes);
        bool isOnDevice = Memory.Contains((ulong)target, bytes) || Memory.Contains((ulong)source, bytes);
        if (!isOnDevice || (!isKnown && IsCapturing))
        {
            return CudaError.InvalidValue;
        }

        int result = Enqueue(function, () => NativeMemory.Copy((void*)source, (void*)target, bytes));
        return result != CudaError.Success || isKnown ? result : RunQueue(function);
    }

    private static bool IsKnown(ulong address, nuint bytes) => Memory.Contains(address, bytes) || HostMemory.Contains(address, bytes);
}
