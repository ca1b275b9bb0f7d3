using System.Text;
using System.Text.Json;
using EdgeSparse.Targets.Processes;

namespace EdgeSparse.Firmware.Tests;

public class EnergyTests(FirmwareFixture firmware)
{
    private string Meter(string csv) => "replay:" + firmware.Write(".csv", Encoding.ASCII.GetBytes(csv));

    [Fact]
    public void Joules_per_inference_come_with_their_uncertainty()
    {
        ProcessResult result = firmware.Run(
            firmware.Write(".esb", SmallNetworks.RowSums()), "--energy", Meter("seconds,watts\n0,2\n3600,2\n"), "--energy-seconds", "0.05", "--json");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        using var json = JsonDocument.Parse(result.Output);
        JsonElement energy = json.RootElement.GetProperty("energy");
        Assert.True(energy.GetProperty("complete").GetBoolean());
        Assert.Equal(5, energy.GetProperty("runs").GetArrayLength());
        Assert.Equal(2, energy.GetProperty("busyWatts").GetDouble(), 1e-6);
        double seconds = energy.GetProperty("secondsPerInference").GetDouble();
        Assert.Equal(2 * seconds, energy.GetProperty("grossJoulesPerInference").GetDouble(), 2e-6 * seconds);
        Assert.True(energy.GetProperty("standardUncertaintyJoules").GetDouble() >= 0);
    }

    [Fact]
    public void A_meter_that_stops_in_mid_measure_gives_an_error_and_no_number()
    {
        ProcessResult result = firmware.Run(
            firmware.Write(".esb", SmallNetworks.RowSums()), "--energy", Meter("seconds,watts\n0,2\n0.2,2\n"), "--energy-seconds", "1", "--json");
        Assert.Equal(1, result.ExitCode);
        Assert.Matches(@"^error: the meter stopped in run 1 of 5: [^\n]* ends after 0.2 s\n$", result.Error);
        using var json = JsonDocument.Parse(result.Output);
        JsonElement energy = json.RootElement.GetProperty("energy");
        Assert.False(energy.GetProperty("complete").GetBoolean());
        Assert.False(energy.TryGetProperty("joulesPerInference", out _));
        Assert.EndsWith(" ends after 0.2 s", energy.GetProperty("stopped").GetString());
    }

    [Theory]
    [InlineData("replay:no/such.csv", "error: cannot read the recording 'no/such.csv': ")]
    [InlineData("ina219:bus=1023", "error: there is no I2C bus 1023 (/dev/i2c-1023); ")]
    [InlineData("hwmon:ina9999", "error: no chip of /sys/class/hwmon measures power as 'ina9999'; ")]
    public void An_absent_meter_is_one_line(string meter, string message)
    {
        ProcessResult result = firmware.Run(firmware.Write(".esb", SmallNetworks.RowSums()), "--energy", meter);
        Assert.StartsWith(message, result.Error);
        Assert.Equal((1, "", 1), (result.ExitCode, result.Output, result.Error.Count(c => c == '\n')));
    }
}
