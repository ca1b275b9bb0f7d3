using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Structured.DepGraph;
using EdgeSparse.Compiler.Pruning.Structured.GateDecorator;
using EdgeSparse.Compiler.Pruning.Structured.Oto;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Tests.Training;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Pruning.Structured;

/// <summary>What no host can do is one line that says so.</summary>
public sealed class BadInputTests
{
    private static readonly TrainingOptions Short = new() { Epochs = 1, BatchSize = 16, Optimizer = new OptimizerOptions { LearningRate = 0.01 } };

    private static TrainingRun Run => TinyProblem.Run(new TrainingOptions());

    public static TheoryData<string> Hosts => ["depgraph", "oto", "gate-decorator"];

    [Theory]
    [MemberData(nameof(Hosts))]
    public void Parameters_that_would_empty_a_layer_are_refused_with_the_reachable_share(string host)
    {
        PruningException error = Assert.Throws<PruningException>(() => Prune(host, TinyProblem.Convolutional(), Run, parameters: 0.01));
        Assert.Matches(@"^parameters = 0\.01 cannot be met without emptying a layer( or touching what has to stay whole)?: at least 0\.2\d\d\d stays$", error.Message);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public void The_state_of_another_network_is_refused(string host)
    {
        using TemporaryFolder folder = new();
        TrainingRun run = Run with { CheckpointPath = folder.File("run") };
        using CancellationTokenSource stop = new();
        Assert.Throws<OperationCanceledException>(() => Prune(host, TinyProblem.Convolutional(), run, new StopAfter(4, stop), stop.Token));
        Graph other = TinyProblem.Convolutional();
        other = other.WithWeights([TinyProblem.Filled("bn.scale", 0.9f, 4)]);
        TrainingException error = Assert.Throws<TrainingException>(() => Prune(host, other, run));
        Assert.EndsWith("is of another run (other weights, options, data or seed); delete it or name another file", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public void Weights_that_are_no_numbers_are_one_line(string host)
    {
        Graph broken = TinyProblem.Convolutional().WithWeights([TinyProblem.Filled("bn.scale", float.NaN, 4)]);
        EdgeSparseException error = Assert.ThrowsAny<EdgeSparseException>(() => Prune(host, broken, Run));
        Assert.Contains("NaN", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void An_importance_that_is_no_number_names_its_group()
    {
        Graph broken = TinyProblem.Convolutional().WithWeights([TinyProblem.Filled("bn.scale", float.NaN, 4)]);
        PruningException error = Assert.Throws<PruningException>(() => DepGraphPruner.Run(
            broken, new DepGraphOptions { Macs = 0.5, FineTune = null }, Run, IProgressSink.Silent, TestContext.Current.CancellationToken));
        Assert.Equal("the importance of channel 0 of group 'conv' is NaN: a weight of conv or of what follows is no number", error.Message);
    }

    [Fact]
    public void An_operator_that_is_not_known_is_noted_with_the_groups_it_keeps_whole_and_the_others_are_pruned()
    {
        Graph graph = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 3, 6, 6))
            .Conv("conv", 4, Window2d.Square(3, 1, 1))
            .Append(new LocalResponseNorm("norm", "conv.out", "norm.out", 3, 1e-4f, 0.75f, 1))
            .Conv("conv2", 8, Window2d.Square(3, 1, 1)).Relu("relu").Conv("last", 2, Window2d.Square(1)).Build();
        Notes notes = new();
        Graph smaller = DepGraphPruner.Run(graph, new DepGraphOptions { Macs = 0.7, FineTune = null }, Run, notes, TestContext.Current.CancellationToken);
        Assert.Equal(
            "stay whole: conv (the dependency graph does not follow channels through layer 'norm' (LocalResponseNorm))",
            Assert.Single(notes.Messages, m => m.StartsWith("stay whole", StringComparison.Ordinal)));
        Assert.Equal(4, smaller.WeightOf("conv.weight").Shape[0]);
        Assert.True(smaller.WeightOf("conv2.weight").Shape[0] < 8);
    }

    private static Graph Prune(string host, Graph graph, TrainingRun run, IProgressSink? progress = null, CancellationToken? cancellation = null, double? parameters = null)
    {
        IProgressSink sink = progress ?? IProgressSink.Silent;
        CancellationToken token = cancellation ?? TestContext.Current.CancellationToken;
        double? macs = parameters is null ? 0.5 : null;
        return host switch
        {
            "depgraph" => DepGraphPruner.Run(graph, new DepGraphOptions { Macs = macs, Parameters = parameters, Pruning = Short, FineTune = null }, run, sink, token),
            "oto" => OtoPruner.Run(graph, new OtoOptions { Macs = macs, Parameters = parameters, Training = Short, StartEpochs = 0, HalfSpaceEpochs = 0 }, run, sink, token),
            _ => GateDecoratorPruner.Run(graph, new GateDecoratorOptions { Macs = macs, Parameters = parameters, Share = 0.1, Tick = Short, Tock = Short, FineTune = null }, run, sink, token),
        };
    }

    private sealed class Notes : IProgressSink
    {
        public List<string> Messages { get; } = [];

        public IProgressTask Begin(string title, long total, string unit) => IProgressSink.Silent.Begin(title, total, unit);

        public void Note(string message) => Messages.Add(message);
    }
}
