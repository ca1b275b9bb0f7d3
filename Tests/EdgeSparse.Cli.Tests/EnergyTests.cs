namespace EdgeSparse.Cli.Tests;

public sealed class EnergyTests(CompressedNetwork network) : IClassFixture<CompressedNetwork>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <summary>2 W for many minutes: longer than any test.</summary>
    private string Constant => "replay:" + folder.Write("constant.csv", "seconds,watts\n0,2\n3600,2\n");

    [Fact]
    public void Meters_are_listed() => Assert.NotNull(Tool.Run("energy", "list", "--json").Succeeds().Json["meters"]!.AsArray());

    [Fact]
    public void A_trace_is_written_as_CSV_and_PNG_and_integrated_again()
    {
        ToolResult result = Tool.Run(
            "energy", "trace", "--meter", Constant, "--seconds", "0.5", "-o", folder["t.csv"], "--plot", folder["t.png"], "--json").Succeeds();
        Assert.Equal(2, (double)result.Json["meanWatts"]!, 1e-9);
        Assert.Null(result.Json["stopped"]);
        double seconds = (double)result.Json["seconds"]!;
        Assert.Equal(2 * seconds, (double)result.Json["joules"]!, 1e-6);
        Assert.Equal("PNG"u8.ToArray(), File.ReadAllBytes(folder["t.png"])[1..4]);
        Assert.StartsWith("seconds,watts,joules,volts,amperes,phase\n0.000000,2,0,,,\n", File.ReadAllText(folder["t.csv"]));
        ToolResult again = Tool.Run("energy", "integrate", folder["t.csv"], "--idle", "0.5", "--inferences", "100", "--json").Succeeds();
        Assert.Equal(1.5 * seconds, (double)again.Json["netJoules"]!, 1e-5);
        Assert.Equal(0.015 * seconds, (double)again.Json["joulesPerInference"]!, 1e-7);
    }

    [Fact]
    public void Joules_per_inference_have_their_runs_and_parts()
    {
        ToolResult result = Tool.Run(
            "energy", "measure", network.Blob, "--meter", Constant, "--seconds", "0.05", "--runs", "3", "-o", folder["t.csv"], "--json").Succeeds();
        Assert.True((bool)result.Json["complete"]!);
        Assert.Equal(3, result.Json["runs"]!.AsArray().Count);
        Assert.Equal(2, (double)result.Json["median"]!["busyWatts"]!, 1e-6);
        Assert.Equal(
            2 * (double)result.Json["runs"]![0]!["secondsPerInference"]!, (double)result.Json["runs"]![0]!["grossJoulesPerInference"]!, 1e-9);
        Assert.Contains(",run 3\n", File.ReadAllText(folder["t.csv"]));
        Assert.Contains(result.Json["remarks"]!.AsArray(), r => ((string)r!).EndsWith("cannot tell it from zero", StringComparison.Ordinal)
            || ((string)r!).StartsWith("the meter's reading changed only 0 times", StringComparison.Ordinal));
    }

    [Fact]
    public void A_meter_that_stops_in_mid_measure_gives_an_error_and_no_number()
    {
        string meter = "replay:" + folder.Write("short.csv", "seconds,watts\n0,2\n0.2,2\n");
        ToolResult result = Tool.Run("energy", "measure", network.Blob, "--meter", meter, "--seconds", "1", "--json");
        Assert.Equal(1, result.ExitCode);
        Assert.False((bool)result.Json["complete"]!);
        Assert.Null(result.Json["median"]);
        Assert.Matches("^the meter stopped in run 1 of 5: .*the recording .*short.csv ends after 0.2 s$", (string)result.Json["stopped"]!);
        Assert.Equal($"edgesparse: error: {(string)result.Json["stopped"]!}", result.Error.TrimEnd().Split('\n')[^1]);
        ToolResult trace = Tool.Run("energy", "trace", "--meter", meter, "--seconds", "1", "-o", folder["t.csv"]);
        Assert.Equal(1, trace.ExitCode);
        Assert.Matches(@"edgesparse: error: the meter stopped after \d+ readings: the recording .*short.csv ends after 0.2 s\n$", trace.Error);
        Assert.True(File.ReadAllLines(folder["t.csv"]).Length > 1);
    }

    [Theory]
    [InlineData("replay:no/such.csv", "cannot read the recording 'no/such.csv': ")]
    [InlineData("ina219:bus=1023", "there is no I2C bus 1023 (/dev/i2c-1023); ")]
    [InlineData("hwmon:ina9999", "no chip of /sys/class/hwmon measures power as 'ina9999'; ")]
    [InlineData("battery:none", "")]
    [InlineData("rapl:none", "")]
    public void An_absent_meter_is_one_line(string meter, string message)
    {
        ToolResult result = Tool.Run("energy", "trace", "--meter", meter, "-o", folder["t.csv"]);
        Assert.StartsWith("edgesparse: error: " + message, result.Error);
        Assert.Equal((1, "", 1), (result.ExitCode, result.Output, result.Error.Count(c => c == '\n')));
        Assert.Empty(folder.Entries);
    }

    [Fact]
    public void Without_a_meter_that_of_this_machines_target_is_read()
    {
        string[] targets = ["linux-x64", "linux-x64-v3", "linux-x64-avx512", "linux-arm64"];
        IEnumerable<string> entries = targets.Select(id => "{ \"id\": \"" + id + "\", \"meter\": \"replay:no/such.csv\" }");
        string own = folder.Write("own.json", "{ \"targets\": [" + string.Join(',', entries) + "] }");
        ToolResult result = Tool.Run("energy", "trace", "--toolchain", own);
        Assert.StartsWith("edgesparse: error: cannot read the recording 'no/such.csv': ", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public void Times_outside_of_a_recording_are_told()
    {
        string trace = folder.Write("t.csv", "seconds,watts\n10,1\n20,3\n");
        // From 12 to 15 s the power goes from 1.4 to 2 W.
        Assert.Equal(5.1, (double)Tool.Run("energy", "integrate", trace, "--from", "12", "--to", "15", "--json").Succeeds().Json["energy"]!["joules"]!, 1e-9);
        Tool.Run("energy", "integrate", trace, "--from", "5", "--to", "15").FailsWith(
            1, $"edgesparse: error: the meter replay:{trace} gave its first reading 5 s after the beginning");
        Tool.Run("energy", "integrate", trace, "--from", "15", "--to", "12").FailsWith(1, "edgesparse: error: --to must come after --from");
        Tool.Run("energy", "integrate", trace, "--from", "25").FailsWith(
            1, $"edgesparse: error: {trace} has readings from 10 to 20 s; the times asked for lie outside");
    }

    public void Dispose() => folder.Dispose();
}
