using System.Reflection;
using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;

namespace EdgeSparse.Compiler.Training;

/// <summary>Loads libtorch and TorchSharp's shim before TorchSharp is first used, wherever the application lies.</summary>
public static class TorchLibrary
{
    private const string ShimName = "LibTorchSharp";

    // Torch can be loaded once a process; the loader, not a service, is what is static here.
    private static readonly Lazy<nint> Shim = new(Load, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>Loads libtorch on the first call; later calls cost nothing. Call it before any use of TorchSharp.</summary>
    /// <exception cref="TrainingException">There is no libtorch for this platform beside the application, or it does not load.</exception>
    public static void EnsureLoaded() => _ = Shim.Value;

    private static nint Load()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            throw new TrainingException(
                $"training needs libtorch, which this build carries for linux-x64 alone, not for {RuntimeInformation.RuntimeIdentifier}");
        }

        string shim = Find("libLibTorchSharp.so");
        string torch = Find("libtorch_cpu.so");
        TorchThreads.SleepWhileWaiting();
        nint handle;
        try
        {
            // In this order: the shim's own search path does not reach libtorch from the cache folder, but a library that is
            // loaded already satisfies its needs by name.
            NativeLibrary.Load(torch);
            NativeLibrary.Load(Path.Combine(Path.GetDirectoryName(torch)!, "libtorch.so"));
            handle = NativeLibrary.Load(TorchShim.Loadable(shim));
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw new TrainingException($"libtorch does not load: {error.Message.ReplaceLineEndings(" ")}", error);
        }

        NativeLibrary.SetDllImportResolver(typeof(torch).Assembly, Resolve);
        return handle;

        nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name == ShimName ? handle : nint.Zero;
    }

    /// <summary>Looks beside the application and in every folder that the host searches for native libraries.</summary>
    private static string Find(string file)
    {
        string[] folders =
        [
            AppContext.BaseDirectory,
            Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native"),
            .. (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(
                Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        ];
        return folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists)
            ?? throw new TrainingException($"{file} is missing; it belongs beside the application, in '{AppContext.BaseDirectory}': build or install again");
    }
}
