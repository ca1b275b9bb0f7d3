using EdgeSparse.Energy.Meters;

namespace EdgeSparse.Energy.Tests.Meters;

/// <summary>The binding of Iot.Device.Bindings before the register model. Compiled with -p:IotDeviceBindings=true alone.</summary>
public class IotIna219MeterTests
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
        using IotIna219Meter meter = new(model, Quick);
        MeterReading reading = meter.Read();
        Assert.Equal(volts, reading.Volts!.Value, 0.004);
        Assert.Equal(amperes, reading.Amperes!.Value, 2e-4);
        Assert.Equal(volts * amperes, reading.Value, (volts * 2e-4) + (Math.Abs(amperes) * 0.004));
    }

    [Theory]
    [InlineData(0.35, 5, 0.002)]
    [InlineData(0.8, 12, 0.01)]
    [InlineData(1.5, 20, 0.1)]
    [InlineData(3.2, 5, 1)]
    public void The_chip_is_set_up_as_by_the_meter_of_our_own(double maxAmperes, double maxVolts, double interval)
    {
        Ina219Settings settings = new() { MaxAmperes = maxAmperes, MaxVolts = maxVolts, IntervalSeconds = interval };
        Ina219Model model = new(0.1) { Amperes = 0.1 };
        using IotIna219Meter meter = new(model, settings);
        byte[] register = new byte[2];
        model.WriteRead([0], register);
        Assert.Equal(settings.Configuration, (register[0] << 8) | register[1]);
        model.WriteRead([5], register);
        Assert.Equal(settings.Calibration & 0xFFFE, (register[0] << 8) | register[1]);
    }

    [Fact]
    public void What_is_no_reading_is_told()
    {
        Ina219Model model = new(0.1) { Amperes = 0.3 };
        using IotIna219Meter meter = new(model, Quick with { MaxAmperes = 0.35 });
        model.Amperes = 0.5;
        Assert.Equal("more than 0.4 A flow; give a larger max=", Assert.Throws<MeterException>(() => meter.Read()).Message);
        (model.Amperes, model.Volts) = (0.3, 0.02);
        Assert.EndsWith(" reads 0.02 V: the load's supply does not go through it", Assert.Throws<MeterException>(() => meter.Read()).Message);
        model.Absent = true;
        Assert.StartsWith("iot-ina219:bus=1,address=0x40,shunt=0.1 no longer answers: Error 121", Assert.Throws<MeterException>(() => meter.Read()).Message);
    }

    [Fact]
    public void Nothing_at_the_address_is_told()
    {
        Ina219Model model = new(0.1, bus: 1, address: 0x41) { Absent = true };
        Assert.StartsWith("nothing answers at I2C bus 1, address 0x41: Error 121", Assert.Throws<MeterException>(() => new IotIna219Meter(model, Quick)).Message);
        Assert.True(model.IsDisposed);
    }
}
