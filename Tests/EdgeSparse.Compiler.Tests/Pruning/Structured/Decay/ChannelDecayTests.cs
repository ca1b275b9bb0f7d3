using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning.Structured.Decay;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Tests.Training;
using EdgeSparse.Compiler.Training;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Pruning.Structured.Decay;

public sealed class ChannelDecayTests
{
    private static readonly IReadOnlySet<string> None = new HashSet<string>();

    public ChannelDecayTests() => TorchLibrary.EnsureLoaded();

    /// <summary>Two channels of two weights each; the first is (3, 4).</summary>
    private static ChannelVectors Rows() => new(
        DependencyGraph.Of(TinyProblem.Build(
            "rows",
            [new Linear("a", "input", "x", "a.weight", null), new Linear("b", "x", "y", "b.weight", null)],
            "y",
            new TensorShape(TensorShape.Symbolic, 2),
            new Weight("a.weight", new TensorShape(2, 2), [3, 4, 1, 1]),
            new Weight("b.weight", new TensorShape(1, 2), [1, 1]))),
        role => role == AxisRole.Out);

    [Fact]
    public void Lengths_fall_in_equal_strides_while_the_direction_is_free()
    {
        (float, float)[] gradients = [(1, 0), (0, -1), (-1, -1), (0.5f, 0.5f), (0, 0)];
        (double, double)[] expected = [(2.347870286, 3.238441774), (1.725790158, 2.453904711), (1.163139634, 1.626992991), (0.576672171, 0.816975647), (0, 0)];
        using ChannelDecay decay = new(Rows(), new DecayOptions { Steps = 5 });
        using Tensor x = tensor(new float[] { 3, 4, 1, 1 }).reshape(2, 2);
        using Tensor velocity = ones(2, 2);
        Dictionary<string, Tensor> weights = new() { ["a.weight"] = x };
        Dictionary<string, Tensor> momentum = new() { ["a.weight#0"] = velocity };
        decay.Begin(0, weights, 0, false);
        for (int n = 0; n < 5; n++)
        {
            using Tensor gradient = tensor(new[] { gradients[n].Item1, gradients[n].Item2, 0, 0 }).reshape(2, 2);
            decay.BeforeUpdate(weights, new Dictionary<string, Tensor> { ["a.weight"] = gradient }, 0, None);
            x.add_(gradient, -0.1);
            DecayEvents events = decay.AfterUpdate(weights, momentum, 0);
            Assert.Equal(expected[n].Item1, x[0, 0].item<float>(), 1e-6);
            Assert.Equal(expected[n].Item2, x[0, 1].item<float>(), 1e-6);
            Assert.Equal(4 - n, ChannelVectors.Norm([x[0]]), 1e-6);
            Assert.Equal(n == 4 ? [0] : Array.Empty<int>(), events.Pruned);
        }

        Assert.Equal([1f, 1f], x[1].data<float>().ToArray());
        Assert.Equal([0f, 0f, 1f, 1f], velocity.flatten().data<float>().ToArray());
    }

    [Fact]
    public void Lengths_are_right_even_where_channels_share_weights()
    {
        ChannelVectors vectors = new(DependencyGraph.Of(StructuredSamples.Residual()), r => r is AxisRole.Out or AxisRole.In or AxisRole.Bias or AxisRole.Scale or AxisRole.Shift);
        using ChannelDecay decay = new(vectors, new DecayOptions { Steps = 4 });
        Dictionary<string, Tensor> weights = vectors.Dependencies.Graph.Weights.Values
            .Where(w => w.Name.EndsWith("weight", StringComparison.Ordinal) || w.Name.EndsWith("scale", StringComparison.Ordinal) || w.Name.EndsWith("shift", StringComparison.Ordinal))
            .ToDictionary(w => w.Name, w => tensor(w.Values.ToArray()).reshape([.. w.Shape.Dims.Select(d => (long)d)]));
        int[] chosen = [0, 1, 5];
        double[] starts = [.. chosen.Select(c => ChannelVectors.Norm(vectors.Of(c, weights)))];
        foreach (int channel in chosen)
        {
            decay.Begin(channel, weights, 0, false);
        }

        for (int n = 1; n <= 4; n++)
        {
            decay.BeforeUpdate(weights, weights.ToDictionary(w => w.Key, w => zeros_like(w.Value)), 0, None);
            decay.AfterUpdate(weights, new Dictionary<string, Tensor>(), 0);
            Assert.All(chosen.Zip(starts), c => Assert.Equal(c.Second * (4 - n) / 4, ChannelVectors.Norm(vectors.Of(c.First, weights)), 1e-5));
        }
    }

