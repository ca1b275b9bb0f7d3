using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning.Reconstruction;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Pruning.Reconstruction;

public sealed class LayerColumnsTests
{
    private static readonly TensorShape Image = new(TensorShape.Symbolic, 4, 7, 6);

    public static TheoryData<string> Layers => [.. All.Keys];

    internal static readonly Dictionary<string, Func<Graph>> All = new()
    {
        ["linear"] = () => new GraphBuilder(new TensorShape(TensorShape.Symbolic, 9)).Linear("layer", 5).Build(),
        ["linear of rows"] = () => new GraphBuilder(new TensorShape(TensorShape.Symbolic, 3, 9)).Linear("layer", 5, bias: false).Build(),
        ["convolution"] = () => new GraphBuilder(Image).Conv("layer", 6, Window2d.Square(3, 1, 1)).Build(),
        ["strided, dilated, uneven padding"] = () => new GraphBuilder(Image).Conv("layer", 6, new Window2d(3, 2, 2, 1, 1, 0, 2, 3, 1, 2), bias: false).Build(),
        ["groups"] = () => new GraphBuilder(Image).Conv("layer", 6, Window2d.Square(3, 2, 1), groups: 2).Build(),
        ["depthwise"] = () => new GraphBuilder(Image).Conv("layer", 8, Window2d.Square(3), groups: 4).Build(),
        ["transposed"] = () => new GraphBuilder(Image).ConvTranspose("layer", 6, Window2d.Square(3, 2, 1), outputPadY: 1).Build(),
        ["transposed groups"] = () => new GraphBuilder(Image).ConvTranspose("layer", 6, new Window2d(2, 3, 1, 3, 0, 2, 1, 0, 2, 1), groups: 2, bias: false, outputPadX: 2).Build(),
    };

    /// <summary>With every column kept the least error is none, so the normal equations give the layer's own weights back.</summary>
    [Theory]
    [MemberData(nameof(Layers))]
    public void From_its_inputs_and_outputs_a_layers_own_weights_come_back(string name)
    {
        Graph graph = All[name]();
        var layer = (WeightedLayer)graph.Nodes[0];
        Weight weight = graph.WeightOf(layer.Weight);
        using TorchGraph model = new(graph, TorchDevice.Open("cpu"));
        using DisposeScope scope = NewDisposeScope();
        float[] samples = [.. Enumerable.Range(0, 200).SelectMany(seed => GraphBuilder.Sample(graph, seed))];
        Tensor x = model.Input(tensor(samples, [200, model.SampleElements]));
        Tensor y = model.Values(x, training: false, graph.Outputs)[0];
        LayerMoments moments = new(layer, weight.Shape);
        moments.Add(x, y);

        Weight? bias = layer.Bias is null ? null : graph.WeightOf(layer.Bias);
        Weight zero = weight.With(new float[weight.ElementCount]);
        LayerSolution solution = LayerSolution.Of(moments, zero, bias?.With(new float[bias.ElementCount]), zero, 1e-12);
        Assert.All(solution.Weight.Values.ToArray().Zip(weight.Values.ToArray()), p => Assert.Equal(p.Second, p.First, 1e-4));
        Assert.Equal(1, solution.Before, 1e-9);
        Assert.InRange(solution.After, 0, 1e-9);
        if (bias is not null)
        {
            Assert.All(solution.Bias!.Values.ToArray().Zip(bias.Values.ToArray()), p => Assert.Equal(p.Second, p.First, 1e-4));
        }
    }
}
