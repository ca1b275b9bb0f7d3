using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Zoo;

namespace EdgeSparse.Compiler.Tests.Zoo;

public sealed class CifarResNetTests
{
    private const int N = TensorShape.Symbolic;

    [Theory]
    [InlineData("resnet-20", 268_336, 19)]
    [InlineData("resnet-32", 461_872, 31)]
    [InlineData("resnet-44", 655_408, 43)]
    [InlineData("resnet-56", 848_944, 55)]
    [InlineData("resnet-110", 1_719_856, 109)]
    [InlineData("resnet-20-b", 270_896, 21)]
    [InlineData("resnet-32-b", 464_432, 33)]
    [InlineData("resnet-44-b", 657_968, 45)]
    [InlineData("resnet-56-b", 851_504, 57)]
    [InlineData("resnet-110-b", 1_722_416, 111)]
    public void Networks_have_the_weights_and_convolutions_of_their_paper(string name, long weights, int convolutions)
    {
        Graph graph = ModelZoo.Create(name, seed: 1);
        Assert.Equal(weights, ModelZoo.Describe(name).WeightCount);
        Assert.Equal(weights, ModelZoo.Entries.Single(e => e.Name == name).WeightCount);
        Assert.Equal(convolutions, graph.Nodes.OfType<Conv2d>().Count());
        Assert.Equal(new TensorShape(N, 10), graph.Shapes[graph.Outputs[0]]);
    }

    [Fact]
    public void Maps_halve_and_channels_double_at_the_second_and_third_stage()
    {
        Graph graph = ModelZoo.Create("resnet-20", 1);
        Assert.Equal(new TensorShape(N, 16, 32, 32), graph.Shapes["layer1.2.add"]);
        Assert.Equal(new TensorShape(N, 32, 16, 16), graph.Shapes["layer2.0.add"]);
        Assert.Equal(new TensorShape(N, 64, 8, 8), graph.Shapes["layer3.2.add"]);
        Assert.Equal(Window2d.Square(3, 2, 1), ((Conv2d)graph.NodeOf("layer3.0.conv1")).Window);
        Assert.Equal(Window2d.Square(3, 1, 1), ((Conv2d)graph.NodeOf("layer3.1.conv1")).Window);
    }

    [Fact]
    public void Option_A_takes_every_second_pixel_and_zeros_on_both_sides_of_the_channels()
    {
        Graph graph = ModelZoo.Create("resnet-20", 1);
        Slice pixels = Assert.IsType<Slice>(graph.NodeOf("layer2.0.shortcut.pixels"));
        Assert.Equal([new SliceRange(0, 1, N), new SliceRange(0, 1, 16), new SliceRange(0, 2, 16), new SliceRange(0, 2, 16)], pixels.Ranges);
        Pad channels = Assert.IsType<Pad>(graph.NodeOf("layer2.0.shortcut.channels"));
        Assert.Equal([0, 8, 0, 0], channels.Before);
        Assert.Equal([0, 8, 0, 0], channels.After);
        Assert.Equal((PadMode.Constant, 0f), (channels.Mode, channels.Value));
        Assert.Equal(["layer2.0.bn2", "layer2.0.shortcut.channels"], graph.NodeOf("layer2.0.add").Inputs);
        Assert.Equal(["layer2.1.bn2", "layer2.0.add.relu"], graph.NodeOf("layer2.1.add").Inputs);
    }

    [Fact]
    public void Option_B_projects_by_a_1x1_convolution_of_stride_2()
    {
        Graph graph = ModelZoo.Create("resnet-20-b", 1);
        Assert.Equal(Window2d.Square(1, 2), Assert.IsType<Conv2d>(graph.NodeOf("layer3.0.shortcut.0")).Window);
        Assert.Equal(["layer3.0.bn2", "layer3.0.shortcut.1"], graph.NodeOf("layer3.0.add").Inputs);
        Assert.DoesNotContain(graph.Nodes, n => n is Slice or Pad);
    }

    [Fact]
    public void Color_pictures_are_scaled_as_the_published_weights_need_them()
    {
        InputScaling scaling = InputScaling.Of(ModelZoo.Create("resnet-20", 1))!;
        Assert.Equal([0.485f, 0.456f, 0.406f], scaling.Mean);
        Assert.Equal([0.229f, 0.224f, 0.225f], scaling.Std);
        Assert.Equal([0.5f, 0.5f, 0.5f], InputScaling.Of(ModelZoo.Create("resnet-20-b", 1))!.Mean);
        Assert.Equal([0.5f, 0.5f, 0.5f], InputScaling.Of(ModelZoo.Create("resnet-20-b", 1))!.Std);
        Assert.Null(InputScaling.Of(ModelZoo.Create("resnet-20", 1, new TensorShape(N, 1, 28, 28))));
    }

    [Fact]
    public void Odd_maps_halve_as_convolutions_of_stride_2_do()
    {
        Graph graph = ModelZoo.Create("resnet-20", 1, new TensorShape(N, 1, 27, 27), 5);
        Assert.Equal(new TensorShape(N, 32, 14, 14), graph.Shapes["layer2.0.add"]);
        Assert.Equal(new TensorShape(N, 64, 7, 7), graph.Shapes["layer3.0.add"]);
        Assert.Equal(new TensorShape(N, 5), graph.Shapes["linear"]);
    }

    [Theory]
    [InlineData("resnet-20", "resnet-cifar10/resnet20.safetensors")]
    [InlineData("resnet-56", "resnet-cifar10/resnet56.safetensors")]
    [InlineData("resnet-20-b", "woodfisher/resnet20_cifar10.safetensors")]
    public void Published_state_dictionaries_fit_as_they_are(string network, string file)
    {
        string path = SharedModels.Path(file);
        Graph graph = WeightsFile.LoadInto(ModelZoo.Create(network, 1), path);
        IReadOnlyDictionary<string, Weight> read = SafetensorsFile.Read(path);
        Assert.Equal(read.Count, graph.Weights.Count);
        Assert.Equal(read["conv1.weight"].Values.ToArray(), graph.WeightOf("conv1.weight").Values.ToArray());
        Assert.Equal(read["layer3.0.bn2.running_var"].Values.ToArray(), graph.WeightOf("layer3.0.bn2.running_var").Values.ToArray());
    }
}
