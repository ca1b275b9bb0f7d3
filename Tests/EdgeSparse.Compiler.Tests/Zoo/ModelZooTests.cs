using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Training.Torch;
using EdgeSparse.Compiler.Zoo;
using TorchSharp;

namespace EdgeSparse.Compiler.Tests.Zoo;

public sealed class ModelZooTests
{
    private const int N = TensorShape.Symbolic;

    [Theory]
    [InlineData("lenet-300-100", 266_200)]
    [InlineData("lenet-5", 430_500)]
    [InlineData("alexnet", 60_954_656)]
    [InlineData("vgg-16", 138_344_128)]
    [InlineData("mnist-mlp", 32_360)]
    [InlineData("mobilenet-v1", 4_209_088)]
    [InlineData("resnet-18", 11_678_912)]
    [InlineData("resnet-50", 25_502_912)]
    [InlineData("vgg-16-bn", 14_715_584)]
    [InlineData("vgg-19-bn", 20_024_000)]
    [InlineData("resnet-50-cifar", 23_467_712)]
    public void Networks_have_the_weights_of_their_papers(string name, long weights)
    {
        Assert.Equal(weights, ModelZoo.Describe(name).WeightCount);
        Assert.Equal(weights, ModelZoo.Entries.Single(e => e.Name == name).WeightCount);
    }

    [Theory]
    [InlineData("lenet-300-100", 266_610)]
    [InlineData("lenet-5", 431_080)]
    [InlineData("mobilenet-v1", 4_253_864)]
    [InlineData("resnet-18", 11_699_112)]
    [InlineData("resnet-50", 25_610_152)]
    [InlineData("vgg-16-bn", 14_736_714)]
    [InlineData("vgg-19-bn", 20_051_530)]
    [InlineData("resnet-50-cifar", 23_573_962)]
    public void Parameters_with_biases_and_running_statistics_are_those_of_the_papers(string name, int parameters)
    {
        Graph graph = ModelZoo.Create(name, seed: 1);
        Assert.Equal(parameters, graph.Weights.Values.Sum(w => w.ElementCount));
    }

    [Fact]
    public void AlexNet_and_vgg_have_the_maps_of_their_papers_before_the_first_fully_connected_layer()
    {
        Assert.Equal(new TensorShape(N, 1000), ModelZoo.Describe("alexnet").Shape);
        Assert.Equal(new TensorShape(N, 1000), ModelZoo.Describe("vgg-16").Shape);
        Graph small = ModelZoo.Create("alexnet", seed: 3, input: new TensorShape(1, 3, 67, 67), classes: 5);
        Assert.Equal(new TensorShape(1, 96, 15, 15), small.Shapes["conv1"]);
        Assert.Equal(new TensorShape(1, 256, 1, 1), small.Shapes["pool5"]);
        Assert.Equal(new TensorShape(1, 5), small.Shapes["fc3"]);
    }

    [Fact]
    public void Layers_of_lenet_300_100_are_fc1_fc2_fc3_and_those_of_lenet_5_conv1_conv2_fc1_fc2()
    {
        Assert.Equal(["fc1", "fc2", "fc3"], ModelZoo.Create("lenet-300-100", 1).PrunableNodes.Select(n => n.Name));
        Graph lenet5 = ModelZoo.Create("lenet-5", 1);
        Assert.Equal(["conv1", "conv2", "fc1", "fc2"], lenet5.PrunableNodes.Select(n => n.Name));
        Assert.Equal([500, 25_000, 400_000, 5_000], lenet5.PrunableNodes.Select(n => lenet5.WeightOf(n.PrunableWeight!).ElementCount));
    }

    [Fact]
    public void MobileNet_halves_its_maps_five_times_and_has_a_depthwise_and_a_pointwise_layer_a_block()
    {
        Graph graph = ModelZoo.Create("mobilenet-v1", 1);
        Assert.Equal(28, graph.PrunableNodes.Count());
        Assert.Equal(new TensorShape(N, 32, 112, 112), graph.Shapes["conv1"]);
        Assert.Equal(new TensorShape(N, 64, 112, 112), graph.Shapes["conv_pw_1"]);
        Assert.Equal(new TensorShape(N, 512, 14, 14), graph.Shapes["conv_pw_11"]);
        Assert.Equal(new TensorShape(N, 1024, 7, 7), graph.Shapes["conv_pw_13"]);
        Assert.Equal(new TensorShape(N, 1000), graph.Shapes["fc"]);
        Conv2d depthwise = Assert.IsType<Conv2d>(graph.NodeOf("conv_dw_12"));
        Assert.Equal((512, Window2d.Square(3, 2, 1), null), (depthwise.Groups, depthwise.Window, depthwise.Bias));
        Assert.Equal(new TensorShape(512, 1, 3, 3), graph.WeightOf("conv_dw_12.weight").Shape);
    }

