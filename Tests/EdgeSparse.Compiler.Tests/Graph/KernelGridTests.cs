using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Graphs;

public sealed class KernelGridTests
{
    [Fact]
    public void Elements_of_a_convolution_belong_to_outputs_row_by_row()
    {
        // [4, 3, 1, 2] in 2 groups.
        KernelGrid grid = new(Outputs: 4, Inputs: 6, Groups: 2, KernelElements: 2);
        Assert.Equal([0, 0, 1, 1, 2, 2, 3, 3], new[] { 0, 5, 6, 11, 12, 17, 18, 23 }.Select(grid.OutputOf));
        Assert.Equal([12, 14, 16], grid.KernelsOf(2));
        Assert.Equal(16, grid.At(2, 5));
        Assert.Null(grid.At(2, 0));
    }

    [Fact]
    public void Elements_of_a_transposed_convolution_belong_to_outputs_of_their_inputs_group()
    {
        // [6, 2, 1, 2] in 2 groups: inputs 0 to 2 give outputs 0 and 1, inputs 3 to 5 give 2 and 3.
        KernelGrid grid = new(Outputs: 4, Inputs: 6, Groups: 2, KernelElements: 2, InputsFirst: true);
        Assert.Equal([0, 1, 0, 1, 2, 3], new[] { 0, 2, 4, 11, 12, 23 }.Select(grid.OutputOf));
        Assert.Equal([2, 6, 10], grid.KernelsOf(1));
        Assert.Equal(18, grid.At(3, 4));
        Assert.Null(grid.At(3, 2));
    }
}
