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
            "linear-sliced-ell-any-scalar", "linear-csr16-4-scalar", "linear-csr32-4-scalar", "linear-csc16-4-scalar", "linear-2of4-scalar",
            "linear-4of8-scalar", "conv2d-csr16-1x8-scalar",
            "conv2d-csr32-1x8-scalar", "conv2d-csr-delta8-1x4-scalar", "conv2d-depthwise-1x8-scalar", "conv2d-dense-4x3-scalar",
            "conv2d-bsr16-4x1-4x3-scalar", "conv2d-bsr32-4x1-4x3-scalar", "conv2d-bsr16-8x1-4x3-scalar", "conv2d-bsr32-8x1-4x3-scalar",
            "conv2d-bsr16-16x1-4x3-scalar", "conv2d-bsr32-16x1-4x3-scalar", "conv2d-bsr16-4x4-4x3-scalar", "conv2d-bsr32-4x4-4x3-scalar",
            "conv2d-bsr16-1x4-1x4-scalar", "conv2d-bsr32-1x4-1x4-scalar", "conv2d-2of4-1x4-scalar", "conv2d-4of8-1x4-scalar",
            "linear-dense-4x2-scalar", "linear-bsr16-4x1-scalar", "linear-bsr32-4x1-scalar", "linear-bsr16-8x1-scalar",
            "linear-bsr32-8x1-scalar", "linear-bsr16-16x1-scalar", "linear-bsr32-16x1-scalar", "linear-bsr16-4x4-scalar",
            "linear-bsr32-4x4-scalar", "linear-bsr16-1x4-scalar", "linear-bsr32-1x4-scalar", "max-pool-scalar", "average-pool-scalar", "activate-scalar", "add-scalar", "channel-affine-scalar", "matmul-4x2-scalar",
            "relayout-4x4-vector128", "global-average-pool-vector128", "global-max-pool-vector128", "softmax-vector", "binary-vector",
            "select-vector", "rearrange-4x4-vector128", "channels-copy", "constant-copy", "reduce-vector", "top-k-heap-scalar",
            "gather-copy", "resample-vector", "normalise-vector", "local-response-vector",
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
