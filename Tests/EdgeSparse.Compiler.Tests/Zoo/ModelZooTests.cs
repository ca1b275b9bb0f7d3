using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Zoo;

namespace EdgeSparse.Compiler.Tests.Zoo;

public sealed class ModelZooTests
{
    private const int N = TensorShape.Symbolic;

    [Theory]
    [InlineData("lenet-300-100", 266_200)]
    [InlineData("lenet-5", 430_500)]
    [InlineData("alexnet", 60_954_656)]
    [InlineData("vgg-16", 138_344_128)]
    public void Networks_have_the_weights_of_their_papers(string name, long weights)
    {
        Assert.Equal(weights, ModelZoo.Describe(name).WeightCount);
        Assert.Equal(weights, ModelZoo.Entries.Single(e => e.Name == name).WeightCount);
    }

    [Theory]
    [InlineData("lenet-300-100", 266_610)]
    [InlineData("lenet-5", 431_080)]
    public void Parameters_with_biases_are_those_of_the_papers(string name, int parameters)
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
            "the zoo has no model 'lenet5'; it has lenet-300-100, lenet-5, alexnet, vgg-16",
            Assert.Throws<GraphException>(() => ModelZoo.Create("lenet5", 1)).Message);
        Assert.Contains("N×C×224×224", Assert.Throws<GraphException>(() => ModelZoo.Create("vgg-16", 1, new TensorShape(N, 3, 32, 32))).Message, StringComparison.Ordinal);
        Assert.Contains("at least 16 rows", Assert.Throws<GraphException>(() => ModelZoo.Create("lenet-5", 1, new TensorShape(N, 784))).Message, StringComparison.Ordinal);
        Assert.Contains("at least 2 classes", Assert.Throws<GraphException>(() => ModelZoo.Create("lenet-5", 1, classes: 1)).Message, StringComparison.Ordinal);
        Assert.Contains("1 to 3 more dimensions", Assert.Throws<GraphException>(() => ModelZoo.Create("lenet-300-100", 1, new TensorShape(5))).Message, StringComparison.Ordinal);
    }
}
