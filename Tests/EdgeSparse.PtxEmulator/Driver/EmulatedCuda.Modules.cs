using System.Runtime.InteropServices;
using EdgeSparse.PtxEmulator.Execution;
using EdgeSparse.PtxEmulator.Modules;

namespace EdgeSparse.PtxEmulator.Driver;

/// <content>Code, and launches of it.</content>
public static unsafe partial class EmulatedCuda
{
    /// <summary>What a group has without being asked for.</summary>
    private const int SharedBytes = 48 * 1024;

    private static readonly Dictionary<nint, Program> Modules = [];
    private static readonly Dictionary<nint, Program> Functions = [];

    [UnmanagedCallersOnly(EntryPoint = "cuModuleLoadDataEx")]
    private static int LoadModuleWith(nint* module, void* text, uint options, int* names, void** values) => Load(module, text);

    [UnmanagedCallersOnly(EntryPoint = "cuModuleLoadData")]
    private static int LoadModule(nint* module, void* text) => Load(module, text);

    [UnmanagedCallersOnly(EntryPoint = "cuModuleUnload")]
    private static int UnloadModule(nint module) => Modules.Remove(module) ? CudaError.Success : CudaError.InvalidHandle;

    [UnmanagedCallersOnly(EntryPoint = "cuModuleGetFunction")]
    private static int Function(nint* function, nint module, byte* name)
    {
        if (!Modules.TryGetValue(module, out Program? program) || program.Module.Entry.Name != Marshal.PtrToStringUTF8((nint)name))
        {
            return CudaError.NotFound;
        }

        *function = Handle();
        Functions[*function] = program;
        return CudaError.Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuLaunchKernel")]
    private static int LaunchKernel(
        nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint shared, nint stream, void** arguments, void** extra)
    {
        if (!Functions.TryGetValue(function, out Program? program))
        {
            return CudaError.InvalidHandle;
        }

        // What this emulator does not do, no kernel here needs.
        if (gridX == 0 || gridY is 0 or > 65535 || gridZ != 1 || blockX == 0 || blockY != 1 || blockZ != 1)
        {
            return CudaError.InvalidValue;
        }

        if (blockX > EmulatedGpu.GroupThreads || blockX > program.Module.MostThreads || program.Module.SharedBytes + shared > SharedBytes)
        {
            return CudaError.LaunchOutOfResources;
        }

        // The driver copies arguments before it returns.
        return ArgumentsOf(program.Module.Entry.Parameters, arguments, extra) is { } bytes
            ? Enqueue("cuLaunchKernel", () => Run(program, bytes, (int)gridX, (int)gridY, (int)blockX))
            : CudaError.InvalidValue;
    }

    /// <summary>Arguments as they lie in memory: each at an address of its own, or all in one buffer; null for what is none of both.</summary>
    private static byte[]? ArgumentsOf(IReadOnlyList<PtxVariable> parameters, void** arguments, void** extra)
    {
        byte[] bytes = new byte[parameters.Count == 0 ? 0 : parameters[^1].Offset + parameters[^1].Bytes];
        if (extra != null)
        {
            // CU_LAUNCH_PARAM_BUFFER_POINTER, CU_LAUNCH_PARAM_BUFFER_SIZE, CU_LAUNCH_PARAM_END.
            if ((nint)extra[0] != 1 || (nint)extra[2] != 2 || extra[4] != null || *(nuint*)extra[3] < (nuint)bytes.Length)
            {
                return null;
            }

            new ReadOnlySpan<byte>(extra[1], bytes.Length).CopyTo(bytes);
            return bytes;
        }

        for (int i = 0; i < parameters.Count; i++)
        {
            new ReadOnlySpan<byte>(arguments[i], parameters[i].Bytes).CopyTo(bytes.AsSpan(parameters[i].Offset));
        }

        return bytes;
    }

    private static int Load(nint* module, void* text)
    {
        int result = EmulatedGpu.ResultOf("cuModuleLoadDataEx");
        if (result != CudaError.Success)
        {
            return result;
        }

        try
        {
            string code = Marshal.PtrToStringUTF8((nint)text)!;
            var read = PtxModule.Read(EmulatedGpu.Change?.Invoke(code) ?? code);
            if (read.VersionNumber > EmulatedGpu.NewestPtx)
            {
                return CudaError.UnsupportedPtxVersion;
            }

            if (read.TargetNumber > EmulatedGpu.Capability)
            {
                return CudaError.NoBinaryForGpu;
            }

            var program = new Program(read);
            *module = Handle();
            Modules[*module] = program;
            return CudaError.Success;
        }
        catch (PtxException error)
        {
            Console.Error.WriteLine($"emulated GPU: {error.Message}");
            return CudaError.InvalidPtx;
        }
    }

    private static void Run(Program program, byte[] arguments, int groupsX, int groupsY, int threads)
    {
        EmulatedGpu.KernelLaunches++;
        EmulatedGpu.MostThreadsLaunched = Math.Max(EmulatedGpu.MostThreadsLaunched, threads);
        program.Run(Memory, arguments, groupsX, groupsY, threads);
    }
}
