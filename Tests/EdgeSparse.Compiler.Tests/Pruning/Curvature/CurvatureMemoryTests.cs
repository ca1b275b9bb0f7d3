using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Curvature;

namespace EdgeSparse.Compiler.Tests.Pruning.Curvature;

public sealed class CurvatureMemoryTests
{
    private const long Pieces = 4L * 8 * (1 << 23);

    private static readonly FisherOptions Dense = new(BlockSize: 1000, Form: CurvatureForm.Dense);

    [Fact]
    public void What_is_kept_is_the_matrices_and_the_sums_of_gradients()
    {
        Assert.Equal((36L * 1000 * 1000 * 8) + (864L * 864 * 8) + (16 * 36864), CurvatureMemory.KeptBytes(36864, 1000, Dense));
        Assert.Equal((1000L * 36865 * 8) + (16 * 36864), CurvatureMemory.KeptBytes(36864, 1000, new FisherOptions(Form: CurvatureForm.Factored)));
        Assert.Equal((1000L * 36864 * 4) + (8L * 1000 * 1000) + (16 * 36864), CurvatureMemory.KeptBytes(36864, 1000, new FisherOptions()));
        Assert.Equal(24 * 36864, CurvatureMemory.KeptBytes(36864, 1000, new FisherOptions(Form: CurvatureForm.Diagonal)));
        Assert.Equal(Pieces, CurvatureMemory.ScratchBytes(36864, 1000, Dense));
    }

    [Fact]
    public void Layers_that_fit_together_make_one_pass()
    {
        var plan = CurvatureMemory.Plan([("a", 2000), ("b", 3000)], 1000, Dense, 1L << 40);
        CurvaturePass pass = Assert.Single(plan);
        Assert.Equal([new CurvatureRange(0, 0, 2000), new CurvatureRange(1, 0, 3000)], pass.Ranges);
        Assert.Equal((5L * 8 * 1000 * 1000) + (16 * 5000) + (4L * 8 * 3_000_000), pass.Bytes);
    }

    [Fact]
    public void Layers_that_do_not_fit_together_go_one_after_another_and_a_large_one_in_parts()
    {
        long block = (8L * 1000 * 1000) + 16000;
        var plan = CurvatureMemory.Plan([("a", 4000), ("b", 4000), ("c", 25500)], 1000, Dense, Pieces + (10 * block));
        Assert.Equal(
            [
                [new CurvatureRange(0, 0, 4000), new CurvatureRange(1, 0, 4000), new CurvatureRange(2, 0, 7000)],
                [new CurvatureRange(2, 7000, 10000)],
                [new CurvatureRange(2, 17000, 8500)],
            ],
            plan.Select(p => p.Ranges.AsEnumerable()));
        Assert.All(plan, p => Assert.InRange(p.Bytes, 1, Pieces + (10 * block)));
    }

    [Fact]
    public void A_block_that_does_not_fit_is_refused_with_what_it_needs()
    {
        PruningException error = Assert.Throws<PruningException>(
            () => CurvatureMemory.Plan([("conv", 36864)], 1000, new FisherOptions(Form: CurvatureForm.Dense), 8L << 30));
        Assert.Equal(
            "the curvature of layer 'conv' in blocks of 36864 weights needs 50.63 GiB of memory, where 8 GiB is free: set smaller blocks or fewer samples",
            error.Message);
    }

    [Fact]
    public void The_host_has_memory() => Assert.InRange(CurvatureMemory.AvailableOnHost(), 1L << 20, 1L << 50);
}
