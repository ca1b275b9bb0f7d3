using System.Collections.Immutable;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Reconstruction;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Tests.Onnx;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Tests.Pruning.Reconstruction;

public sealed class ReconstructionPrunerTests
{
    private static readonly InputScaling Plain = new([0f], [1f]);

    /// <summary>
    /// Inputs in pairs of equal ones, and weights of which one in each pair is much the larger: magnitude keeps that one, and least
    /// squares gives it the whole pair's sum.
    /// </summary>
    [Fact]
    public void A_layer_whose_inputs_come_in_pairs_loses_nothing_with_half_of_its_columns()
    {
        Graph graph = Pairs();
        ReconstructionResult result = Run(graph, new ReconstructionOptions { Density = 0.5, Ridge = 1e-9 }, new PairedInputs(64));
        Weight weight = result.Graph.WeightOf("fc.weight");
        Assert.Equal([true, false, true, false, true, false, true, false], weight.Mask!.Value.ToArray());
        Assert.All(weight.Values.ToArray().Zip([1.25f, 0, -2.5f, 0, 4.5f, 0, 2.75f, 0]), p => Assert.Equal(p.Second, p.First, 1e-4));
        Assert.Equal(0.5f, result.Graph.WeightOf("fc.bias").Values.Span[0], 1e-4);
        Assert.Equal(1f, result.Graph.WeightOf("fc.bias").Values.Span[1], 1e-4);
        LayerReconstruction layer = Assert.Single(result.Layers);
        Assert.Equal("fc", layer.Layer);
        Assert.InRange(layer.Before, 0.001, 1);
        Assert.InRange(layer.After, 0, 1e-8);
    }

    /// <summary>Of each pair the other column than magnitude would keep, with any values: solved for what the network gave before.</summary>
    [Fact]
    public void Kept_masks_are_solved_for_the_network_before_the_pruning()
    {
        Graph graph = Pairs();
        bool[] mask = [false, true, false, true, true, false, true, false];
        Graph pruned = graph.WithWeights([graph.WeightOf("fc.weight").With([0, 9, 0, 9, 9, 0, 9, 0], mask)]);
        ReconstructionResult result = Run(pruned, new ReconstructionOptions { KeepMasks = true, Ridge = 1e-9 }, new PairedInputs(64), teacher: graph);
        Weight weight = result.Graph.WeightOf("fc.weight");
        Assert.Equal(mask, weight.Mask!.Value.ToArray());
        Assert.All(weight.Values.ToArray().Zip([0, 1.25f, 0, -2.5f, 4.5f, 0, 2.75f, 0]), p => Assert.Equal(p.Second, p.First, 1e-4));
    }

    [Fact]
    public void Kept_masks_need_a_pruning_before_them() => Assert.Equal(
        "no weight of 'pairs' is pruned: keepMasks needs a pruning before it",
        Assert.Throws<PruningException>(() => Run(Pairs(), new ReconstructionOptions { KeepMasks = true }, new PairedInputs(64))).Message);

    [Fact]
    public void Kept_masks_leave_no_room_for_targets() => Assert.Equal(
        "keepMasks prunes nothing more: leave sparsity, density, granularity and layers out",
        new ReconstructionOptions { KeepMasks = true, Sparsity = 0.5 }.FirstFault()!.Message);

    [Fact]
    public void Magnitude_alone_loses_what_least_squares_gets_back()
    {
        Graph graph = Pairs();
        PairedInputs data = new(64);
        ReconstructionResult result = Run(graph, new ReconstructionOptions { Sparsity = 0.5, Ridge = 1e-9 }, data);
        UnlabelledSplit split = new(data);
        Assert.InRange(Evaluator.Evaluate(result.Magnitude, split, Plain, dense: graph).Loss, 0.1, 10);
        Assert.InRange(Evaluator.Evaluate(result.Graph, split, Plain, dense: graph).Loss, 0, 1e-4);
    }

