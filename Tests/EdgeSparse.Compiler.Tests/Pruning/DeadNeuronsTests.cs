using System.Collections.Immutable;
using CsCheck;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Tests.Training;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;

namespace EdgeSparse.Compiler.Tests.Pruning;

public sealed class DeadNeuronsTests
{
    [Fact]
    public void A_neuron_without_inputs_becomes_part_of_the_next_bias()
    {
        // Hidden neurons: 0 reads input 0; 1 reads nothing and gives relu(2) = 2; 2 reads nothing and gives relu(−1) = 0.
        Graph graph = DeadNeurons.Remove(Perceptron("100", "111", [5f, 2f, -1f]));
        Assert.Equal("100", Mask(graph, "fc1.weight"));
        Assert.Equal("100", Mask(graph, "fc2.weight"));
        Assert.Equal([5f, 0f, 0f], graph.WeightOf("fc1.bias").Values.ToArray());
        Assert.Equal([0.5f + (2f * 20f)], graph.WeightOf("fc2.bias").Values.ToArray());
    }

    [Fact]
    public void A_neuron_that_nothing_reads_loses_its_inputs_and_its_bias()
    {
        Graph graph = DeadNeurons.Remove(Perceptron("111", "010", [5f, 2f, -1f]));
        Assert.Equal("010", Mask(graph, "fc1.weight"));
        Assert.Equal([0f, 2f, 0f], graph.WeightOf("fc1.bias").Values.ToArray());
        Assert.Equal([0.5f], graph.WeightOf("fc2.bias").Values.ToArray());
    }

    [Fact]
    public void Removal_goes_on_until_nothing_is_dead()
    {
        // fc3 reads h1 only; h1 of fc2 reads h0 of fc1 only; so of three layers one path is left.
        ImmutableArray<Node> nodes =
        [
            new Linear("fc1", "input", "a", "w1", null), new Relu("r1", "a", "ra"),
            new Linear("fc2", "ra", "b", "w2", null), new Relu("r2", "b", "rb"),
            new Linear("fc3", "rb", "c", "w3", null),
        ];
        Graph graph = TinyProblem.Build(
            "deep", nodes, "c", new TensorShape(TensorShape.Symbolic, 1),
            Masked("w1", [2, 1], "11"), Masked("w2", [2, 2], "1110"), Masked("w3", [1, 2], "01"));
        Graph removed = DeadNeurons.Remove(graph);
        Assert.Equal(("10", "0010", "01"), (Mask(removed, "w1"), Mask(removed, "w2"), Mask(removed, "w3")));
    }

    [Fact]
    public void A_layer_without_bias_gets_one_when_a_constant_moves_into_it()
    {
        ImmutableArray<Node> nodes =
        [
            new Linear("fc1", "input", "a", "w1", "b1"), new Relu("r1", "a", "ra"), new Linear("fc2", "ra", "b", "w2", null),
        ];
        Graph graph = TinyProblem.Build(
            "mlp", nodes, "b", new TensorShape(TensorShape.Symbolic, 1),
            Masked("w1", [2, 1], "01"), new Weight("b1", new TensorShape(2), [3f, 0f]), Masked("w2", [1, 2], "11"));
        Graph removed = DeadNeurons.Remove(graph);
        Assert.Equal("fc2.bias", Assert.IsType<Linear>(removed.NodeOf("fc2")).Bias);
        Assert.Equal([3f * 10f], removed.WeightOf("fc2.bias").Values.ToArray());
    }

    [Theory]
    [InlineData(0, 1f, "00")]
    [InlineData(1, 0f, "00")]
    [InlineData(1, -1f, "00")]
    [InlineData(1, 1f, "11")]
    public void Beside_padding_only_channels_of_zeros_fold(int padding, float bias, string secondChannel)
    {
        // conv1's channel 1 has no inputs; conv2 reads both channels with a 1×2 kernel.
        ImmutableArray<Node> nodes =
        [
            new Conv2d("conv1", "input", "a", "w1", "b1", new Window2d(1, 1), 1),
            new Relu("relu", "a", "ra"),
            new Conv2d("conv2", "ra", "b", "w2", "b2", new Window2d(1, 2, PadLeft: padding), 1),
            new Flatten("flatten", "b", "c"),
        ];
        Graph graph = TinyProblem.Build(
            "conv", nodes, "c", new TensorShape(TensorShape.Symbolic, 1, 1, 3),
            Masked("w1", [2, 1, 1, 1], "10"), new Weight("b1", new TensorShape(2), [0f, bias]),
            Masked("w2", [1, 2, 1, 2], "1111"), TinyProblem.Zeros("b2", 1));
        Graph removed = DeadNeurons.Remove(graph);
        Assert.Equal("11" + secondChannel, Mask(removed, "w2"));
        Assert.Equal([secondChannel == "00" && bias > 0 ? bias * (30f + 40f) : 0f], removed.WeightOf("b2").Values.ToArray());
        AssertSame(graph, removed);
    }

