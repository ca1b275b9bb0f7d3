using EdgeSparse.Energy.Meters;

namespace EdgeSparse.Energy.Tests.Meters;

public sealed class HwmonMeterTests : IDisposable
{
    private const string Jetson = "class/hwmon/hwmon1";
    private readonly SystemTree tree = new();

    /// <summary>As a Jetson Orin has it: three supplies, then shunt voltages and a sum, which are no supplies.</summary>
    private SystemTree WithJetson() => tree.With(
        Jetson, ("name", "ina3221"), ("update_interval", "50"),
        ("in1_input", "19104"), ("curr1_input", "424"), ("in1_label", "VDD_IN"),
        ("in2_input", "5000"), ("curr2_input", "320"), ("in2_label", "VDD_CPU_GPU_CV"),
        ("in3_input", "5000"), ("curr3_input", "0"), ("in3_label", "VDD_SOC"), ("in3_enable", "0"),
        ("in4_input", "2120"), ("curr4_input", "744"), ("in7_input", "4000"));

    [Fact]
    public void A_supply_of_an_INA3221_is_voltage_times_current()
    {
        WithJetson();
        using HwmonMeter meter = HwmonMeter.Open("ina3221/VDD_IN", tree.Root);
        Assert.Equal(new MeterReading(19.104 * 0.424, 19.104, 0.424), meter.Read());
        Assert.Equal("hwmon:ina3221/VDD_IN", meter.Info.Name);
        Assert.Equal((0.05, 0.05), (meter.Info.AveragingSeconds, meter.Info.IntervalSeconds));
        tree.Set($"{Jetson}/curr1_input", -8);
        Assert.Equal(-0.008, meter.Read().Amperes!.Value, 1e-12);
    }

    [Fact]
    public void Only_enabled_supplies_are_found() =>
        Assert.Equal(["hwmon:ina3221/VDD_IN", "hwmon:ina3221/VDD_CPU_GPU_CV"], HwmonChannel.Find(WithJetson().Root).Select(c => c.Name));

    [Fact]
    public void An_ina2xx_tells_power_itself()
    {
        tree.With("class/hwmon/hwmon0", ("name", "ina219"), ("in0_input", "6"), ("in1_input", "5080"), ("curr1_input", "61"), ("power1_input", "3140000"));
        using HwmonMeter meter = HwmonMeter.Open("ina219", tree.Root);
        Assert.Equal(3.14, meter.Read().Value, 1e-12);
        Assert.Equal("hwmon:ina219/power1", meter.Info.Name);
    }

    [Fact]
    public void A_name_of_several_supplies_is_refused_with_theirs()
    {
        WithJetson();
        Assert.Equal(
            "'hwmon:ina3221' names 2 supplies; name one of them: hwmon:ina3221/VDD_IN, hwmon:ina3221/VDD_CPU_GPU_CV",
            Assert.Throws<MeterException>(() => HwmonMeter.Open("ina3221", tree.Root)).Message);
    }

    [Fact]
    public void Two_chips_of_a_kind_are_told_apart_by_their_folders()
    {
        tree.With("class/hwmon/hwmon0", ("name", "ina219"), ("power1_input", "1000000"));
        tree.With("class/hwmon/hwmon4", ("name", "ina219"), ("power1_input", "2000000"));
        Assert.EndsWith(
            "name one of them: hwmon:hwmon0/power1, hwmon:hwmon4/power1", Assert.Throws<MeterException>(() => HwmonMeter.Open("ina219", tree.Root)).Message);
        Assert.Equal(2, HwmonMeter.Open("hwmon4/power1", tree.Root).Read().Value);
    }

    [Fact]
    public void An_unknown_name_and_a_machine_without_chips_are_told()
    {
        Assert.Equal(
            $"no chip of {tree.Root}/class/hwmon measures power as 'ina3221'; there is none", Assert.Throws<MeterException>(() => HwmonMeter.Open("ina3221", tree.Root)).Message);
        WithJetson();
        Assert.EndsWith(
            "measures power as 'ina219'; there are: hwmon:ina3221/VDD_IN, hwmon:ina3221/VDD_CPU_GPU_CV",
            Assert.Throws<MeterException>(() => HwmonMeter.Open("ina219", tree.Root)).Message);
    }

    [Fact]
    public void A_driver_that_is_unloaded_in_between_is_told()
    {
        using HwmonMeter meter = HwmonMeter.Open("ina3221/VDD_IN", WithJetson().Root);
        File.Delete(tree[$"{Jetson}/curr1_input"]);
        Assert.StartsWith($"cannot read {tree[Jetson]}/curr1_input: ", Assert.Throws<MeterException>(() => meter.Read()).Message);
        File.WriteAllText(tree[$"{Jetson}/curr1_input"], "busy\n");
        Assert.Equal($"{tree[Jetson]}/curr1_input holds 'busy', not a whole number", Assert.Throws<MeterException>(() => meter.Read()).Message);
    }

    public void Dispose() => tree.Dispose();
}
