using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Tests.Training;
using EdgeSparse.Compiler.Zoo;

namespace EdgeSparse.Compiler.Tests.Pruning;

public sealed class SparsityTests
{
    [Fact]
    public void Weights_and_parameters_are_counted_apart()
    {
        NetworkSparsity sparsity = NetworkSparsity.Of(TinyProblem.Perceptron(masked: true));
        Assert.Equal([new LayerSparsity("fc1", 432, 288), new LayerSparsity("fc2", 36, 36)], sparsity.Layers);
        Assert.Equal((468L, 324L, 15L), (sparsity.Total, sparsity.Kept, sparsity.OtherParameters));
        Assert.Equal(324.0 / 468, sparsity.Density, 1e-12);
        Assert.Equal(339.0 / 483, sparsity.ParameterDensity, 1e-12);
    }

    [Fact]
    public void Running_statistics_are_no_parameters() =>
        Assert.Equal(8 + 3, NetworkSparsity.Of(TinyProblem.Convolutional()).OtherParameters);

    [Theory]
    [InlineData("lenet-300-100", 266_200, 410)]
    [InlineData("lenet-5", 430_500, 580)]
    public void The_networks_of_the_paper_have_its_number_of_weights(string name, long weights, long biases)
    {
        NetworkSparsity sparsity = NetworkSparsity.Of(ModelZoo.Create(name, 1));
        Assert.Equal((weights, weights, biases), (sparsity.Total, sparsity.Kept, sparsity.OtherParameters));
    }
}
