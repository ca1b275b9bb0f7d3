using EdgeSparse.Energy.Meters;
using Chip = EdgeSparse.Energy.Meters.Ina219;

namespace EdgeSparse.Energy.Tests.Meters;

public class Ina219MeterTests
{
    private static readonly Ina219Settings Quick = new() { IntervalSeconds = 0.002 };

    [Theory]
    [InlineData(5.1, 0.62)]
    [InlineData(5, 3.19)]
    [InlineData(12, 0.0123)]
    [InlineData(3.3, -0.25)]
    public void Power_is_within_one_step_of_the_truth(double volts, double amperes)
    {
        Ina219Model model = new(0.1) { Volts = volts, Amperes = amperes };
        using Ina219Meter meter = new(model, Quick);
        MeterReading reading = meter.Read();
        Assert.Equal(volts, reading.Volts!.Value, 0.002);
        Assert.Equal(amperes, reading.Amperes!.Value, 2e-4);
        Assert.Equal(volts * amperes, reading.Value, (volts * 2e-4) + (Math.Abs(amperes) * 0.002));
    }

    [Fact]
    public void All_four_results_of_the_chip_agree()
    {
        Ina219Model model = new(0.1) { Volts = 5.1, Amperes = 0.62 };
        using Chip chip = new(model, new Ina219Settings { MaxAmperes = 1 });
        Assert.Equal(5.1, chip.ReadBusVolts(), 0.002);
        Assert.Equal(0.062, chip.ReadShuntVolts(), 5e-6);
        Assert.Equal(0.62, chip.ReadAmperes(), 1e-4);
        Assert.Equal(0.62 * 5.1, chip.ReadWatts(), chip.Settings.WattsPerStep + 1e-3);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.1)]
    [InlineData(0.25)]
    public void Every_gain_covers_its_whole_range(double shunt)
    {
        foreach (double fullScale in new[] { 0.04, 0.08, 0.16, 0.32 })
        {
            Ina219Model model = new(shunt) { Amperes = 0 };
            using Ina219Meter meter = new(model, Quick with { ShuntOhms = shunt, MaxAmperes = 0.99 * fullScale / shunt });
            foreach (double share in new[] { 0.001, 0.3, 0.98, -0.98 })
            {
                model.Amperes = share * fullScale / shunt;
                Assert.Equal(model.Amperes, meter.Read().Amperes!.Value, 1.1e-5 / shunt);
            }
        }
    }

    [Fact]
    public void A_current_beyond_the_range_is_no_reading()
    {
        Ina219Model model = new(0.1) { Amperes = 0.3 };
        using Ina219Meter meter = new(model, Quick with { MaxAmperes = 0.35 });
        model.Amperes = 0.5;
        Assert.Equal(
            "more than 0.4 A flow, the range that the INA219 at I2C bus 1, address 0x40 was set to (the shunt voltage is at the end of its range); "
            + "give a larger max= or use a smaller shunt",
            Assert.Throws<MeterException>(() => meter.Read()).Message);
        model.Amperes = -0.5;
        Assert.Throws<MeterException>(() => meter.Read());
        model.Amperes = 0.39;
        Assert.Equal(0.39, meter.Read().Amperes!.Value, 1e-4);
    }

    [Fact]
    public void The_overflow_flag_is_heeded()
    {
        Ina219Model model = new(0.1) { Amperes = 3 };
        using Chip chip = new(model, new Ina219Settings());
        // As if another program had set the calibration: 3 A are 30000 steps of the shunt, times 60000/4096.
        model.Write([5, 0xEA, 0x60]);
        Assert.Contains("the INA219's overflow flag is set", Assert.Throws<MeterException>(() => chip.ReadBusVolts()).Message);
    }

    [Fact]
    public void A_chip_that_lost_its_calibration_does_not_read_zero()
    {
        Ina219Model model = new(0.1);
        using Ina219Meter meter = new(model, Quick);
        model.LosePower();
        Assert.Equal(
            "the INA219 at I2C bus 1, address 0x40 has lost its settings: its supply failed in between, and what it reads means nothing",
            Assert.Throws<MeterException>(() => meter.Read()).Message);
    }

    [Fact]
    public void A_current_of_zero_is_a_reading()
    {
        Ina219Model model = new(0.1) { Amperes = 0 };
        using Ina219Meter meter = new(model, Quick);
        Assert.Equal(0, meter.Read().Value);
    }

    [Fact]
    public void Nothing_at_the_address_is_told()
    {
        Ina219Model model = new(0.1, bus: 1, address: 0x41) { Absent = true };
        Assert.Equal(
            "nothing answers at I2C bus 1, address 0x41 (check the wiring, and with: i2cdetect -y 1): Error 121 performing I2C data transfer",
            Assert.Throws<MeterException>(() => new Ina219Meter(model, Quick)).Message);
        Assert.True(model.IsDisposed);
    }

    [Fact]
    public void Another_chip_is_told_and_released()
    {
        Ina219Model model = new(0.1) { OtherChip = 0x4127 };
        Assert.Equal(
            "what answers at I2C bus 1, address 0x40 is no INA219: after a reset its register 0 holds 0x4127, not 0x399F",
            Assert.Throws<MeterException>(() => new Ina219Meter(model, Quick)).Message);
        Assert.True(model.IsDisposed);
    }

    [Fact]
    public void A_load_without_a_supply_is_told()
    {
        Ina219Model model = new(0.1) { Volts = 0.02 };
        Assert.Equal(
            "ina219:bus=1,address=0x40,shunt=0.1 reads 0.02 V: the load's supply does not go through its VIN+ and VIN−",
            Assert.Throws<MeterException>(() => new Ina219Meter(model, Quick)).Message);
    }

    [Fact]
    public void A_chip_that_stops_in_between_is_told()
    {
        Ina219Model model = new(0.1);
        using Ina219Meter meter = new(model, Quick);
        model.Absent = true;
        Assert.StartsWith("nothing answers at I2C bus 1", Assert.Throws<MeterException>(() => meter.Read()).Message);
    }

    [Fact]
    public void What_is_known_of_the_meter_is_told()
    {
        using Ina219Meter meter = new(new Ina219Model(0.1), new Ina219Settings { MaxAmperes = 1, MaxVolts = 5 });
        Assert.Equal("INA219, ±1.6 A (±160 mV over 0.1 Ω), 16 V range, mean of 8 samples (8.52 ms)", meter.Info.Description);
        Assert.Equal(0.0005, meter.Info.Resolution!.Value, 1e-12); // 10 µV / 0.1 Ω · 5 V
        Assert.Equal(0.00645, meter.Info.ScaleUncertainty!.Value, 1e-5); // 1 % and 0.5 %, each over √3
    }
}
