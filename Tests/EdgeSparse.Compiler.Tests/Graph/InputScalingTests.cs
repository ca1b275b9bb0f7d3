using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Graphs;

public sealed class InputScalingTests
{
    [Fact]
    public void Scaling_comes_back_from_the_metadata_bit_for_bit()
    {
        InputScaling scaling = new([0.1307f, 1f / 3, 0], [0.3081f, float.Epsilon, 1e20f]);
        InputScaling? read = InputScaling.Of(scaling.ApplyTo(Graph()));
        Assert.Equal(scaling.Mean, read!.Mean);
        Assert.Equal(scaling.Std, read.Std);
    }

    [Fact]
    public void Metadata_is_comma_separated_per_channel()
    {
        Graph graph = new InputScaling([0.5f, 0.25f], [1, 2]).ApplyTo(Graph());
        Assert.Equal("0.5,0.25", graph.Metadata["edgesparse.input.mean"]);
        Assert.Equal("1,2", graph.Metadata["edgesparse.input.std"]);
    }

    [Fact]
    public void A_graph_without_both_keys_has_no_scaling()
    {
        Assert.Null(InputScaling.Of(Graph()));
        Assert.Null(InputScaling.Of(Graph().WithMetadata(InputScaling.MeanKey, "0")));
    }

    [Theory]
    [InlineData("0", "1,1", "need one value a channel, the deviations positive")]
    [InlineData("0", "0", "need one value a channel, the deviations positive")]
    [InlineData("0;1", "1", "has '0;1', which is no number")]
    [InlineData("NaN", "1", "has 'NaN', which is no number")]
    [InlineData("", "1", "has '', which is no number")]
    public void Malformed_metadata_is_refused(string mean, string std, string message)
    {
        Graph graph = Graph().WithMetadata(InputScaling.MeanKey, mean).WithMetadata(InputScaling.StdKey, std);
        Assert.Contains(message, Assert.Throws<GraphException>(() => InputScaling.Of(graph)).Message, StringComparison.Ordinal);
    }

    private static Graph Graph() => new(
        "g", [new GraphValue("x", new TensorShape(1, 4))], ["x"], [], ImmutableDictionary<string, Weight>.Empty);
}
