using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class HardwareTests
{
    [Fact]
    public void The_table_has_a_scalar_kernel_for_every_operation_and_format()
    {
        Kernel[] scalar = [.. KernelTable.For(InstructionSet.Scalar)];
        string[] names = [.. scalar.Select(k => k.Name)];
        string[] expected =
        [
            "linear-sliced-ell-any-scalar", "conv2d-csr16-1x4-scalar", "conv2d-csr32-1x4-scalar", "conv2d-dense-4x2-scalar",
            "linear-dense-4x2-scalar", "maxpool-2x2-scalar", "maxpool-scalar", "averagepool-scalar", "relu-scalar", "add-scalar", "channel-affine-scalar",
            "linear-csr16-4-scalar", "linear-csr32-4-scalar", "softmax-tensorprimitives", "relayout-copy", "split-phases-scalar",
        ];
        Assert.Equal(expected, names);
        Assert.All(scalar, k => Assert.Equal(InstructionSet.Scalar, k.Set));
    }

    [Fact]
    public void Kernel_names_are_unique_and_the_best_come_first()
    {
        Kernel[] all = [.. KernelTable.For(Hardware.Best)];
        string[] names = [.. all.Select(k => k.Name)];
        Assert.Equal(names.Length, names.Distinct().Count());
        for (int i = 1; i < all.Length; i++)
        {
            Assert.True(all[i].Set <= all[i - 1].Set, names[i]);
        }
    }

    [Fact]
    public void This_process_has_the_instruction_set_that_it_was_started_with()
    {
        // Only InstructionSetTests sets the variable, in the processes that it starts.
        string best = Hardware.Best.ToString();
        Assert.Equal(Environment.GetEnvironmentVariable(InstructionSetTests.ExpectedSet) ?? best, best);
    }
}
