using EdgeSparse.Energy.Meters;

namespace EdgeSparse.Energy.Tests.Meters;

public sealed class BatteryMeterTests : IDisposable
{
    private const string Phone = "class/power_supply/battery";
    private readonly SystemTree tree = new();

    private SystemTree With(params (string, string)[] attributes) =>
        tree.With(Phone, [("type", "Battery"), ("status", "Discharging"), ("voltage_now", "4000000"), .. attributes]);

    private BatteryMeter Open(BatteryOptions? options = null) => BatteryMeter.Open(options ?? new(), tree.Root);

    [Theory]
    [InlineData("-500000")]
    [InlineData("500000")]
    public void While_it_discharges_the_sign_of_the_current_does_not_matter(string current)
    {
        With(("current_now", current));
        using BatteryMeter meter = Open();
        Assert.Equal(new MeterReading(2, 4, 0.5), meter.Read());
    }

    [Fact]
    public void Some_vendors_give_milliamperes()
    {
        With(("current_now", "-500"));
        using BatteryMeter meter = Open(new BatteryOptions { MilliUnits = true });
        Assert.Equal(2, meter.Read().Value, 1e-12);
    }

    [Theory]
    [InlineData("Charging")]
    [InlineData("Full")]
    [InlineData("Not charging")]
    public void A_charger_hides_what_the_device_draws(string status)
    {
        With(("current_now", "900000"));
        using BatteryMeter meter = Open();
        tree.With(Phone, ("status", status));
        string expected = $"the battery in {tree[Phone]} is not discharging (status: {status}), so its gauge does not say what the device draws; unplug the charger";
        Assert.Equal(expected, Assert.Throws<MeterException>(() => meter.Read()).Message);
        Assert.Equal(expected, Assert.Throws<MeterException>(() => Open()).Message);
    }

    [Fact]
    public void Without_a_status_the_sign_has_to_be_given_and_is_heeded()
    {
        With(("current_now", "-500000"), ("status", "Unknown"));
        Assert.EndsWith("say which sign its current has then: sign=negative or sign=positive", Assert.Throws<MeterException>(() => Open()).Message);
        using BatteryMeter meter = Open(new BatteryOptions { Sign = BatterySign.NegativeWhenDischarging });
        Assert.Equal(2, meter.Read().Value, 1e-12);
        tree.Set($"{Phone}/current_now", 300000);
        Assert.EndsWith("the battery is being charged; unplug the charger, or give the other sign=", Assert.Throws<MeterException>(() => meter.Read()).Message);
        using BatteryMeter other = Open(new BatteryOptions { Sign = BatterySign.PositiveWhenDischarging });
        Assert.Equal(1.2, other.Read().Value, 1e-12);
    }

    [Fact]
    public void A_laptop_tells_power()
    {
        With(("power_now", "7250000"));
        using BatteryMeter meter = Open();
        Assert.Equal(7.25, meter.Read().Value, 1e-12);
    }

    [Theory]
    [InlineData(BatterySign.FromStatus, -1)]
    [InlineData(BatterySign.NegativeWhenDischarging, -1)]
    [InlineData(BatterySign.PositiveWhenDischarging, 1)]
    public void The_charge_counter_becomes_energy_at_the_voltage_in_between(BatterySign sign, int direction)
    {
        With(("charge_counter", "3000000"));
        using BatteryMeter meter = Open(new BatteryOptions { Counter = true, Sign = sign });
        Assert.Equal(0, meter.Read().Value);
        tree.Set($"{Phone}/charge_counter", 3000000 + (direction * 1000)); // 1 mAh
        tree.Set($"{Phone}/voltage_now", 3800000);
        Assert.Equal(3.6 * 3.9, meter.Read().Value, 1e-9);
        tree.Set($"{Phone}/charge_counter", 3000000 + (direction * 3000));
        Assert.Equal((3.6 * 3.9) + (7.2 * 3.8), meter.Read().Value, 1e-9);
    }

    [Fact]
    public void A_counter_of_energy_needs_no_voltage()
    {
        With(("energy_now", "40000000"));
        using BatteryMeter meter = Open(new BatteryOptions { Counter = true });
        tree.Set($"{Phone}/energy_now", 39990000); // 10 mWh
        Assert.Equal(36, meter.Read().Value, 1e-9);
    }

    [Fact]
    public void A_counter_that_goes_the_other_way_is_told()
    {
        With(("charge_counter", "3000000"));
        using BatteryMeter meter = Open(new BatteryOptions { Counter = true });
        tree.Set($"{Phone}/charge_counter", 3001000);
        Assert.Equal(
            $"{tree[Phone]}/charge_counter went from 3000000 to 3001000 though the battery discharges; if it counts upwards, say so: sign=positive",
            Assert.Throws<MeterException>(() => meter.Read()).Message);
    }

    [Fact]
    public void Absent_unknown_and_several_batteries_are_told()
    {
        Assert.Equal($"this machine has no battery ({tree.Root}/class/power_supply)", Assert.Throws<MeterException>(() => Open()).Message);
        With(("current_now", "1")).With("class/power_supply/mouse", ("type", "Battery"), ("scope", "Device"), ("status", "Discharging"));
        tree.With("class/power_supply/AC", ("type", "Mains"), ("online", "0"));
        Assert.Equal("battery:battery", Open().Info.Name);
        Assert.Equal("there is no battery 'BAT9'; there are: battery:battery", Assert.Throws<MeterException>(() => Open(new BatteryOptions { Name = "BAT9" })).Message);
        tree.With("class/power_supply/BAT1", ("type", "Battery"), ("status", "Discharging"), ("power_now", "1"));
        Assert.Equal(
            "this machine has 2 batteries; name the one that it runs on: battery:BAT1, battery:battery", Assert.Throws<MeterException>(() => Open()).Message);
    }

    [Fact]
    public void A_gauge_without_what_is_needed_is_told()
    {
        With(("capacity", "80"));
        Assert.Equal($"the gauge in {tree[Phone]} has no current_now or power_now", Assert.Throws<MeterException>(() => Open()).Message);
        Assert.Equal(
            $"the gauge in {tree[Phone]} has no charge_counter, energy_now or charge_now",
            Assert.Throws<MeterException>(() => Open(new BatteryOptions { Counter = true })).Message);
    }

    public void Dispose() => tree.Dispose();
}
