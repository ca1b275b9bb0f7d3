using System.Collections.Immutable;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Criteria;
using EdgeSparse.Compiler.Tests.Training;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Pruning.Criteria;

public sealed class CriterionOptionsTests
{
    private static readonly TrainingOptions Training = new() { Epochs = 3 };

    [Fact]
    public void Options_that_contradict_each_other_are_one_line()
    {
        Refused("nothing to prune: give sparsity, or layers", new MagnitudeOptions());
        Refused("gradual pruning needs training in between: give \"training\"", new MagnitudeOptions { Sparsity = 0.5, Gradual = new GradualOptions() });
        Refused(
            "gradual pruning ends at epoch 5, but the training has 3 epochs",
            new MagnitudeOptions { Sparsity = 0.5, Gradual = new GradualOptions(), Training = Training });
        Refused(
            "the granularity 2:4 by itself keeps 2 of 4 weights; leave sparsity out",
            new MagnitudeOptions { Sparsity = 0.5, Granularity = Granularity.TwoOfFour });
        Refused("the threshold rule is for single weights", new MagnitudeOptions { Sparsity = 0.5, Rule = SelectionRule.Threshold, Granularity = Granularity.Block1x4 });
        Refused("layer 'fc1' is excluded and has a sparsity; which one?", new MagnitudeOptions { Exclude = ["fc1"], Layers = Layer("fc1", 0.5) });
        Refused(
            "movement pruning judges weights by how they move in training: give gradual and training", new MovementOptions { Sparsity = 0.5 });
        Refused(
            "movement pruning needs an epoch of training before it can judge: give gradual a startEpoch of 1 or more",
            new MovementOptions { Sparsity = 0.5, Gradual = new GradualOptions { EndEpoch = 2 }, Training = Training });
        Refused(
            "greedy updates go with joint selection by the exact rule, without taylor and flopPower",
            new WoodFisherOptions { Sparsity = 0.5, Update = SurvivorUpdate.Greedy, Taylor = true });
        Assert.Equal("endEpoch is 1, before startEpoch, 2", new GradualOptions { StartEpoch = 2, EndEpoch = 1 }.FirstFault()!.Message);
    }

    [Fact]
    public void Layers_that_are_not_there_or_have_no_room_are_one_line()
    {
        Refused(
            "graph 'tiny-mlp' has no layer 'fc11'; it has flatten, fc1, relu, dropout, fc2", new MagnitudeOptions { Sparsity = 0.5, Exclude = ["fc11"] });
        Refused("layer 'relu' has no weights to prune", new MagnitudeOptions { Sparsity = 0.5, Exclude = ["relu"] });
        Refused("no layer of 'tiny-mlp' is left to prune", new MagnitudeOptions { Sparsity = 0.5, Exclude = ["fc1", "fc2"] });
    }

    private static ImmutableSortedDictionary<string, LayerGoal> Layer(string name, double sparsity) =>
        ImmutableSortedDictionary<string, LayerGoal>.Empty.Add(name, new LayerGoal { Sparsity = sparsity });

    private static void Refused(string message, CriterionOptions options) =>
        Assert.Equal(message, Assert.ThrowsAny<EdgeSparseException>(() => PrunedLayer.Of(TinyProblem.Perceptron(), options)).Message);
}
