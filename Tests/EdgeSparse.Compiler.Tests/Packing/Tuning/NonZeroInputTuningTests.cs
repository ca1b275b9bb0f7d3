using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Tests.Training;

namespace EdgeSparse.Compiler.Tests.Packing.Tuning;

/// <summary>Measured with zeros among the inputs, where it is known how many there are.</summary>
public sealed class NonZeroInputTuningTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Table => folder.File("costs.json");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Columns_are_measured_with_the_share_in_steps_of_five_percent_and_the_reason_says_it()
    {
        FakeTimer timer = new(c => c.Layout == WeightLayout.Csc ? 5 : 10);
        PackedLayer layer = Pack(timer, 19).Packed.Layers[0];
        Assert.Equal(WeightLayout.Csc, layer.Layout);
        Assert.StartsWith("measured csc 5 µs, ", layer.Reason);
        Assert.EndsWith("; 20 % of weights meet inputs that are not zero (256 samples of digits)", layer.Reason);
        Assert.All(timer.Asked[0], t => Assert.Equal(0.2, t.NonZeroInputs));
        FormatMeasurement measured = CostTable.Read(Table).Targets[0].Layers[0].Formats.Single(f => f.Format == "csc");
        Assert.Equal((0.2 * Network().Weights["fc.weight"].NonZeroCount, 64.0), (measured.Weights, measured.Rows));
    }

    [Theory]
    [InlineData(18, 1, 0)]
    [InlineData(24, 0, 1)]
    [InlineData(51, 0, 1)]
    [InlineData(null, 0, 1)]
    public void A_table_knows_the_layer_again_where_about_as_many_inputs_are_not_zero(int? percent, int known, int measured)
    {
        Pack(new FakeTimer(_ => 5), 19);
        Assert.Equal(new TuningCount(measured, known, 0, Table), Pack(new FakeTimer(_ => 5), percent).Count);
    }

    [Fact]
    public void Where_no_zeros_are_known_of_a_layer_is_measured_as_before()
    {
        FakeTimer timer = new(_ => 5);
        Pack(timer, null);
        Pack(timer, 51);
        Assert.Single(timer.Asked);
        Assert.All(timer.Asked[0], t => Assert.Equal((1.0, false), (t.NonZeroInputs, t.Candidate.Layout == WeightLayout.Csc)));
    }

    [Fact]
    public void The_runtime_times_columns_with_zeros()
    {
        FakeTimer timer = new(_ => 1);
        Pack(timer, 20);
        Assert.Contains(timer.Asked[0], t => t.Candidate.Layout == WeightLayout.Csc);
        IReadOnlyList<double> times = TuningMachine.Timer(4).Measure(timer.Asked[0], TestContext.Current.CancellationToken);
        Assert.Equal(timer.Asked[0].Count, times.Count);
        Assert.All(times, t => Assert.True(t > 0));
    }

    private (PackedModel Packed, TuningCount? Count) Pack(FakeTimer timer, int? percent)
    {
        PackOptions options = new() { TargetId = "pc", Lanes = 4 };
        if (percent is { } share)
        {
            options = options with { NonZeroInputs = options.NonZeroInputs.Add("fc", new NonZeroInputs(share, 256, "digits")) };
        }

        return new FormatTuning("pc", 4, "Some Processor", Table, measure: true) { Timer = timer }
            .Pack(Network(), options, IProgressSink.Silent, TestContext.Current.CancellationToken);
    }

    private static Graph Network()
    {
        Random random = new(3);
        Graph graph = new GraphBuilder(new TensorShape(1, 64)).Linear("fc", 50).Build();
        return graph.WithWeights(
            [GraphMaker.Ones("fc.weight", 50, 64).With([.. Enumerable.Range(0, 50 * 64).Select(_ => random.NextDouble() < 0.2 ? 1f : 0)])]);
    }
}