    [Fact]
    public void A_residual_sum_keeps_a_channel_alive_that_one_branch_still_gives()
    {
        // Channel 0 is dead in both branches, channel 1 in the left one only.
        ImmutableArray<Node> nodes =
        [
            new Conv2d("left", "input", "a", "w1", "b1", new Window2d(1, 1), 1),
            new Conv2d("right", "input", "b", "w2", "b2", new Window2d(1, 1), 1),
            new Add("sum", "a", "b", "s"),
            new Flatten("flatten", "s", "f"),
            new Linear("fc", "f", "y", "w3", "b3"),
        ];
        Graph graph = TinyProblem.Build(
            "residual", nodes, "y", new TensorShape(TensorShape.Symbolic, 1, 1, 2),
            Masked("w1", [2, 1, 1, 1], "00"), new Weight("b1", new TensorShape(2), [1f, 2f]),
            Masked("w2", [2, 1, 1, 1], "01"), new Weight("b2", new TensorShape(2), [3f, 4f]),
            Masked("w3", [1, 4], "1111"), TinyProblem.Zeros("b3", 1));
        Graph removed = DeadNeurons.Remove(graph);
        Assert.Equal("0011", Mask(removed, "w3"));
        Assert.Equal([4f * (10f + 20f)], removed.WeightOf("b3").Values.ToArray());
        Assert.Equal([0f, 2f], removed.WeightOf("b1").Values.ToArray());
        AssertSame(graph, removed);
    }

    [Fact]
    public void A_batch_norm_turns_a_constant_into_another()
    {
        // (3 − 1)·2/√(4 − ε + ε) + 0.5 = 2.5 for the dead channel 1.
        ImmutableArray<Node> nodes =
        [
            new Linear("fc1", "input", "a", "w1", "b1"),
            new BatchNorm("bn", "a", "n", "scale", "shift", "mean", "variance", 0f),
            new Relu("r", "n", "ra"),
            new Linear("fc2", "ra", "b", "w2", "b2"),
        ];
        Graph graph = TinyProblem.Build(
            "bn", nodes, "b", new TensorShape(TensorShape.Symbolic, 1),
            Masked("w1", [2, 1], "10"), new Weight("b1", new TensorShape(2), [0f, 3f]),
            TinyProblem.Filled("scale", 2f, 2), TinyProblem.Filled("shift", 0.5f, 2), TinyProblem.Filled("mean", 1f, 2), TinyProblem.Filled("variance", 4f, 2),
            Masked("w2", [1, 2], "11"), TinyProblem.Zeros("b2", 1));
        Graph removed = DeadNeurons.Remove(graph);
        Assert.Equal("10", Mask(removed, "w2"));
        Assert.Equal([2.5f * 20f], removed.WeightOf("b2").Values.ToArray());
        AssertSame(graph, removed);
    }

    [Fact]
    public void Constants_pass_each_activation_by_its_function()
    {
        // The dead channel gives −0.4: leaky −0.1; clipped to −0.05; hard swish −0.05·(−0.05/6 + 0.5); its sigmoid is not zero.
        ImmutableArray<Node> nodes =
        [
            new Linear("fc1", "input", "a", "w1", "b1"),
            new LeakyRelu("leaky", "a", "b", 0.25f),
            new Clip("clip", "b", "c", -0.05f, 6),
            new HardSwish("swish", "c", "d"),
            new Sigmoid("sigmoid", "d", "e"),
            new Linear("fc2", "e", "y", "w2", "b2"),
        ];
        Graph graph = TinyProblem.Build(
            "activations", nodes, "y", new TensorShape(TensorShape.Symbolic, 1),
            Masked("w1", [2, 1], "10"), new Weight("b1", new TensorShape(2), [0f, -0.4f]), Masked("w2", [1, 2], "11"), TinyProblem.Zeros("b2", 1));
        Graph removed = DeadNeurons.Remove(graph);
        Assert.Equal("10", Mask(removed, "w2"));
        Assert.Equal(20 / (1 + Math.Exp(0.05 * ((-0.05 / 6) + 0.5))), removed.WeightOf("b2").Values.Span[0], 1e-5);
        Assert.Equal([0f, 0f], removed.WeightOf("b1").Values.ToArray());
        AssertSame(graph, removed);
    }

