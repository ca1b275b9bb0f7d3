using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Zoo;

namespace EdgeSparse.Compiler.Tests.Zoo;

public sealed class MnistMlpTests
{
    [Fact]
    public void It_has_three_layers_without_biases_and_the_scaling_of_its_published_weights()
    {
        Graph graph = ModelZoo.Create("mnist-mlp", 1);
        Assert.Equal(["fc1.weight", "fc2.weight", "fc3.weight"], graph.Weights.Keys.Order());
        Assert.Equal(new TensorShape(40, 784), graph.WeightOf("fc1.weight").Shape);
        Assert.Equal([0.1307f], InputScaling.Of(graph)!.Mean);
        Assert.Equal([0.3081f], InputScaling.Of(graph)!.Std);
        Assert.Null(InputScaling.Of(ModelZoo.Create("mnist-mlp", 1, new TensorShape(TensorShape.Symbolic, 784))));
    }

    [Theory]
    [InlineData("woodfisher/mnist_25_epoch_93.97.ckpt")]
    [InlineData("woodfisher/mnist_mlpnet.safetensors")]
    public void The_published_checkpoint_reaches_the_accuracy_in_its_name(string file)
    {
        string weights = SharedModels.Path(file);
        Assert.SkipWhen(DatasetCatalog.FolderOf(DatasetCatalog.EntryOf("mnist"), new DataLocations()) is null, "there is no MNIST");
        Graph graph = WeightsFile.LoadInto(ModelZoo.Create("mnist-mlp", 1), weights);
        EvaluationResult result = Evaluator.Evaluate(graph, DatasetCatalog.Open("mnist", new DataLocations()).Test, InputScaling.Of(graph)!);
        Assert.Equal((10_000, 603), (result.Samples, result.Wrong));
    }
}
