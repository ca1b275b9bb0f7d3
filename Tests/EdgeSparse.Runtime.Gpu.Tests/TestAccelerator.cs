using EdgeSparse.Runtime.Offload;
using ILGPU.Runtime;

namespace EdgeSparse.Runtime.Gpu.Tests;

/// <summary>
/// One accelerator for all tests, so that each kernel is compiled once; whoever uses it locks it. It is ILGPU's CPU accelerator, or what
/// the environment's EDGESPARSE_TEST_ACCELERATOR names: "opencl" or "cuda", for Tests/opencl.sh and for machines with a GPU.
/// </summary>
internal static class TestAccelerator
{
    private static readonly string Name = Environment.GetEnvironmentVariable("EDGESPARSE_TEST_ACCELERATOR") is { Length: > 0 } name ? name : "cpu";

    private static readonly Lazy<Accelerator> Accelerator = new(() => Backend.Open().Accelerator);

    public static Accelerator Shared => Accelerator.Value;

    public static GpuBackend Backend => Name switch
    {
        "cpu" => GpuBackend.Cpu(8),
        "opencl" => GpuBackend.OpenCL(),
        "cuda" => GpuBackend.Cuda(),
        _ => throw new InvalidOperationException($"EDGESPARSE_TEST_ACCELERATOR is '{Name}', not cpu, opencl or cuda"),
    };

    /// <summary>Threads of a group: ILGPU's CPU accelerator is the faster the fewer it has.</summary>
    public static int GroupThreads => Name == "cpu" ? 1 : DeviceShape.UsualGroupThreads;
}
