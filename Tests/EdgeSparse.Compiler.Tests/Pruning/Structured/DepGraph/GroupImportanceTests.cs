using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Pruning.Structured.DepGraph;
using EdgeSparse.Compiler.Tests.Training;

namespace EdgeSparse.Compiler.Tests.Pruning.Structured.DepGraph;

public sealed class GroupImportanceTests
{
    private static Graph Network(float first = 1) => TinyProblem.Build(
        "worked",
        [
            new Conv2d("convA", "input", "a", "convA.weight", null, Window2d.Square(1), 1),
            new BatchNorm("bnA", "a", "b", "bnA.scale", "bnA.shift", "bnA.mean", "bnA.variance", 1e-5f),
            new Conv2d("convB", "b", "c", "convB.weight", null, Window2d.Square(1), 1),
        ],
        "c",
        new TensorShape(TensorShape.Symbolic, 2, 1, 1),
        new Weight("convA.weight", new TensorShape(3, 2, 1, 1), [first, 2, 0.5f, 0.5f, 1, 0]),
        new Weight("bnA.scale", new TensorShape(3), [1, 0.5f, 0.5f]),
        TinyProblem.Zeros("bnA.shift", 3),
        TinyProblem.Zeros("bnA.mean", 3),
        TinyProblem.Filled("bnA.variance", 1, 3),
        new Weight("convB.weight", new TensorShape(2, 3, 1, 1), [1, 0.5f, 0.5f, -1, 0, 0.5f]));

    private static double[] Raw(ImportanceReduction reduction, double norm = 2)
    {
        Graph graph = Network();
        GroupImportance importance = new(DependencyGraph.Of(graph), new ImportanceOptions { Reduction = reduction, Norm = norm });
        return importance.Raw(0, name => graph.WeightOf(name).Values.ToArray());
    }

    [Fact]
    public void Scores_are_the_worked_ones()
    {
        Near([8, 1, 1.75], Raw(ImportanceReduction.Sum));
        double[] mean = Raw(ImportanceReduction.Mean);
        Near([2.666666667, 0.333333333, 0.583333333], mean);
        Near([2.232558140, 0.279069767, 0.488372093], GroupImportance.Scaled(mean, ImportanceScale.Mean));
        Near([1, 0.125, 0.21875], GroupImportance.Scaled(mean, ImportanceScale.Max));
        Near([5, 0.5, 1], Raw(ImportanceReduction.Max));
        Near([10, 0.03125, 0.125], Raw(ImportanceReduction.Product));
        Near([5, 0.5, 1], Raw(ImportanceReduction.First));
        Near([6, 2, 2.5], Raw(ImportanceReduction.Sum, norm: 1));
    }

    [Fact]
    public void Pulls_are_the_worked_ones_by_either_reading()
    {
        double[] scores = GroupImportance.Scaled(Raw(ImportanceReduction.Mean), ImportanceScale.Max);
        Near([1, 16, 9.805925232], GroupSparsity.Pulls(scores, new SparseLearningOptions())!);
        Near([1, 16, 11.887954313], GroupSparsity.Pulls(scores, new SparseLearningOptions { OnImportance = true })!);
        Assert.Null(GroupSparsity.Pulls([0.3, 0.3], new SparseLearningOptions()));
    }

    [Fact]
    public void A_weight_that_is_no_number_is_refused_by_name()
    {
        Graph graph = Network(float.NaN);
        PruningException error = Assert.Throws<PruningException>(() =>
            new GroupImportance(DependencyGraph.Of(graph), new ImportanceOptions()).Raw(0, name => graph.WeightOf(name).Values.ToArray()));
        Assert.Equal("the importance of channel 0 of group 'convA' is NaN: a weight of convA or of what follows is no number", error.Message);
    }

    private static void Near(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 1e-6));
    }
}
