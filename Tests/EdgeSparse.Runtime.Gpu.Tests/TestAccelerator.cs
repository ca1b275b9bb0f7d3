using ILGPU.Runtime;

namespace EdgeSparse.Runtime.Gpu.Tests;

/// <summary>One accelerator for all tests, so that each kernel is compiled once; whoever uses it locks it.</summary>
internal static class TestAccelerator
{
    private static readonly Lazy<Accelerator> Accelerator = new(() => GpuBackend.Cpu(8).Open().Accelerator);

    public static Accelerator Shared => Accelerator.Value;
}