    [Theory]
    [InlineData(-1f, "11110000")]
    [InlineData(1f, "11111111")]
    public void Into_a_transposed_convolution_only_channels_of_zeros_fold(float bias, string kept)
    {
        // w2 is [in, out, 1, 2]; input channel 1 has no inputs and gives relu(bias).
        ImmutableArray<Node> nodes =
        [
            new Conv2d("conv1", "input", "a", "w1", "b1", new Window2d(1, 1), 1),
            new Relu("relu", "a", "ra"),
            new ConvTranspose2d("up", "ra", "b", "w2", "b2", new Window2d(1, 2), 1),
            new Flatten("flatten", "b", "c"),
        ];
        Graph graph = TinyProblem.Build(
            "up", nodes, "c", new TensorShape(TensorShape.Symbolic, 1, 1, 3),
            Masked("w1", [2, 1, 1, 1], "10"), new Weight("b1", new TensorShape(2), [0f, bias]),
            Masked("w2", [2, 2, 1, 2], "11111111"), TinyProblem.Zeros("b2", 2));
        Graph removed = DeadNeurons.Remove(graph);
        Assert.Equal(kept, Mask(removed, "w2"));
        AssertSame(graph, removed);
    }

    [Fact]
    public void A_transposed_convolution_loses_outputs_that_nothing_reads_group_by_group()
    {
        // Weight [4, 1, 1, 1] in 2 groups: output 0 comes from inputs 0 and 1, output 1 from 2 and 3. conv2 reads output 1 only.
        ImmutableArray<Node> nodes =
        [
            new Conv2d("conv1", "input", "a", "w1", "b1", new Window2d(1, 1), 1),
            new ConvTranspose2d("up", "a", "b", "w2", "b2", new Window2d(1, 1), 2),
            new Conv2d("conv2", "b", "c", "w3", null, new Window2d(1, 1), 1),
            new Flatten("flatten", "c", "d"),
        ];
        Graph graph = TinyProblem.Build(
            "groups", nodes, "d", new TensorShape(TensorShape.Symbolic, 1, 1, 2),
            Masked("w1", [4, 1, 1, 1], "1111"), TinyProblem.Filled("b1", 1f, 4), Masked("w2", [4, 1, 1, 1], "1101"),
            TinyProblem.Filled("b2", 2f, 2), Masked("w3", [1, 2, 1, 1], "01"));
        Graph removed = DeadNeurons.Remove(graph);
        Assert.Equal(("0001", "0001"), (Mask(removed, "w1"), Mask(removed, "w2")));
        Assert.Equal([0f, 2f], removed.WeightOf("b2").Values.ToArray());
        AssertSame(graph, removed);
    }

    [Fact]
    public void Removal_never_changes_what_a_network_computes() => Gen.Int[0, 1_000_000].Sample(
        seed =>
        {
            Random random = new(seed);
            Graph graph = RandomNetwork(random);
            Graph removed = DeadNeurons.Remove(graph);
            Assert.True(NetworkSparsity.Of(removed).Kept <= NetworkSparsity.Of(graph).Kept);
            AssertSame(graph, removed);
            Assert.Equal(NetworkSparsity.Of(removed).Kept, NetworkSparsity.Of(DeadNeurons.Remove(removed)).Kept);
        },
        iter: 60,
        threads: 1,
        seed: "0N0XIzNsQ0O2");

