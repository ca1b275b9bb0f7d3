using System.Text.Json;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Tests.Training;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Packing.Tuning;

/// <summary>Choosing by times that a test makes up: no time is measured, but where the test is about measuring.</summary>
public sealed class FormatTuningTests : IDisposable
{
    private static readonly PackOptions Options = new() { TargetId = "pc", Lanes = 8 };

    private readonly TemporaryFolder folder = new();

    private string Table => folder.File("costs.json");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("csr-delta8")]
    [InlineData("dense")]
    public void The_fastest_format_is_chosen_whatever_the_model_says(string fastest)
    {
        FakeTimer timer = new(c => WeightLayouts.NameOf(c.Layout) == fastest ? 5 : 10);
        (PackedModel packed, TuningCount? count) = Pack(Network(), timer);
        Assert.Equal(fastest, WeightLayouts.NameOf(packed.Layers[0].Layout));
        Assert.Equal(5, packed.Layers[0].MeasuredMicroseconds);
        Assert.StartsWith($"measured {fastest}", packed.Layers[0].Reason);
        Assert.Equal(new TuningCount(2, 0, 0, null), count);
    }

    [Fact]
    public void The_fastest_number_of_chunks_is_chosen_and_the_reason_says_it()
    {
        FakeTimer timer = new(c => c is { Layout: WeightLayout.Csr, Chunks: 4 } ? 5 : 10);
        PackedLayer layer = Pack(Network(), timer).Packed.Layers[0];
        Assert.Equal(WeightLayout.Csr, layer.Layout);
        Assert.StartsWith("measured csr in 4 chunks 5 µs, ", layer.Reason);
    }

    [Theory]
    [InlineData(9.81, false)]
    [InlineData(9.79, true)]
    public void A_gain_below_two_percent_does_not_change_the_models_choice(double time, bool changes)
    {
        WeightLayout predicted = Packer.Pack(Network(), Options).Layers[0].Layout;
        Assert.NotEqual(WeightLayout.Dense, predicted);

        // The model's format, in numbers of chunks that it does not plan, is faster by a little less or more than that.
        FakeTimer timer = new(c => c.Layout == predicted ? (c.IsPlanned ? 10 : time) : 100);
        PackedLayer layer = Pack(Network(), timer).Packed.Layers[0];
        Assert.Equal(changes ? time : 10, layer.MeasuredMicroseconds);
    }

    [Fact]
    public void Every_trial_is_a_network_of_the_layer_that_computes_what_the_layer_computes()
    {
        Graph graph = Network();
        FakeTimer timer = new(_ => 1);
        Pack(graph, timer);
        Assert.Equal(2, timer.Asked.Count);
        Assert.True(timer.Asked[0].Count > 4, $"{timer.Asked[0].Count} candidates");
        foreach (IReadOnlyList<Trial> trials in timer.Asked)
        {
            float[]? expected = null;
            foreach (Trial trial in trials)
            {
                using Model model = Model.FromBytes(trial.Blob);
                using Session session = model.CreateSession();
                float[] input = [.. Enumerable.Range(0, model.Inputs[0].ElementCount).Select(i => (float)Math.Sin(i))];
                float[] output = new float[model.Outputs[0].ElementCount];
                session.Run(input, output);
                expected ??= output;
                Assert.All(expected.Zip(output), p => Assert.Equal(p.First, p.Second, 1e-4f));
                Assert.Single(model.Layers, l => l.Name == TrialNetwork.Step);
            }
        }
    }

    [Fact]
    public void Times_of_the_same_layer_are_taken_from_the_table_and_others_are_measured()
    {
        FakeTimer timer = new(c => c.Layout == WeightLayout.CsrDelta8 ? 5 : 10);
        PackedModel first = Pack(Network(), timer, Table).Packed;
        Assert.Equal(2, timer.Asked.Count);
        FakeTimer never = new(_ => throw new InvalidOperationException("nothing is to be measured"));
        (PackedModel again, TuningCount? count) = Pack(Network(), never, Table);
        Assert.Equal(first.Bytes.ToArray(), again.Bytes.ToArray());
        Assert.Equal(new TuningCount(0, 2, 0, Table), count);

        // Another mask in the first layer only.
        FakeTimer second = new(_ => 7);
        (_, count) = Pack(Network(seed: 2, linearSeed: 1), second, Table);
        Assert.Equal(new TuningCount(1, 1, 0, Table), count);
        Assert.Equal(3, CostTable.Read(Table).Targets[0].Layers.Length);
    }

    [Fact]
    public void Without_tuning_a_table_chooses_by_its_times_where_it_knows_the_layer_and_by_fitted_costs_elsewhere()
    {
        // Dense layers are made out to cost next to nothing.
        Pack(Network(), new FakeTimer(c => c.Layout == WeightLayout.Dense ? 0.01 : 100), Table);
        (PackedModel packed, TuningCount? count) = Pack(Network(seed: 2, linearSeed: 1), null, Table);
        Assert.Equal(new TuningCount(0, 1, 1, Table), count);
        Assert.Equal([WeightLayout.Dense, WeightLayout.Dense], packed.Layers.Select(l => l.Layout));
        Assert.StartsWith("predicted ", packed.Layers[0].Reason);
        Assert.StartsWith("measured dense 0.01 µs, ", packed.Layers[1].Reason);
    }

    [Fact]
    public void Another_versions_times_are_measured_anew()
    {
        Pack(Network(), new FakeTimer(_ => 5), Table);
        CostTable table = CostTable.Read(Table);
        table.With(table.Targets[0] with { Version = "0.0.1" }).Write(Table);
        Assert.Equal(new TuningCount(2, 0, 0, Table), Pack(Network(), new FakeTimer(_ => 5), Table).Count);
    }

    [Fact]
    public void A_format_that_is_asked_for_is_not_measured()
    {
        FakeTimer timer = new(_ => 5);
        FormatTuning tuning = new("pc", 8, "Some Processor", null, measure: true) { Timer = timer };
        (PackedModel packed, _) = tuning.Pack(
            Network(), Options with { Formats = Options.Formats.Add("conv", WeightLayout.Dense) }, IProgressSink.Silent, TestContext.Current.CancellationToken);
        Assert.Equal(WeightLayout.Dense, packed.Layers[0].Layout);
        Assert.Null(packed.Layers[0].MeasuredMicroseconds);
        Assert.Single(timer.Asked);
    }

    [Fact]
    public void The_choice_and_its_time_are_in_the_metadata()
    {
        PackedModel packed = Pack(Network(), new FakeTimer(c => c.Layout == WeightLayout.Dense ? 5 : 10)).Packed;
        using Model model = Model.FromBytes(packed.Bytes.Span);
        JsonElement layer = JsonDocument.Parse(model.MetadataJson).RootElement.GetProperty("layers")[0];
        Assert.Equal("dense", layer.GetProperty("format").GetString());
        Assert.Equal(5, layer.GetProperty("measuredMicroseconds").GetDouble());
        Assert.StartsWith("measured dense 5 µs, ", layer.GetProperty("reason").GetString());
    }

    [Fact]
    public void What_is_cancelled_writes_no_table()
    {
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        FormatTuning tuning = new("pc", 8, "Some Processor", Table, measure: true) { Timer = new FakeTimer(_ => 5) };
        Assert.Throws<OperationCanceledException>(() => tuning.Pack(Network(), Options, IProgressSink.Silent, cancelled.Token));
        Assert.False(File.Exists(Table));
    }

    [Fact]
    public void What_ends_early_keeps_the_layers_measured_and_goes_on_with_the_others()
    {
        PackedModel expected = Pack(Network(), new FakeTimer(TimeOf)).Packed;
        using CancellationTokenSource interrupted = new();
        FakeTimer first = new(c =>
        {
            interrupted.Cancel();
            return TimeOf(c);
        });
        FormatTuning tuning = new("pc", 8, "Some Processor", Table, measure: true) { Timer = first };
        Assert.Throws<OperationCanceledException>(() => tuning.Pack(Network(), Options, IProgressSink.Silent, interrupted.Token));
        Assert.Equal("convolution", Assert.Single(Assert.Single(CostTable.Read(Table).Targets).Layers).Operation);
        Assert.Equal([Table], Directory.GetFiles(folder.Path));

        FakeTimer second = new(TimeOf);
        (PackedModel packed, TuningCount? count) = Pack(Network(), second, Table);
        Assert.Equal(new TuningCount(1, 1, 0, Table), count);
        Assert.Single(second.Asked);
        Assert.Equal(expected.Bytes.ToArray(), packed.Bytes.ToArray());

        static double TimeOf(FormatCandidate candidate) => 10 + (int)candidate.Layout;
    }

    [Fact]
    public void What_ends_early_leaves_the_other_parts_of_the_table()
    {
        Pack(Network(), new FakeTimer(_ => 5), Table);
        TargetCosts other = CostTable.Read(Table).Targets[0];
        FormatTuning tuning = new("pc", 8, "Other Processor", Table, measure: true)
        {
            Timer = new FakeTimer(c => c.Work.Rows > 100 ? 7 : throw new InvalidOperationException("the second layer ends it")),
        };
        Assert.Throws<InvalidOperationException>(() => tuning.Pack(Network(), Options, IProgressSink.Silent, TestContext.Current.CancellationToken));
        CostTable table = CostTable.Read(Table);
        Assert.Equal([("Other Processor", 1), ("Some Processor", 2)], table.Targets.Select(t => (t.Processor, t.Layers.Length)));
        Assert.Equal(other.Costs.Linear, table.Targets[1].Costs.Linear);
    }

    [Fact]
    public void A_spoilt_table_is_left_as_it_is()
    {
        File.WriteAllText(Table, "{}");
        Assert.Throws<PackingException>(() => Pack(Network(), new FakeTimer(_ => 5), Table));
        Assert.Equal("{}", File.ReadAllText(Table));
    }

    [Fact]
    public void The_runtime_times_every_candidate()
    {
        FakeTimer timer = new(_ => 1);
        Pack(Network(), timer);
        IReadOnlyList<double> times = TuningMachine.Timer(4).Measure(timer.Asked[0], TestContext.Current.CancellationToken);
        Assert.Equal(timer.Asked[0].Count, times.Count);
        Assert.All(times, t => Assert.True(t > 0));
    }

    private static (PackedModel Packed, TuningCount? Count) Pack(Graph graph, FakeTimer? timer, string? table = null) =>
        new FormatTuning("pc", 8, "Some Processor", table, measure: timer is not null) { Timer = timer }
            .Pack(graph, Options, IProgressSink.Silent, TestContext.Current.CancellationToken);

    /// <summary>A convolution and a fully connected layer, pruned at random.</summary>
    private static Graph Network(int seed = 1, int linearSeed = 1)
    {
        Graph graph = new GraphBuilder(new TensorShape(1, 64, 9, 9), seed)
            .Conv("conv", 32, Window2d.Square(3, pad: 1), density: 0.2).Relu("relu").Flatten("flat").Linear("fc", 10).Build();
        return graph.WithWeights([GraphMaker.Ones("fc.weight", 10, 32 * 81).With(Random(linearSeed, 10 * 32 * 81))]);
    }

    private static float[] Random(int seed, int count)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < 0.2 ? random.NextSingle() : 0)];
    }
}
