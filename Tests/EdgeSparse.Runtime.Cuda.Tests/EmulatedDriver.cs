using System.Reflection;
using System.Runtime.InteropServices;
using EdgeSparse.PtxEmulator.Driver;

namespace EdgeSparse.Runtime.Cuda.Tests;

/// <summary>The emulated driver in this process, for one test at a time.</summary>
internal static class EmulatedDriver
{
    private static readonly Lock OneAtATime = new();

    private static readonly Dictionary<string, nint> Functions = typeof(EmulatedCuda).GetMethods(BindingFlags.NonPublic | BindingFlags.Static)
        .Where(m => m.GetCustomAttribute<UnmanagedCallersOnlyAttribute>()?.EntryPoint is not null)
        .ToDictionary(m => m.GetCustomAttribute<UnmanagedCallersOnlyAttribute>()!.EntryPoint!, m => m.MethodHandle.GetFunctionPointer());

    /// <summary>Runs a test alone, on a machine where all is well; it is to leave nothing behind.</summary>
    public static void Alone(Action test)
    {
        lock (OneAtATime)
        {
            EmulatedGpu.Reset();
            test();
            Assert.Null(EmulatedGpu.Fault);
            Assert.Equal(0, EmulatedCuda.Leaks);
        }
    }

    public static CudaDriver Start() => CudaDriver.Start(Find);

    public static CudaSession Open(Model model, int device = 0) => CudaModelExtensions.CreateCudaSession(model, device, Start);

    /// <summary>An old driver has no functions for graphs.</summary>
    private static nint Find(string name) =>
        EmulatedGpu.HasGraphs || !(name.StartsWith("cuGraph", StringComparison.Ordinal) || name.Contains("Capture", StringComparison.Ordinal))
            ? Functions.GetValueOrDefault(name) : 0;
}
