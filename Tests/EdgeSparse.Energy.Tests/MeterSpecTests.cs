using EdgeSparse.Energy.Meters;

namespace EdgeSparse.Energy.Tests;

public class MeterSpecTests
{
    [Theory]
    [InlineData("", "there is no meter ''. Allowed: ina219[")]
    [InlineData("ina220:bus=1", "there is no meter 'ina220:bus=1'. Allowed: ina219[")]
    [InlineData("ina219:bus", "'ina219:bus': bus needs a value, as in bus=…")]
    [InlineData("ina219:bus=", "'ina219:bus=': bus needs a value, as in bus=…")]
    [InlineData("ina219:buss=1", "'ina219:buss=1': ina219 has no setting 'buss'. Allowed: bus, address, shunt, max, volts, tolerance")]
    [InlineData("ina219:bus=1,bus=2", "'ina219:bus=1,bus=2': bus stands there twice")]
    [InlineData("ina219:bus=one", "ina219: bus is 'one', not a whole number from 0 to 1023")]
    [InlineData("ina219:bus=-1", "ina219: bus is '-1', not a whole number from 0 to 1023")]
    [InlineData("ina219:address=0x99", "ina219: address is '0x99', not an address from 0x03 to 0x77")]
    [InlineData("ina219:address=0x", "ina219: address is '0x', not an address from 0x03 to 0x77")]
    [InlineData("ina219:shunt=big", "ina219: shunt is 'big', not a number")]
    [InlineData("ina219:shunt=NaN", "ina219: shunt is 'NaN', not a number")]
    [InlineData("ina219:shunt=0.1,max=10", "ina219: 10 A through 0.1 Ω are 1000 mV")]
    [InlineData("hwmon", "hwmon needs the name of a chip")]
    [InlineData("replay:", "replay needs a file")]
    [InlineData("rapl:", "rapl: needs the name of a zone after it")]
    [InlineData("battery:counter=maybe", "battery: counter is 'maybe'. Allowed: no, yes")]
    [InlineData("battery:BAT0,BAT1", "'battery:BAT0,BAT1': battery has no setting 'BAT1'. Allowed: counter, sign, unit")]
    public void What_names_no_meter_is_refused_before_anything_is_opened(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<MeterSpecException>(() => MeterSpec.Parse(text)).Message);

    [Theory]
    [InlineData("ina219")]
    [InlineData("ina219:bus=1,address=0x40,shunt=0.1")]
    [InlineData("ina219:bus=7,address=65,shunt=0.01,max=6,volts=12,tolerance=0.001")]
    [InlineData("hwmon:ina3221/VDD_IN")]
    [InlineData("rapl")]
    [InlineData("rapl:dram")]
    [InlineData("battery")]
    [InlineData("battery:BAT0,counter=yes,sign=positive,unit=milli")]
    [InlineData("battery:sign=negative")]
    [InlineData("replay:a,b=c.csv")]
    public void Names_of_meters_are_read(string text) => Assert.NotNull(MeterSpec.Parse(text));

    [Fact]
    public void An_absent_meter_is_one_line()
    {
        string message = Assert.Throws<MeterException>(() => MeterSpec.Parse("ina219:bus=1023").Open()).Message;
        Assert.StartsWith("there is no I2C bus 1023 (/dev/i2c-1023); ", message);
        Assert.DoesNotContain('\n', message);
        Assert.StartsWith("cannot read the recording 'no/such.csv': ", Assert.Throws<MeterException>(() => MeterSpec.Parse("replay:no/such.csv").Open()).Message);
    }

    [Fact]
    public void Without_the_property_Iot_Device_Bindings_is_not_there()
    {
        Assert.SkipWhen(typeof(Ina219Meter).Assembly.GetReferencedAssemblies().Any(a => a.Name == "Iot.Device.Bindings"), "built with -p:IotDeviceBindings=true");
        Assert.Equal(
            "this build has no Iot.Device.Bindings; build it with -p:IotDeviceBindings=true, or use ina219",
            Assert.Throws<MeterException>(() => MeterSpec.Parse("iot-ina219:bus=1").Open()).Message);
    }
}
