using System.Runtime.InteropServices;

namespace EdgeSparse.Runtime.Cuda.Tests;

/// <summary>Memory, and what is queued in streams and graphs.</summary>
internal static unsafe partial class FakeCuda
{
    [UnmanagedCallersOnly]
    private static int MemoryInfo(nuint* free, nuint* total)
    {
        *free = *total = (nuint)FreeBytes;
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int Allocate(ulong* address, nuint bytes)
    {
        int result = ResultOf("cuMemAlloc_v2");
        *address = result == Success ? (ulong)New(bytes) : 0;
        return result;
    }

    /// <summary>Memory full of what is no number, as a device's may be.</summary>
    private static nint New(nuint bytes)
    {
        void* memory = NativeMemory.AlignedAlloc(bytes, 256);
        NativeMemory.Fill(memory, bytes, 0xFF);
        Memory.Add((nint)memory);
        return (nint)memory;
    }

    private static int Delete(nint memory)
    {
        if (!Memory.Remove(memory))
        {
            return InvalidValue;
        }

        NativeMemory.AlignedFree((void*)memory);
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int FreeDevice(ulong address) => Delete((nint)address);

    [UnmanagedCallersOnly]
    private static int AllocateHost(void** memory, nuint bytes, uint flags)
    {
        *memory = (void*)New(bytes);
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int FreeHost(void* memory) => Delete((nint)memory);

    private static int Enqueue(string function, Action action)
    {
        int result = ResultOf(function);
        if (result == Success)
        {
            Queue.Add(action);
        }

        return result;
    }

    [UnmanagedCallersOnly]
    private static int ToDevice(ulong to, void* from, nuint bytes, nint stream)
    {
        nint source = (nint)from;
        return Enqueue("cuMemcpyHtoDAsync_v2", () => NativeMemory.Copy((void*)source, (void*)to, bytes));
    }

    [UnmanagedCallersOnly]
    private static int ToHost(void* to, ulong from, nuint bytes, nint stream)
    {
        nint target = (nint)to;
        return Enqueue("cuMemcpyDtoHAsync_v2", () => NativeMemory.Copy((void*)from, (void*)target, bytes));
    }

    [UnmanagedCallersOnly]
    private static int Fill(ulong to, uint value, nuint words, nint stream) =>
        Enqueue("cuMemsetD32Async", () => new Span<uint>((void*)to, (int)words).Fill(value));

    [UnmanagedCallersOnly]
    private static int CreateStream(nint* stream, uint flags)
    {
        streams++;
        *stream = Handle();
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int Synchronize(nint stream)
    {
        int result = ResultOf("cuStreamSynchronize");
        if (result == Success)
        {
            Queue.ForEach(action => action());
        }

        Queue.Clear();
        return isCapturing ? InvalidValue : result;
    }

    [UnmanagedCallersOnly]
    private static int DestroyStream(nint stream)
    {
        streams--;
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int BeginCapture(nint stream, int mode)
    {
        Assert.Empty(Queue);
        isCapturing = true;
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int EndCapture(nint stream, nint* graph)
    {
        isCapturing = false;
        *graph = Handle();
        Graphs[*graph] = [.. Queue];
        Queue.Clear();
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int Instantiate(nint* executable, nint graph, ulong flags)
    {
        int result = ResultOf("cuGraphInstantiateWithFlags");
        if (result == Success)
        {
            *executable = Handle();
            Graphs[*executable] = Graphs[graph];
        }

        return result;
    }

    [UnmanagedCallersOnly]
    private static int LaunchGraph(nint graph, nint stream)
    {
        GraphLaunches++;
        Queue.AddRange(Graphs[graph]);
        return ResultOf("cuGraphLaunch");
    }

    [UnmanagedCallersOnly]
    private static int DestroyGraph(nint graph) => Graphs.Remove(graph) ? Success : InvalidValue;

    /// <summary>Kernels done when the event came: the clock goes a millisecond a kernel.</summary>
    private static readonly Dictionary<nint, int> Events = [];

    [UnmanagedCallersOnly]
    private static int CreateEvent(nint* mark, uint flags)
    {
        *mark = Handle();
        Events[*mark] = -1;
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int RecordEvent(nint mark, nint stream) => Enqueue("cuEventRecord", () => Events[mark] = KernelLaunches);

    [UnmanagedCallersOnly]
    private static int SynchronizeEvent(nint mark)
    {
        Queue.ForEach(action => action());
        Queue.Clear();
        return Events[mark] >= 0 ? Success : InvalidValue;
    }

    [UnmanagedCallersOnly]
    private static int Elapsed(float* milliseconds, nint first, nint last)
    {
        *milliseconds = Events[last] - Events[first];
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int DestroyEvent(nint mark) => Events.Remove(mark) ? Success : InvalidValue;
}