    [Fact]
    public void ResNet_strides_in_the_3x3_convolution_and_projects_the_first_shortcut_of_a_stage()
    {
        Graph graph = ModelZoo.Create("resnet-50", 1);
        Assert.Equal((53, 1, 16), (graph.Nodes.OfType<Conv2d>().Count(), graph.Nodes.OfType<Linear>().Count(), graph.Nodes.OfType<Add>().Count()));
        Assert.Equal(
            ["layer1.0.downsample.0", "layer2.0.downsample.0", "layer3.0.downsample.0", "layer4.0.downsample.0"],
            graph.PrunableNodes.Select(n => n.Name).Where(n => n.EndsWith(".downsample.0", StringComparison.Ordinal)));
        Assert.Equal(Window2d.Square(1), ((Conv2d)graph.NodeOf("layer2.0.conv1")).Window);
        Assert.Equal(Window2d.Square(3, 2, 1), ((Conv2d)graph.NodeOf("layer2.0.conv2")).Window);
        Assert.Equal(Window2d.Square(1, 2), ((Conv2d)graph.NodeOf("layer2.0.downsample.0")).Window);
        Assert.Equal(["layer2.1.bn3", "layer2.0.add.relu"], graph.NodeOf("layer2.1.add").Inputs);
        Assert.Equal(new TensorShape(N, 256, 56, 56), graph.Shapes["layer1.2.add"]);
        Assert.Equal(new TensorShape(N, 2048, 7, 7), graph.Shapes["layer4.2.add"]);
        Assert.Equal(new TensorShape(N, 1000), graph.Shapes["fc"]);
    }

    [Fact]
    public void ResNet_18_has_two_convolutions_a_block_and_projects_where_channels_double()
    {
        Graph graph = ModelZoo.Create("resnet-18", 1);
        Assert.Equal((20, 1, 8), (graph.Nodes.OfType<Conv2d>().Count(), graph.Nodes.OfType<Linear>().Count(), graph.Nodes.OfType<Add>().Count()));
        Assert.Equal(Window2d.Square(3, 2, 1), ((Conv2d)graph.NodeOf("layer4.0.conv1")).Window);
        Assert.Equal(["layer1.0.bn2", "maxpool"], graph.NodeOf("layer1.0.add").Inputs);
        Assert.Equal(["layer2.0.bn2", "layer2.0.downsample.1"], graph.NodeOf("layer2.0.add").Inputs);
        Assert.Equal(new TensorShape(N, 512, 7, 7), graph.Shapes["layer4.1.add"]);
    }

    [Fact]
    public void ResNet_50_for_CIFAR_keeps_its_map_to_the_second_stage_and_names_shortcuts_as_its_usual_program_does()
    {
        Graph graph = ModelZoo.Create("resnet-50-cifar", 1);
        Assert.Equal(new TensorShape(N, 256, 32, 32), graph.Shapes["layer1.2.add"]);
        Assert.Equal(new TensorShape(N, 2048, 4, 4), graph.Shapes["layer4.2.add"]);
        Assert.Equal(new TensorShape(2048, 1024, 1, 1), graph.WeightOf("layer4.0.shortcut.0.weight").Shape);
        Assert.Equal(new TensorShape(10, 2048), graph.WeightOf("linear.weight").Shape);
    }

    [Fact]
    public void VGG_for_CIFAR_numbers_its_layers_as_its_usual_program_does()
    {
        Graph sixteen = ModelZoo.Create("vgg-16-bn", 1);
        Assert.Equal(
            ["features.0", "features.3", "features.7", "features.10", "features.14", "features.17", "features.20", "features.24", "features.27", "features.30", "features.34", "features.37", "features.40", "classifier"],
            sixteen.PrunableNodes.Select(n => n.Name));
        Assert.Equal(new TensorShape(512), sixteen.WeightOf("features.41.running_var").Shape);
        Assert.Equal(new TensorShape(64), sixteen.WeightOf("features.0.bias").Shape);
        Assert.Equal(new TensorShape(N, 512, 1, 1), sixteen.Shapes["features.43"]);
        Graph nineteen = ModelZoo.Create("vgg-19-bn", 1, classes: 100);
        Assert.Equal(17, nineteen.PrunableNodes.Count());
        Assert.Equal("features.49", nineteen.PrunableNodes.ElementAt(15).Name);
        Assert.Equal(new TensorShape(100, 512), nineteen.WeightOf("classifier.weight").Shape);
    }

