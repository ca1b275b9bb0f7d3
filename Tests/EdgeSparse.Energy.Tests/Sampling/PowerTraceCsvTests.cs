using EdgeSparse.Energy.Sampling;

namespace EdgeSparse.Energy.Tests.Sampling;

public sealed class PowerTraceCsvTests : IDisposable
{
    private readonly SystemTree tree = new();

    [Fact]
    public void A_trace_is_written_with_its_phases_and_read_again()
    {
        TraceBuilder builder = new(MeterQuantity.Power);
        builder.Add(50, 0, new MeterReading(1.25));
        builder.Add(50.5, 0, new MeterReading(2, 5, 0.4));
        builder.Add(51, 0, new MeterReading(1));
        using StringWriter writer = new();
        PowerTraceCsv.Write(writer, new PowerTrace(new MeterInfo("m", "", MeterQuantity.Power), builder.ToPoints(), null), [new TracePhase("run 1", 50.25, 50.75)]);
        Assert.Equal(
            "seconds,watts,joules,volts,amperes,phase\n0.000000,1.25,0,,,\n0.500000,2,0.8125,5,0.4,run 1\n1.000000,1,1.5625,,,\n", writer.ToString());
        File.WriteAllText(tree["t.csv"], writer.ToString());
        Assert.Equal([new RecordedPower(0, 1.25), new RecordedPower(0.5, 2), new RecordedPower(1, 1)], PowerTraceCsv.Read(tree["t.csv"]));
    }

    [Theory]
    [InlineData("", ": a recording needs two readings or more")]
    [InlineData("seconds,watts\n1,1\n", ": a recording needs two readings or more")]
    [InlineData("time,power\n1,1\n2,2\n", ":1: the first line must name the columns, 'seconds' and 'watts' among them, as in: seconds,watts")]
    [InlineData("seconds,watts\n1,1\n1,2\n", ":3: the time 1 does not follow the one before")]
    [InlineData("seconds,watts\n1,one\n", ":2: watts is 'one', not a number")]
    [InlineData("seconds,watts\n1,1\n2\n", ":3: watts is '', not a number")]
    [InlineData("seconds,watts\n1,NaN\n", ":2: watts is 'NaN', not a number")]
    public void What_is_no_recording_is_refused_with_its_line(string text, string message)
    {
        File.WriteAllText(tree["t.csv"], text);
        Assert.Equal(tree["t.csv"] + message, Assert.Throws<MeterException>(() => PowerTraceCsv.Read(tree["t.csv"])).Message);
    }

    public void Dispose() => tree.Dispose();
}
