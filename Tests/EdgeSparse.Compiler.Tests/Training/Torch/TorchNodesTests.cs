using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Training.Torch;

public sealed class TorchNodesTests
{
    public static TheoryData<string> Samples => [.. SampleGraphs.All.Keys];

    /// <summary>Samples whose output does not change with small changes of the input, or is a place and no value.</summary>
    private static readonly string[] Flat =
        ["Floor", "Ceil", "Round", "Sign", "Equal of two", "Less of two", "LessOrEqual of two", "Greater of two", "GreaterOrEqual of two", "And of two",
         "Or of two", "Xor of two", "IntegerDiv of two", "Mod of two", "Cast"];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Torch_computes_what_the_graph_means(string sample)
    {
        Graph graph = SampleGraphs.All[sample];
        using TorchGraph model = new(graph, TorchDevice.Open("cpu"));
        float[][] inputs = [.. Enumerable.Range(0, 3).Select(seed => GraphBuilder.Sample(graph, seed))];
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(inputs.SelectMany(v => v).ToArray(), [3, inputs[0].Length]);
        float[] actual = TorchGraph.Download(model.Values(x, training: false, graph.Outputs)[0]);
        double[] expected = [.. inputs.SelectMany(i => GraphEvaluator.Run(graph, i))];
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(actual.Zip(expected), p => Assert.Equal(p.Second, p.First, 1e-5 * Math.Max(1, Math.Abs(p.Second))));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Gradients_reach_the_input(string sample)
    {
        Graph graph = SampleGraphs.All[sample];
        bool isFlat = Flat.Contains(sample) || sample.Contains("places", StringComparison.Ordinal) || sample.Contains("Arg", StringComparison.Ordinal)
            || sample.StartsWith("TopK", StringComparison.Ordinal);
        using TorchGraph model = new(graph, TorchDevice.Open("cpu"));
        using DisposeScope scope = NewDisposeScope();
        float[] input = GraphBuilder.Sample(graph, 1);
        Tensor x = tensor(input, [1, input.Length]).requires_grad_();
        Tensor y = model.Values(x, training: true, graph.Outputs)[0];
        if (!isFlat)
        {
            // Weighted, because the plain sum of a softmax does not change.
            Tensor loss = (y * arange(y.numel(), dtype: ScalarType.Float32).reshape(y.shape)).sum();
            float[] gradient = TorchGraph.Download(autograd.grad([loss], [x])[0]);
            Assert.Contains(gradient, g => g != 0);
            Assert.All(gradient, g => Assert.True(float.IsFinite(g)));
        }
    }

    [Fact]
    public void A_batch_fixed_by_the_exporter_is_opened()
    {
        Graph graph = new(
            "fixed",
            [new GraphValue("input", new TensorShape(1, 2, 3))],
            ["y"],
            [new Reshape("r", "input", "r.out", new TensorShape(1, 6)), new Relu("relu", "r.out", "y")],
            System.Collections.Immutable.ImmutableDictionary<string, Weight>.Empty);
        using TorchGraph model = new(graph, TorchDevice.Open("cpu"));
        using DisposeScope scope = NewDisposeScope();
        Assert.False(model.RunsOneByOne);
        Assert.Equal([4L, 6L], model.Forward(ones(4, 6), training: false).shape);
    }

    [Fact]
    public void Where_a_layer_needs_the_batch_of_one_samples_run_one_by_one()
    {
        // The first dimension is moved away, which an open batch cannot be.
        Graph graph = new(
            "turned",
            [new GraphValue("input", new TensorShape(1, 2, 3))],
            ["y"],
            [new Transpose("t", "input", "t.out", [1, 0, 2]), new Reshape("r", "t.out", "y", new TensorShape(1, 6))],
            System.Collections.Immutable.ImmutableDictionary<string, Weight>.Empty);
        using TorchGraph model = new(graph, TorchDevice.Open("cpu"));
        using DisposeScope scope = NewDisposeScope();
        Assert.True(model.RunsOneByOne);
        Tensor x = arange(12, dtype: ScalarType.Float32).reshape(2, 6);
        Assert.Equal([.. Enumerable.Range(0, 12).Select(i => (float)i)], TorchGraph.Download(model.Forward(x, training: false)));
    }
}
