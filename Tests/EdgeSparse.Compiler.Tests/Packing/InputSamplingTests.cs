using System.Collections.Immutable;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Graphs;

namespace EdgeSparse.Compiler.Tests.Packing;

public sealed class InputSamplingTests
{
    [Fact]
    public void Weights_that_meet_inputs_are_counted_at_the_networks_own_input_and_after_an_activation()
    {
        // fc1 reads (1, 0, 0, 0) and (1, 2, 0, 0), and has two weights for each of the first two inputs: 6 of 8 meet something.
        // It gives (x0, −x0, x1, −x1), after the ReLU (1, 0, 0, 0) and (1, 0, 2, 0): 3 of 8 for fc2, which has all weights.
        Graph graph = new GraphBuilder(new TensorShape(1, 4))
            .Linear("fc1", 4, bias: false).Relu("relu").Linear("fc2", 3).Sigmoid("sigmoid").Linear("fc3", 2).Build();
        graph = graph.WithWeights([graph.WeightOf("fc1.weight").With([1, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0, 0, 0, -1, 0, 0])]);
        FeatureSplit samples = new([1, 0, 0, 0, 1, 2, 0, 0], [0, 0], 4);
        ImmutableDictionary<string, NonZeroInputs> found = Measure(graph, samples);
        Assert.Equal(
            [("fc1", 75, 2, "digits"), ("fc2", 38, 2, "digits"), ("fc3", 100, 2, "digits")],
            found.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => (f.Key, f.Value.Percent, f.Value.Samples, f.Value.Source)));
    }

    [Fact]
    public void Samples_are_scaled_before_they_are_counted()
    {
        Graph graph = new GraphBuilder(new TensorShape(1, 4)).Linear("fc", 2).Build();
        FeatureSplit samples = new([0, 0, 0.5f, 1], [0], 4);
        Assert.Equal(50, Measure(graph, samples)["fc"].Percent);
        Assert.Equal(75, Measure(graph, samples, new InputScaling([0.5f], [1]))["fc"].Percent);
    }

    [Fact]
    public void Convolutions_of_one_pixel_count_and_others_do_not()
    {
        Graph graph = new GraphBuilder(new TensorShape(1, 1, 4, 4))
            .Conv("conv", 6, Window2d.Square(3)).Relu("relu").GlobalAveragePool("mean").Conv("classes", 3, Window2d.Square(1)).Build();
        Assert.Equal(["classes"], Measure(graph, new FeatureSplit(new float[16], [0], 16)).Keys);
    }

    [Fact]
    public void At_most_256_samples_are_run_spread_evenly_over_all()
    {
        // The first half of 1000 samples is zero.
        Graph graph = new GraphBuilder(new TensorShape(1, 2)).Linear("fc", 2).Build();
        float[] features = [.. Enumerable.Range(0, 2000).Select(i => i < 1000 ? 0f : 1)];
        NonZeroInputs found = Measure(graph, new FeatureSplit(features, new int[1000], 2))["fc"];
        Assert.Equal((50, 256), (found.Percent, found.Samples));
    }

    [Fact]
    public void Without_fully_connected_layers_or_samples_nothing_is_known()
    {
        Graph conv = new GraphBuilder(new TensorShape(1, 1, 4, 4)).Conv("conv", 2, Window2d.Square(3)).Build();
        Assert.Empty(Measure(conv, new FeatureSplit(new float[16], [0], 16)));
        Graph linear = new GraphBuilder(new TensorShape(1, 2)).Linear("fc", 2).Build();
        Assert.Empty(Measure(linear, new FeatureSplit([], [], 2)));
    }

    [Fact]
    public void A_network_packed_with_what_was_measured_gives_the_same_results_by_columns()
    {
        Graph graph = new GraphBuilder(new TensorShape(1, 400)).Linear("fc1", 64).Relu("relu").Linear("fc2", 10).Build();
        float[] sample = [.. Enumerable.Range(0, 400).Select(i => i % 40 == 3 ? 1f : 0)];
        PackOptions options = new() { Lanes = 4, NonZeroInputs = Measure(graph, new FeatureSplit(sample, [0], 400)) };
        PackedModel packed = Packer.Pack(graph, options);
        Assert.Equal(WeightLayout.Csc, packed.Layers[0].Layout);
        Assert.EndsWith("; 2 % of weights meet inputs that are not zero (1 sample of digits)", packed.Layers[0].Reason);
        using var model = Runtime.Model.FromBytes(packed.Bytes.Span);
        using var session = model.CreateSession();
        float[] output = new float[10];
        session.Run(sample, output);
        Assert.All(GraphEvaluator.Run(graph, sample).Zip(output), p => Assert.Equal(p.First, p.Second, 1e-5));
        Assert.Equal("Csc16", BlobInspector.Inspect(packed.Bytes.Span).Tensors[0].Format);
    }

    private static ImmutableDictionary<string, NonZeroInputs> Measure(Graph graph, DataSplit samples, InputScaling? scaling = null) =>
        InputSampling.Measure(graph, samples, scaling, "digits", IProgressSink.Silent, TestContext.Current.CancellationToken);
}
