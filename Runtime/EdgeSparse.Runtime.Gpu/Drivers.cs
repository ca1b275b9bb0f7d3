using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu;

/// <summary>
/// Lets ILGPU find drivers where no development files are installed: it asks for libOpenCL.so and libcuda.so, which come with those;
/// machines that only run programs have libOpenCL.so.1 and libcuda.so.1.
/// </summary>
internal static class Drivers
{
    static Drivers()
    {
        if (OperatingSystem.IsLinux() && AssemblyLoadContext.GetLoadContext(typeof(Context).Assembly) is { } loader)
        {
            // Only when nothing else found the library.
            loader.ResolvingUnmanagedDll += Find;
        }
    }

    /// <summary>To be called before ILGPU looks for devices.</summary>
    public static void MakeFindable()
    {
    }

    private static nint Find(Assembly assembly, string name) =>
        name is "OpenCL" or "cuda" && assembly == typeof(Context).Assembly && NativeLibrary.TryLoad($"lib{name}.so.1", out nint library) ? library : 0;
}