    [Fact]
    public void Later_layers_make_up_for_earlier_ones_and_batch_norm_is_folded_first()
    {
        Graph graph = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 3, 8, 8), seed: 5)
            .Conv("c1", 8, Window2d.Square(3, 1, 1), bias: false).BatchNorm("b1").Relu("r1")
            .Conv("c2", 8, Window2d.Square(3, 2, 1), groups: 2).Relu("r2")
            .ConvTranspose("up", 6, Window2d.Square(2, 2)).Relu("r3")
            .Flatten("flat").Linear("fc", 10).Build();
        NoisePictures data = new(200, 192);
        ReconstructionResult result = Run(graph, new ReconstructionOptions { Sparsity = 0.5 }, data, new TensorShape(3, 8, 8));
        Assert.DoesNotContain(result.Graph.Nodes, n => n is BatchNorm);
        Assert.Equal(["c1", "c2", "up", "fc"], result.Layers.Select(l => l.Layer));
        Assert.All(result.Graph.PrunableNodes, n => Assert.Equal(0.5, result.Graph.WeightOf(n.PrunableWeight!).Density, 0.01));
        Assert.All(result.Layers, l => Assert.True(l.After < l.Before, $"{l.Layer}: {l.Before} to {l.After}"));
        double magnitude = Evaluator.Evaluate(result.Magnitude, new UnlabelledSplit(data), Plain, dense: graph).Loss;
        double solved = Evaluator.Evaluate(result.Graph, new UnlabelledSplit(data), Plain, dense: graph).Loss;
        Assert.InRange(solved / magnitude, 0, 0.6);
    }

    [Fact]
    public void A_layer_that_is_left_whole_is_solved_too_where_its_input_has_changed()
    {
        Graph graph = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 12)).Linear("a", 9).Relu("r").Linear("b", 4).Build();
        var options = new ReconstructionOptions
        {
            Density = 0.5,
            Layers = ImmutableSortedDictionary<string, LayerTarget>.Empty.Add("b", new LayerTarget { Density = 1 }),
        };
        ReconstructionResult result = Run(graph, options, new NoisePictures(300, 12), new TensorShape(12));
        Assert.Equal(["a", "b"], result.Layers.Select(l => l.Layer));
        Assert.Equal(1, result.Graph.WeightOf("b.weight").Density);
        Assert.NotEqual(graph.WeightOf("b.weight").Values.ToArray(), result.Graph.WeightOf("b.weight").Values.ToArray());
        Assert.InRange(result.Layers[1].After, 0, result.Layers[1].Before * 0.9);
    }

    [Theory]
    [InlineData("4x1")]
    [InlineData("2:4")]
    public void Blocks_and_groups_keep_their_form(string granularity)
    {
        Graph graph = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 16)).Linear("fc", 8).Build();
        Granularity form = Granularity.Find(granularity)!;
        ReconstructionResult result = Run(
            graph, new ReconstructionOptions { Density = form.KeptPerGroup is null ? 0.25 : null, Granularity = form }, new NoisePictures(100, 16), new TensorShape(16));
        Assert.Equal(form.KeptPerGroup is null ? 32 : 64, result.Graph.WeightOf("fc.weight").NonZeroCount);
        Assert.Equal(result.Magnitude.WeightOf("fc.weight").Mask!.Value.ToArray(), result.Graph.WeightOf("fc.weight").Mask!.Value.ToArray());
    }

    [Fact]
    public void Fewer_samples_than_weights_are_solved_by_the_ridge_and_told()
    {
        Graph graph = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 40)).Linear("fc", 4).Build();
        NotesSink notes = new();
        ReconstructionResult result = Run(graph, new ReconstructionOptions { Density = 0.9, Samples = 8 }, new NoisePictures(100, 40), new TensorShape(40), notes);
        Assert.Contains("layer 'fc' has 41 weights an output and only 8 places in the samples to solve them from; give more samples", notes.All);
        Assert.All(result.Graph.WeightOf("fc.weight").Values.ToArray(), v => Assert.InRange(v, -3, 3));
    }

    [Fact]
    public void A_layer_of_more_inputs_than_their_products_fit_into_memory_is_solved_too()
    {
        const int inputs = 16400;
        Graph graph = new GraphBuilder(new TensorShape(TensorShape.Symbolic, inputs)).Linear("fc", 2).Build();
        NotesSink notes = new();
        ReconstructionResult result = Run(
            graph, new ReconstructionOptions { Density = 0.3, Samples = 32 }, new NoisePictures(32, inputs), new TensorShape(inputs), notes);
        Assert.Contains("layer 'fc' has 16401 weights an output: solved by conjugate gradients, 2 outputs of a group at a time, in 6 MiB", notes.All);
        LayerReconstruction layer = Assert.Single(result.Layers);
        Assert.InRange(layer.After, 0, layer.Before / 20);
        Assert.Equal(0.3, result.Graph.WeightOf("fc.weight").Density, 0.001);
    }

    [Fact]
    public void Planes_of_a_volume_share_a_weight_that_stays_as_magnitude_leaves_it()
    {
        Graph graph = new OnnxModelBuilder().Input("x", "N", 2, 3, 4, 4).Random("w", 4, 2, 2, 3, 3).Node("Conv", "x w", "h").Node("Flatten", "h", "f")
            .Random("v", 32, 3).Node("MatMul", "f v", "y").Output("y").Import();
        ReconstructionResult result = Run(graph, new ReconstructionOptions { Density = 0.5 }, new NoisePictures(60, 96), new TensorShape(2, 3, 4, 4));
        Assert.Equal(["y"], result.Layers.Select(l => l.Layer));
        Assert.Equal(0.5, result.Graph.WeightOf("w").Density);
        Assert.Equal(result.Magnitude.WeightOf("w").Values.ToArray(), result.Graph.WeightOf("w").Values.ToArray());
    }

    [Fact]
    public void The_allocation_over_the_network_keeps_more_where_weights_are_alike()
    {
        // One layer with equal weights, one with a few large ones among small ones: the second can spare more.
        float[] even = [.. Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? 1f : -1f)];
        float[] peaked = [.. Enumerable.Range(0, 100).Select(i => i % 10 == 0 ? 1f : 0.01f)];
        Graph graph = new(
            "two",
            [new GraphValue("input", new TensorShape(TensorShape.Symbolic, 10))],
            ["y"],
            [new Linear("even", "input", "h", "even.weight", null), new Linear("peaked", "h", "y", "peaked.weight", null)],
            new[] { new Weight("even.weight", new TensorShape(10, 10), even), new Weight("peaked.weight", new TensorShape(10, 10), peaked) }.ToImmutableDictionary(w => w.Name));
        ReconstructionResult result = Run(
            graph, new ReconstructionOptions { Density = 0.5, Allocation = PruningAllocation.Network }, new NoisePictures(100, 10), new TensorShape(10));
        Assert.Equal(100, result.Graph.Weights.Values.Sum(w => w.KeptCount));
        Assert.InRange(result.Graph.WeightOf("peaked.weight").KeptCount, 10, 30);
    }

    [Fact]
    public void A_network_without_weights_is_refused()
    {
        Graph graph = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 4)).Relu("r").Build();
        Assert.Equal(
            "'test' has no layer with weights to prune",
            Assert.Throws<PruningException>(() => Run(graph, new ReconstructionOptions { Density = 0.5 }, new NoisePictures(10, 4), new TensorShape(4))).Message);
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights()
    {
        Graph graph = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 12)).Linear("a", 9).Relu("r").Linear("b", 4).Build();
        float[][] runs = [.. Enumerable.Range(0, 2).Select(_ => Run(
            graph, new ReconstructionOptions { Density = 0.3, Samples = 50 }, new NoisePictures(300, 12), new TensorShape(12)).Graph.WeightOf("b.weight").Values.ToArray())];
        Assert.Equal(runs[0], runs[1]);
    }

    private static ReconstructionResult Run(
        Graph graph, ReconstructionOptions options, DataSplit data, TensorShape? shape = null, IProgressSink? progress = null, Graph? teacher = null) => ReconstructionPruner.Run(
            graph,
            options,
            new TrainingRun { Data = new Dataset("inputs", shape ?? new TensorShape(4), [], Plain, new UnlabelledSplit(data), new UnlabelledSplit(data)), Scaling = Plain, Seed = 1, Teacher = teacher },
            progress ?? IProgressSink.Silent);

    /// <summary>Two outputs of two pairs of equal inputs.</summary>
    private static Graph Pairs() => new(
        "pairs",
        [new GraphValue("input", new TensorShape(TensorShape.Symbolic, 4))],
        ["y"],
        [new Linear("fc", "input", "y", "fc.weight", "fc.bias")],
        new[]
        {
            new Weight("fc.weight", new TensorShape(2, 4), [1, 0.25f, -2, -0.5f, 4, 0.5f, 3, -0.25f]),
            new Weight("fc.bias", new TensorShape(2), [0.5f, 1]),
        }.ToImmutableDictionary(w => w.Name));

    private sealed class PairedInputs(int count) : DataSplit
    {
        public override int Count => count;

        public override int LabelOf(int index) => 0;

        public override void Read(int index, Span<float> destination)
        {
            Random random = new(index);
            for (int i = 0; i < destination.Length; i += 2)
            {
                destination[i] = destination[i + 1] = (random.NextSingle() * 2) - 1;
            }
        }
    }

    private sealed class NoisePictures(int count, int elements) : DataSplit
    {
        public override int Count => count;

        public override int LabelOf(int index) => 0;

        public override void Read(int index, Span<float> destination)
        {
            Random random = new(index);
            for (int i = 0; i < elements; i++)
            {
                destination[i] = (random.NextSingle() * 2) - 1;
            }
        }
    }

    private sealed class NotesSink : IProgressSink
    {
        public List<string> All { get; } = [];

        public IProgressTask Begin(string title, long total, string unit) => IProgressSink.Silent.Begin(title, total, unit);

        public void Note(string message) => All.Add(message);
    }
}