    private static Graph RandomNetwork(Random random)
    {
        int groups = random.Next(1, 3);
        int padding = random.Next(2);
        bool countPadding = random.Next(2) == 1;
        ImmutableArray<Node> nodes =
        [
            new Conv2d("conv1", "input", "c1", "w1", "b1", Window2d.Square(3, pad: padding), 1),
            new BatchNorm("bn", "c1", "n1", "scale", "shift", "mean", "variance", 1e-3f),
            Activation(random, "relu1", "n1", "r1"),
            random.Next(2) == 1
                ? new Conv2d("conv2", "r1", "c2", "w2", random.Next(2) == 1 ? "b2" : null, Window2d.Square(3, pad: 1), groups)
                : new ConvTranspose2d("conv2", "r1", "c2", "w2", random.Next(2) == 1 ? "b2" : null, Window2d.Square(3, pad: 1), groups),
            new Add("add", "c2", "r1", "s"),
            Activation(random, "relu2", "s", "r2"),
            new AveragePool("pool", "r2", "p", Window2d.Square(2, 2, random.Next(2)), CountIncludePad: countPadding),
            new Flatten("flatten", "p", "f"),
            new Linear("fc1", "f", "l1", "w3", "b3"),
            new Relu("relu3", "l1", "r3"),
            new Linear("fc2", "r3", "y", "w4", null),
        ];
        int side = 6 + (2 * padding) - 2;
        int pooled = ((AveragePool)nodes[6]).Window.OutputRows(side);
        return TinyProblem.Build(
            "random", nodes, "y",
            Sparse("w1", random, 4, 1, 3, 3), TinyProblem.Random("b1", random, 4),
            TinyProblem.Random("scale", random, 4), TinyProblem.Random("shift", random, 4), TinyProblem.Random("mean", random, 4), TinyProblem.Filled("variance", 0.7f, 4),
            Sparse("w2", random, 4, 4 / groups, 3, 3), TinyProblem.Random("b2", random, 4),
            Sparse("w3", random, 5, 4 * pooled * pooled), TinyProblem.Random("b3", random, 5),
            Sparse("w4", random, 3, 5));
    }

    private static PointwiseActivation Activation(Random random, string name, string input, string output) => random.Next(6) switch
    {
        0 => new LeakyRelu(name, input, output, 0.1f),
        1 => new Clip(name, input, output, 0, 6),
        2 => new HardSwish(name, input, output),
        3 => new Sigmoid(name, input, output),
        _ => new Relu(name, input, output),
    };

    /// <summary>Whole rows are dead with probability one third, and single weights too.</summary>
    private static Weight Sparse(string name, Random random, params int[] shape)
    {
        Weight weight = TinyProblem.Random(name, random, shape);
        int row = weight.ElementCount / shape[0];
        bool[] dead = [.. Enumerable.Range(0, shape[0]).Select(_ => random.Next(3) == 0)];
        return weight.With(weight.Values.Span, [.. Enumerable.Range(0, weight.ElementCount).Select(i => !dead[i / row] && random.Next(3) > 0)]);
    }

    private static void AssertSame(Graph expected, Graph actual)
    {
        using TorchGraph before = new(expected, TorchDevice.Open("cpu"));
        using TorchGraph after = new(actual, TorchDevice.Open("cpu"));
        using torch.Tensor x = torch.arange(3L * before.SampleElements, torch.ScalarType.Float32).reshape(3, before.SampleElements).cos();
        using torch.Tensor y = before.Forward(x, training: false);
        using torch.Tensor z = after.Forward(x, training: false);
        Assert.All(TorchGraph.Download(y).Zip(TorchGraph.Download(z)), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    /// <summary>1 input, 3 hidden neurons, 1 output with the weights 10, 20, 30 and the bias 0.5.</summary>
    private static Graph Perceptron(string firstMask, string secondMask, float[] bias) => TinyProblem.Build(
        "mlp",
        [
            new Linear("fc1", "input", "a", "fc1.weight", "fc1.bias"), new Relu("relu", "a", "ra"),
            new Linear("fc2", "ra", "b", "fc2.weight", "fc2.bias"),
        ],
        "b",
        new TensorShape(TensorShape.Symbolic, 1),
        Masked("fc1.weight", [3, 1], firstMask),
        new Weight("fc1.bias", new TensorShape(3), bias),
        Masked("fc2.weight", [1, 3], secondMask),
        new Weight("fc2.bias", new TensorShape(1), [0.5f]));

    /// <summary>Values 10, 20, 30, … where the mask has a 1.</summary>
    private static Weight Masked(string name, int[] shape, string mask) => new(
        name, new TensorShape(shape), [.. Enumerable.Range(1, mask.Length).Select(i => 10f * i)], [.. mask.Select(c => c == '1')]);

    private static string Mask(Graph graph, string weight) =>
        string.Concat((graph.WeightOf(weight).Mask ?? throw new InvalidOperationException("no mask")).ToArray().Select(kept => kept ? '1' : '0'));
}
