using System.Text;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Tests.Training;

namespace EdgeSparse.Compiler.Tests.Packing.Tuning;

public sealed class CostTableTests : IDisposable
{
    private static readonly MeasuringMachine Here = new("avx2", "Some Processor");

    private readonly TemporaryFolder folder = new();

    private string Path => folder.File("costs.json");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_table_comes_back_as_it_was_written()
    {
        CostTable.Empty.With(Part("rpi4", 4, "Board")).With(Part("pc", 8, Here.Processor)).Write(Path);
        string text = File.ReadAllText(Path);
        CostTable table = CostTable.Read(Path);
        Assert.Equal(["pc", "rpi4"], table.Targets.Select(t => t.Target));
        Assert.Equal(12.5, table.Targets[0].Layers[0].Formats[1].Microseconds);
        Assert.Equal(Part("pc", 8, "").Costs.Convolution["csr"], table.Targets[0].Costs.Convolution["csr"]);
        table.Write(Path);
        Assert.Equal(text, File.ReadAllText(Path));
    }

    [Fact]
    public void A_part_replaces_the_one_of_the_same_target_and_machine_only()
    {
        CostTable table = CostTable.Empty.With(Part("pc", 8, "Other")).With(Part("pc", 8, Here.Processor)).With(Part("pc", 8, Here.Processor) with { Layers = [] });
        Assert.Equal([("Other", 1), (Here.Processor, 0)], table.Targets.Select(t => (t.Processor, t.Layers.Length)));
    }

    [Fact]
    public void The_part_of_this_machine_is_taken_before_others_and_a_part_of_another_when_it_is_the_only_one()
    {
        CostTable one = CostTable.Empty.With(Part("pc", 8, "Other"));
        Assert.Equal("Other", one.For("pc", 8, Here).Processor);
        Assert.Null(one.Find("pc", 8, Here));
        CostTable two = one.With(Part("pc", 8, "Third"));
        Assert.Equal(
            "the cost table has several processors for the target 'pc': 'pc' with 8 lanes on Other (avx2), 'pc' with 8 lanes on Third (avx2); use a table that has one",
            Assert.Throws<PackingException>(() => two.For("pc", 8, Here)).Message);
        Assert.Equal(Here.Processor, two.With(Part("pc", 8, Here.Processor)).For("pc", 8, Here).Processor);
        Assert.Equal(
            "the cost table has nothing for the target 'rpi4' with 4 lanes; it has 'pc' with 8 lanes on Other (avx2)",
            Assert.Throws<PackingException>(() => one.For("rpi4", 4, Here)).Message);
    }

    [Fact]
    public void Built_in_costs_are_there_for_each_number_of_lanes()
    {
        Assert.All(PackOptions.SupportedLanes, l => Assert.Equal(11, KernelCosts.ForLanes(l).Convolution.Count));
        Assert.Equal(
            "vectors of 5 floats are not supported; 16, 8, 4 are", Assert.Throws<PackingException>(() => KernelCosts.ForLanes(5)).Message);
    }

    [Theory]
    [InlineData("{", "cannot be read: ")]
    [InlineData("null", "cannot be used: it is empty")]
    [InlineData("{\"target\":[]}", "cannot be read: ")]
    [InlineData("{\"targets\":null}", "cannot be read: ")]
    [InlineData("{\"targets\":[null]}", "cannot be used: targets[0] is empty")]
    public void What_is_no_table_is_refused(string text, string message) => AssertRefused(text, message);

    [Theory]
    [InlineData("\"lanes\": 8", "\"lanes\": 7", "cannot be used: targets[0] has 7 lanes; 16, 8, 4 are possible")]
    [InlineData("\"lanes\": 8", "\"lanes\": \"8\"", "cannot be read: ")]
    [InlineData("\"csr-delta8\": {", "\"csr-delta9\": {", "cannot be used: targets[0].costs.convolution has no 'csr-delta8'")]
    [InlineData("\"operation\": \"convolution\"", "\"operation\": \"pool\"", "cannot be used: targets[0].layers[0] has the operation 'pool'; convolution and linear are possible")]
    [InlineData("\"microseconds\": 12.5", "\"microseconds\": -12.5", "cannot be used: targets[0].layers[0] has a number below what is possible for csr")]
    [InlineData("\"microseconds\": 12.5", "\"microseconds\": null", "cannot be read: ")]
    [InlineData("\"format\": \"dense\"", "\"format\": \"sliced-ell\"", "cannot be used: targets[0].layers[0] has 'sliced-ell', which is no format there")]
    [InlineData("\"chunks\": 2", "\"chunks\": 0", "cannot be used: targets[0].layers[0] has a number below what is possible for csr")]
    [InlineData("\"version\": ", "\"versoin\": ", "cannot be read: ")]
    [InlineData("\"processor\": \"Some Processor\"", "\"processor\": null", "cannot be read: ")]
    public void A_spoilt_table_is_refused_with_the_place(string right, string wrong, string message)
    {
        CostTable.Empty.With(Part("pc", 8, Here.Processor)).Write(Path);
        string text = File.ReadAllText(Path);
        Assert.Contains(right, text);
        AssertRefused(text.Replace(right, wrong, StringComparison.Ordinal), message);
    }

    [Fact]
    public void A_table_from_before_csc_is_taken()
    {
        TargetCosts part = Part("pc", 8, Here.Processor);
        part = part with { Costs = part.Costs with { Linear = part.Costs.Linear.Remove("csc") } };
        CostTable.Empty.With(part).Write(Path);
        Assert.False(CostTable.Read(Path).Targets[0].Costs.HasLinear(WeightLayout.Csc));
    }

    [Fact]
    public void A_missing_table_is_named() =>
        Assert.Equal($"there is no cost table '{Path}'", Assert.Throws<PackingException>(() => CostTable.Read(Path)).Message);

    private void AssertRefused(string text, string message)
    {
        File.WriteAllText(Path, text, Encoding.UTF8);
        Assert.StartsWith($"the cost table '{Path}' {message}", Assert.Throws<PackingException>(() => CostTable.Read(Path)).Message);
    }

    private static TargetCosts Part(string target, int lanes, string processor) => new()
    {
        Target = target,
        Lanes = lanes,
        InstructionSet = "avx2",
        Processor = processor,
        Version = "0.1.0",
        Costs = KernelCosts.ForLanes(lanes),
        Layers =
        [
            new LayerMeasurements(
                "00ff", LayerMeasurements.Convolution, [64, 64, 1, 1], 49, 0.1,
                [new FormatMeasurement("dense", 1, true, 200_704, 784, 60), new FormatMeasurement("csr", 2, true, 20_070, 6272, 12.5)]),
        ],
    };
}
