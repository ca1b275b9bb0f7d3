using EdgeSparse.Compiler.Pruning;

namespace EdgeSparse.Compiler.Tests.Pruning;

public sealed class SparsityScheduleTests
{
    [Theory]
    [InlineData(0, .9, 0, 10, 0, 1, new[] { 0, .243900, .439200, .591300, .705600, .787500, .842400, .875700, .892800, .899100, .900000 })]
    [InlineData(.05, .90, 1, 40, 1, 5, new[] { .050000, .336801025, .550522598, .701911698, .801715302, .860680389, .889553937, .899082925 })]
    [InlineData(.05, .89, 4, 24, 4, 4, new[] { .05, .459920, .708560, .836240, .883280, .890000 })]
    public void The_cubic_schedule_has_its_published_values(
        double initial, double final, double start, double end, double from, double every, double[] expected)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], SparsitySchedule.Cubic(initial, final, start, end, from + (every * i)), 1e-6);
        }
    }

    [Fact]
    public void Outside_its_time_the_cubic_schedule_stands_still()
    {
        Assert.Equal(0.05, SparsitySchedule.Cubic(.05, .9, 1, 40, 0), 1e-12);
        Assert.Equal(0.90, SparsitySchedule.Cubic(.05, .9, 1, 40, 99), 1e-12);
    }

    [Fact]
    public void Geometric_densities_fall_by_one_factor_and_end_exactly()
    {
        double[] densities = [.. Enumerable.Range(1, 3).Select(r => SparsitySchedule.Geometric(1, 0.008, r, 3))];
        Assert.Equal(0.2, densities[0], 1e-12);
        Assert.Equal(0.04, densities[1], 1e-12);
        Assert.Equal(0.008, densities[2]);
    }
}
