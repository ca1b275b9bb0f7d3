using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning.Reconstruction;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Pruning.Reconstruction;

public sealed class ConjugateGradientsTests
{
    public static TheoryData<string> Layers => [.. LayerColumnsTests.All.Keys];

    /// <summary>Both with the columns kept and one output at a time, and with all outputs at once.</summary>
    [Theory]
    [MemberData(nameof(Layers))]
    public void They_find_what_the_decomposition_finds(string name)
    {
        Graph graph = LayerColumnsTests.All[name]();
        var layer = (WeightedLayer)graph.Nodes[0];
        Weight dense = graph.WeightOf(layer.Weight);
        Weight? bias = layer.Bias is null ? null : graph.WeightOf(layer.Bias);
        Random random = new(4);
        Weight pruned = dense.With(dense.Values.Span, [.. Enumerable.Range(0, dense.ElementCount).Select(_ => random.NextDouble() < 0.4)]);
        using TorchGraph model = new(graph, TorchDevice.Open("cpu"));
        using DisposeScope scope = NewDisposeScope();
        float[] samples = [.. Enumerable.Range(0, 60).SelectMany(seed => GraphBuilder.Sample(graph, seed))];
        Tensor x = model.Input(tensor(samples, [60, model.SampleElements]));
        Tensor y = model.Values(x, training: false, graph.Outputs)[0];
        LayerMoments moments = new(layer, dense.Shape);
        moments.Add(x, y);
        LayerSolution expected = LayerSolution.Of(moments, dense, bias, pruned, 1e-3);
        foreach (long bytes in (long[])[1, ConjugateGradients.MostBytes])
        {
            ConjugateGradients gradients = new(layer, dense.Shape, [(x.narrow(0, 0, 40), y.narrow(0, 0, 40)), (x.narrow(0, 40, 20), y.narrow(0, 40, 20))], bytes);
            (LayerSolution solution, bool isExact) = gradients.Solve(dense, bias, pruned, 1e-3, CancellationToken.None);
            Assert.True(isExact);
            Assert.Equal(moments.Places, gradients.Places);
            Assert.Equal(expected.Before, solution.Before, 1e-9);
            Assert.Equal(expected.After, solution.After, 1e-6);
            Assert.Equal(expected.Weight.Mask!.Value.ToArray(), solution.Weight.Mask!.Value.ToArray());
            Assert.All(solution.Weight.Values.ToArray().Zip(expected.Weight.Values.ToArray()), p => Assert.Equal(p.Second, p.First, 1e-4));
            Assert.All((solution.Bias?.Values.ToArray() ?? []).Zip(expected.Bias?.Values.ToArray() ?? []), p => Assert.Equal(p.Second, p.First, 1e-4));
        }
    }

    [Fact]
    public void A_layer_of_vgg_is_solved_in_blocks_that_fit_into_the_memory_planned()
    {
        Linear layer = new("fc6", "x", "y", "w", "b");
        using Tensor x = zeros([512, 1]);
        using Tensor y = zeros([512, 4096]);
        ConjugateGradients gradients = new(layer, new TensorShape(4096, 25088), [(x, y)]);
        Assert.Equal(594, gradients.BlockOutputs);
        Assert.Equal(1_175_770_896, gradients.Bytes);
    }
}
