using EdgeSparse.Runtime.Offload;

namespace EdgeSparse.Runtime.Gpu.Tests.Ptx;

/// <summary>NVIDIA's own assembler takes what is compiled ahead of time, for each architecture.</summary>
public sealed class PtxAssemblerTests
{
    /// <summary>Registers of a group on each architecture, by NVIDIA's table of compute capabilities.</summary>
    private static int GroupRegisters(string architecture) => architecture is "sm_53" or "sm_62" ? 32 * 1024 : 64 * 1024;

    public static TheoryData<string> Architectures => [.. PtxArchitecture.All.Select(a => a.Name)];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Every_kernel_is_assembled_keeps_its_numbers_in_registers_and_fits_the_largest_group(string name)
    {
        PtxArchitecture architecture = Assert.Single(PtxArchitecture.Parse(name));
        using var compiler = new PtxCompiler(architecture);
        foreach (DeviceKernel kernel in Enum.GetValues<DeviceKernel>())
        {
            PtxKernel compiled = compiler.Compile(kernel);
            AssembledKernel assembled = PtxAssembler.Assemble(compiled.Text, name);
            Assert.Equal((kernel, compiled.SharedBytes, 0), (kernel, assembled.SharedBytes, assembled.StackBytes));
            Assert.True(
                assembled.Registers * architecture.GroupThreads <= GroupRegisters(name), $"{kernel}: {assembled.Registers} registers, {architecture.GroupThreads} threads");
        }
    }
}
