using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Tests.Onnx;
using EdgeSparse.Compiler.Tests.Packing;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;

namespace EdgeSparse.Compiler.Tests.Training.Torch;

public sealed class TorchGraphTests
{
    public static TheoryData<string> Networks => [.. TestNetworks.All.Keys];

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_network_gives_what_the_definitions_of_its_operators_give(string name) => AssertAgrees(TestNetworks.All[name]());

    [Fact]
    public void Random_networks_give_what_the_definitions_of_their_operators_give()
    {
        Graph[] graphs = [.. Enumerable.Range(0, 40).Select(seed => RandomNetwork.Create(seed, 8)).Where(g => g.Outputs.Length == 1)];
        Assert.InRange(graphs.Length, 20, 40);
        Assert.All(graphs, AssertAgrees);
    }

    [Fact]
    public void Weights_come_back_as_they_went_in()
    {
        Graph graph = TestNetworks.All["convnet"]();
        using TorchGraph model = new(graph, TorchDevice.Open("cpu"));
        Assert.Equal(TinyProblem.ValuesOf(graph), TinyProblem.ValuesOf(model.ToGraph()));
    }

    [Fact]
    public void A_network_of_several_outputs_or_of_pictures_cannot_be_trained()
    {
        Graph graph = TestNetworks.All["pools"]();
        Assert.Equal(
            "network 'test' gives N×2×2×3; training needs samples × classes",
            Assert.Throws<TrainingException>(() => new TorchGraph(graph, TorchDevice.Open("cpu")).ClassCount).Message);
        Graph two = new("two", graph.Inputs, [graph.Outputs[0], graph.Inputs[0].Name], graph.Nodes, graph.Weights);
        Assert.Equal(
            "network 'two' has 1 inputs and 2 outputs; training needs one of each",
            Assert.Throws<TrainingException>(() => new TorchGraph(two, TorchDevice.Open("cpu")).ClassCount).Message);
    }

    private static void AssertAgrees(Graph graph)
    {
        // Training reads logits, so the network is made to end in a matrix that is no softmax.
        Node last = graph.Nodes.Single(n => n.Output == graph.Outputs[0]);
        string end = last is Softmax softmax ? softmax.Input : last.Output;
        graph = graph.Shapes[end].Rank == 2
            ? new Graph(graph.Name, graph.Inputs, [end], graph.Nodes, graph.Weights)
            : new Graph(graph.Name, graph.Inputs, ["all"], graph.Nodes.Add(new Flatten("all", end, "all")), graph.Weights);
        int samples = graph.Inputs[0].Shape.IsBatchSymbolic ? 3 : 1;
        float[][] inputs = [.. Enumerable.Range(0, samples).Select(seed => GraphBuilder.Sample(graph, seed))];

        using TorchGraph model = new(graph, TorchDevice.Open("cpu"));
        using torch.Tensor x = torch.tensor(inputs.SelectMany(v => v).ToArray(), [samples, inputs[0].Length]);
        using torch.Tensor y = model.Forward(x, training: false);
        double[] expected = [.. inputs.SelectMany(input => GraphEvaluator.Run(graph, input))];
        float[] actual = TorchGraph.Download(y);
        Assert.Equal(expected.Length, actual.Length);
        double scale = Math.Max(1, expected.Max(Math.Abs));
        Assert.All(actual.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 2e-5 * scale));
    }
}