    [Theory]
    [InlineData(3, 4, -0.3, -0.4, 1, 1, false)]
    [InlineData(3, 4, -0.4, 0.3, 0.004999875, 1, false)]
    [InlineData(3, 4, 0.6, 0.8, -1, 2, false)]
    [InlineData(0.6, 0.8, -1, 0, 0.630145813, 2, true)]
    public void Rates_and_lengths_are_the_worked_ones(double x0, double x1, double g0, double g1, double rate, double length, bool resists)
    {
        (double y0, double y1) = (x0 - (0.1 * g0), x1 - (0.1 * g1));
        DecayMeasure measure = new(Math.Sqrt((x0 * x0) + (x1 * x1)), Math.Sqrt((y0 * y0) + (y1 * y1)), 0.1 * Math.Sqrt((g0 * g0) + (g1 * g1)), Math.Sqrt((g0 * g0) + (g1 * g1)), 0.5, 2);
        Assert.Equal(rate, EscapeCriterion.Rate(measure), 1e-6);
        Assert.Equal(length, EscapeCriterion.Length(measure), 1e-6);
        Assert.Equal(resists, new EscapeCriterion(0.5, 1.0000001).Resists(measure));
    }

    [Theory]
    [InlineData(4, 1.0, false)]
    [InlineData(16, 0.49, false)]
    [InlineData(16, 0.51, true)]
    [InlineData(400, 0.099, false)]
    [InlineData(400, 0.101, true)]
    public void Without_a_threshold_a_rate_counts_that_is_twice_what_chance_gives_so_many_parameters(long parameters, double rate, bool resists)
    {
        DecayMeasure measure = new(NormBefore: 1, NormAfter: 1 + (0.01 * rate), StepNorm: 0.01, GradientNorm: 2, MeanGradientNorm: 1, parameters);
        Assert.Equal(resists, new EscapeCriterion(null, 1).Resists(measure));
    }

    [Fact]
    public void A_channel_whose_gradients_pull_it_up_is_released_as_it_is()
    {
        using ChannelDecay decay = new(Rows(), new DecayOptions { Steps = 5, Rectify = true, RateThreshold = 0.5 });
        using Tensor x = tensor(new float[] { 3, 4, 1, 1 }).reshape(2, 2);
        using Tensor gradient = tensor(new float[] { -3, -4, 0, 0.1f }).reshape(2, 2);
        Dictionary<string, Tensor> weights = new() { ["a.weight"] = x };
        decay.Begin(0, weights, 0, false);
        decay.BeforeUpdate(weights, new Dictionary<string, Tensor> { ["a.weight"] = gradient }, 0, None);
        x.add_(gradient, -0.1);
        DecayEvents events = decay.AfterUpdate(weights, new Dictionary<string, Tensor>(), round: 2);
        Assert.Equal([0], events.Released);
        Assert.Equal(DecayState.Retained, decay.States[0]);
        Assert.Equal(3.3f, x[0, 0].item<float>(), 1e-6f);
        Assert.True(decay.States.IsBarred(0, 2));
        Assert.True(decay.States.IsBarred(0, 3));
        Assert.False(decay.States.IsBarred(0, 4));
    }

    [Theory]
    [InlineData(false, 10, 1, true, 5)]
    [InlineData(true, 1, 1, false, 5)]
    [InlineData(true, 1, 1, true, 8)]
    [InlineData(true, 2, 1, false, 10)]
    [InlineData(true, 10, 1, true, 20)]
    public void Large_channels_and_a_rising_loss_take_more_steps_where_asked(bool adaptive, double norm, double mean, bool rose, int steps) =>
        Assert.Equal(steps, ChannelDecay.StepsOf(new DecayOptions { Steps = 5, Adaptive = adaptive }, norm, mean, rose));
}
