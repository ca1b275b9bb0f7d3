using System.Runtime.InteropServices;
using EdgeSparse.PtxEmulator.Execution;

namespace EdgeSparse.PtxEmulator.Driver;

/// <content>Streams, graphs and events.</content>
public static unsafe partial class EmulatedCuda
{
    private static readonly List<Action> Queue = [];
    private static readonly Dictionary<nint, List<Action>> Graphs = [];

    /// <summary>Kernels done when the event came: the clock goes a millisecond a kernel. −1 as long as it has not come.</summary>
    private static readonly Dictionary<nint, int> Events = [];

    private static int streams;

    /// <summary>What is queued while a stream captures; null while none does.</summary>
    private static List<Action>? captured;

    private static bool IsCapturing => captured is not null;

    private static int Enqueue(string function, Action action)
    {
        int result = EmulatedGpu.ResultOf(function);
        if (result == CudaError.Success)
        {
            (captured ?? Queue).Add(action);
        }

        return result;
    }

    /// <summary>Does what is queued, for a function that waits for it.</summary>
    private static int RunQueue(string function)
    {
        Action[] queued = [.. Queue];
        Queue.Clear();
        int result = IsCapturing ? CudaError.InvalidValue : EmulatedGpu.ResultOf(function);
        if (result != CudaError.Success)
        {
            return result;
        }

        try
        {
            foreach (Action action in queued)
            {
                action();
            }
        }
        catch (PtxFaultException fault)
        {
            EmulatedGpu.Fault = fault.Message;
            Console.Error.WriteLine($"emulated GPU: {fault.Message}");
            return CudaError.LaunchFailed;
        }

        return CudaError.Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuStreamCreate")]
    private static int CreateStream(nint* stream, uint flags) => NewStream(stream);

    [UnmanagedCallersOnly(EntryPoint = "cuStreamCreateWithPriority")]
    private static int CreateStreamWithPriority(nint* stream, uint flags, int priority) => NewStream(stream);

    [UnmanagedCallersOnly(EntryPoint = "cuStreamSynchronize")]
    private static int Synchronize(nint stream) => RunQueue("cuStreamSynchronize");

    [UnmanagedCallersOnly(EntryPoint = "cuStreamDestroy_v2")]
    private static int DestroyStream(nint stream)
    {
        streams--;
        return CudaError.Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuStreamBeginCapture_v2")]
    private static int BeginCapture(nint stream, int mode)
    {
        int result = !EmulatedGpu.HasGraphs ? CudaError.NotSupported : IsCapturing || Queue.Count > 0 ? CudaError.InvalidValue : EmulatedGpu.ResultOf("cuStreamBeginCapture_v2");
        captured = result == CudaError.Success ? [] : captured;
        return result;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuStreamEndCapture")]
    private static int EndCapture(nint stream, nint* graph)
    {
        if (captured is null)
        {
            return CudaError.InvalidValue;
        }

        *graph = Handle();
        Graphs[*graph] = captured;
        captured = null;
        return CudaError.Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuGraphInstantiateWithFlags")]
    private static int Instantiate(nint* executable, nint graph, ulong flags)
    {
        int result = EmulatedGpu.ResultOf("cuGraphInstantiateWithFlags");
        if (result == CudaError.Success)
        {
            *executable = Handle();
            Graphs[*executable] = Graphs[graph];
        }

        return result;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuGraphLaunch")]
    private static int LaunchGraph(nint graph, nint stream)
    {
        int result = EmulatedGpu.ResultOf("cuGraphLaunch");
        if (result == CudaError.Success)
        {
            EmulatedGpu.GraphLaunches++;
            Queue.AddRange(Graphs[graph]);
        }

        return result;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuGraphDestroy")]
    private static int DestroyGraph(nint graph) => Graphs.Remove(graph) ? CudaError.Success : CudaError.InvalidHandle;

    [UnmanagedCallersOnly(EntryPoint = "cuGraphExecDestroy")]
    private static int DestroyExecutableGraph(nint graph) => Graphs.Remove(graph) ? CudaError.Success : CudaError.InvalidHandle;

    [UnmanagedCallersOnly(EntryPoint = "cuEventCreate")]
    private static int CreateEvent(nint* mark, uint flags)
    {
        *mark = Handle();
        Events[*mark] = -1;
        return CudaError.Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuEventRecord")]
    private static int RecordEvent(nint mark, nint stream) => Enqueue("cuEventRecord", () => Events[mark] = EmulatedGpu.KernelLaunches);

    [UnmanagedCallersOnly(EntryPoint = "cuEventSynchronize")]
    private static int SynchronizeEvent(nint mark)
    {
        int result = RunQueue("cuEventSynchronize");
        return result != CudaError.Success || Events[mark] >= 0 ? result : CudaError.NotReady;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuEventQuery")]
    private static int QueryEvent(nint mark) => Events[mark] >= 0 ? CudaError.Success : CudaError.NotReady;

    [UnmanagedCallersOnly(EntryPoint = "cuEventElapsedTime")]
    private static int Elapsed(float* milliseconds, nint first, nint last)
    {
        *milliseconds = Events[last] - Events[first];
        return CudaError.Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuEventDestroy_v2")]
    private static int DestroyEvent(nint mark) => Events.Remove(mark) ? CudaError.Success : CudaError.InvalidHandle;

    private static int NewStream(nint* stream)
    {
        streams++;
        *stream = Handle();
        return CudaError.Success;
    }
}