    [Theory]
    [InlineData("mobilenet-v1")]
    [InlineData("resnet-18")]
    [InlineData("resnet-50")]
    [InlineData("resnet-110")]
    [InlineData("resnet-20-b")]
    public void Untrained_deep_networks_keep_their_activations_in_range_and_tell_inputs_apart(string name)
    {
        Graph graph = ModelZoo.Create(name, seed: 11, input: new TensorShape(N, 3, 64, 64), classes: 1000);
        using TorchGraph model = new(graph, TorchDevice.Open("cpu"));
        Random random = new(3);
        float[] samples = [.. Enumerable.Range(0, 2 * model.SampleElements).Select(_ => (random.NextSingle() - 0.5f) * 3.46f)];
        using torch.Tensor x = torch.tensor(samples, [2, model.SampleElements]);
        using torch.Tensor y = model.Forward(x, training: false);
        float[] logits = TorchGraph.Download(y);
        double deviation = Math.Sqrt(logits.Average(v => (double)v * v));
        double difference = Math.Sqrt(logits[..1000].Zip(logits[1000..], (a, b) => (double)(a - b) * (a - b)).Average());
        Assert.InRange(deviation, 0.1, 30);
        Assert.InRange(difference / deviation, 0.02, 2);
        Assert.Equal(2000, logits.Distinct().Count());
    }

    [Fact]
    public void Batch_normalisations_of_the_zoo_fold_away()
    {
        Graph graph = InferenceSimplification.Apply(ModelZoo.Create("resnet-50", 1, new TensorShape(1, 3, 64, 64), 10));
        Assert.DoesNotContain(graph.Nodes, n => n is BatchNorm);
        Assert.Equal(53 + 1 + 16 + 49 + 3, graph.Nodes.Length);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_and_another_seed_others()
    {
        float[] first = [.. ModelZoo.Create("lenet-300-100", 7).WeightOf("fc1.weight").Values.Span];
        float[] again = [.. ModelZoo.Create("lenet-300-100", 7).WeightOf("fc1.weight").Values.Span];
        float[] other = [.. ModelZoo.Create("lenet-300-100", 8).WeightOf("fc1.weight").Values.Span];
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void Starting_weights_are_the_same_bits_on_every_platform()
    {
        ReadOnlySpan<float> weights = ModelZoo.Create("lenet-300-100", 1).WeightOf("fc1.weight").Values.Span;
        Assert.Equal(StartingBits, weights[..3].ToArray().Select(BitConverter.SingleToInt32Bits));
    }

    private static readonly int[] StartingBits = [-1134318273, 997080128, -1113390722];

    [Fact]
    public void Starting_weights_have_the_variance_that_he_derives_and_biases_are_zero()
    {
        Graph graph = ModelZoo.Create("lenet-300-100", 5);
        ReadOnlySpan<float> weights = graph.WeightOf("fc1.weight").Values.Span;
        double squares = 0;
        foreach (float weight in weights)
        {
            squares += (double)weight * weight;
        }

        Assert.Equal(2.0 / 784, squares / weights.Length, 0.01 * 2.0 / 784);
        Assert.Equal(300, graph.WeightOf("fc1.bias").Values.Span.Count(0f));
    }

    [Fact]
    public void Another_input_and_number_of_classes_change_the_first_and_last_layers()
    {
        Graph graph = ModelZoo.Create("lenet-300-100", 1, new TensorShape(N, 3, 32, 32), 100);
        Assert.Equal(new TensorShape(300, 3072), graph.WeightOf("fc1.weight").Shape);
        Assert.Equal(new TensorShape(100, 100), graph.WeightOf("fc3.weight").Shape);
        Graph vector = ModelZoo.Create("lenet-300-100", 1, new TensorShape(N, 64), 4);
        Assert.DoesNotContain(vector.Nodes, n => n is Flatten);
        Graph color = ModelZoo.Create("lenet-5", 1, new TensorShape(N, 3, 32, 32));
        Assert.Equal(new TensorShape(500, 1250), color.WeightOf("fc1.weight").Shape);
    }

    [Fact]
    public void What_a_network_cannot_be_is_refused_with_what_it_can()
    {
        Assert.Equal(
            "the zoo has no model 'lenet5'; it has lenet-300-100, lenet-5, mnist-mlp, alexnet, vgg-16, mobilenet-v1, resnet-18, resnet-50, vgg-16-bn, vgg-19-bn, resnet-50-cifar, "
            + "resnet-20, resnet-32, resnet-44, resnet-56, resnet-110, resnet-20-b, resnet-32-b, resnet-44-b, resnet-56-b, resnet-110-b",
            Assert.Throws<GraphException>(() => ModelZoo.Create("lenet5", 1)).Message);
        Assert.Contains("N×C×224×224", Assert.Throws<GraphException>(() => ModelZoo.Create("vgg-16", 1, new TensorShape(N, 3, 32, 32))).Message, StringComparison.Ordinal);
        Assert.Contains("at least 16 rows", Assert.Throws<GraphException>(() => ModelZoo.Create("lenet-5", 1, new TensorShape(N, 784))).Message, StringComparison.Ordinal);
        Assert.Contains("at least 2 classes", Assert.Throws<GraphException>(() => ModelZoo.Create("lenet-5", 1, classes: 1)).Message, StringComparison.Ordinal);
        Assert.Contains("1 to 3 more dimensions", Assert.Throws<GraphException>(() => ModelZoo.Create("lenet-300-100", 1, new TensorShape(5))).Message, StringComparison.Ordinal);
    }
}
