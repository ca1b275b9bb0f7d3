using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;

namespace EdgeSparse.Compiler.Tests.Packing.Formats;

public sealed class FormatChoiceTests
{
    [Theory]
    [InlineData(16, 1.0, WeightLayout.Dense)]
    [InlineData(16, 0.3, WeightLayout.SlicedEll)]
    [InlineData(16, 0.05, WeightLayout.SlicedEll)]
    [InlineData(16, 0.002, WeightLayout.SlicedEll)]
    [InlineData(8, 1.0, WeightLayout.Dense)]
    [InlineData(8, 0.05, WeightLayout.SlicedEll)]
    [InlineData(4, 1.0, WeightLayout.Dense)]
    [InlineData(4, 0.05, WeightLayout.Csr)]
    public void A_fully_connected_layer_gets_the_format_that_was_fastest_at_its_density(int lanes, double density, WeightLayout expected)
    {
        FormatChoice choice = FormatChoice.ForLinear(Linear(300, 784, density), new PackOptions { Lanes = lanes });
        Assert.Equal(expected, choice.Layout);
        Assert.Matches(@"^predicted SlicedEll [\d.]+ µs, Csr [\d.]+ µs, Dense [\d.]+ µs$", choice.Reason);
    }

    [Fact]
    public void A_format_that_is_asked_for_is_given_and_the_reason_says_so()
    {
        PackOptions options = new();
        FormatChoice choice = FormatChoice.ForLinear(
            Linear(20, 30, 0.5), options with { Formats = options.Formats.Add("layer", WeightLayout.Csr) });
        Assert.Equal(WeightLayout.Csr, choice.Layout);
        Assert.StartsWith("asked for; predicted ", choice.Reason, StringComparison.Ordinal);
    }

    private static WeightMatrix Linear(int rows, int columns, double density)
    {
        Random random = new(3);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.NextDouble() < density ? 1 : 0;
        }

        return new WeightMatrix(
            "layer", new Weight("w", new TensorShape(rows, columns), values), new float[rows], 1,
            [.. Enumerable.Range(0, columns).Select(i => (uint)i)]);
    }
}
