using EdgeSparse.Energy.Meters;

namespace EdgeSparse.Energy.Tests.Meters;

public class Ina219SettingsTests
{
    [Theory]
    [InlineData(0.1, 0.39, 0, 0.4)]
    [InlineData(0.1, 0.41, 1, 0.8)]
    [InlineData(0.1, 1.6, 2, 1.6)]
    [InlineData(0.1, 1.7, 3, 3.2)]
    [InlineData(0.1, 3.2, 3, 3.2)]
    [InlineData(0.01, 3.0, 0, 4)]
    public void The_smallest_gain_that_holds_the_expected_current_is_taken(double shunt, double amperes, int gain, double fullScale)
    {
        Ina219Settings settings = new() { ShuntOhms = shunt, MaxAmperes = amperes };
        Assert.Equal(gain, settings.Gain);
        Assert.Equal(fullScale, settings.FullScaleAmperes, 1e-12);
    }

    [Theory]
    [InlineData(0.0002, 1, 0.000168)]
    [InlineData(0.002, 1, 0.001064)]
    [InlineData(0.01, 8, 0.00852)]
    [InlineData(0.1, 64, 0.0681)]
    [InlineData(1, 128, 0.1362)]
    public void The_chip_averages_as_long_as_fits_between_readings(double interval, int samples, double seconds)
    {
        Ina219Settings settings = new() { IntervalSeconds = interval };
        Assert.Equal(samples, settings.AveragedSamples);
        Assert.Equal(seconds, settings.AveragingSeconds, 1e-9);
        Assert.True(settings.AveragingSeconds <= interval);
    }

    [Fact]
    public void Registers_hold_the_bits_of_the_data_sheet()
    {
        // 16 V, ±320 mV, mean of 8 for bus and shunt (code 1011), continuous.
        Assert.Equal(0b0_0_0_11_1011_1011_111, new Ina219Settings().Configuration);
        // 32 V, ±40 mV, mean of 128 (code 1111).
        Assert.Equal(0b0_0_1_00_1111_1111_111, new Ina219Settings { MaxVolts = 24, MaxAmperes = 0.3, IntervalSeconds = 0.2 }.Configuration);
        Assert.Equal(4194, new Ina219Settings().Calibration);
        Assert.Equal(33552, new Ina219Settings { MaxAmperes = 0.3 }.Calibration);
        Assert.Equal(97.66e-6, new Ina219Settings().AmperesPerStep, 1e-8);
        Assert.Equal(1.953e-3, new Ina219Settings().WattsPerStep, 1e-6);
    }

    [Theory]
    [InlineData(0, null, 5, "ina219: a shunt of 0 Ω; allowed: above 0, at most 100")]
    [InlineData(0.1, -1.0, 5, "ina219: a largest current of -1 A; it must be above 0")]
    [InlineData(0.1, 5.0, 5, "ina219: 5 A through 0.1 Ω are 500 mV; the chip measures up to 320 mV, 3.2 A with this shunt")]
    [InlineData(0.1, 1.0, 48, "ina219: 48 V; the chip measures up to 26 V")]
    public void What_the_chip_cannot_measure_is_refused(double shunt, double? amperes, double volts, string message)
    {
        Ina219Settings settings = new() { ShuntOhms = shunt, MaxAmperes = amperes, MaxVolts = volts };
        Assert.Equal(message, Assert.Throws<MeterSpecException>(() => settings.Gain).Message);
    }
}
