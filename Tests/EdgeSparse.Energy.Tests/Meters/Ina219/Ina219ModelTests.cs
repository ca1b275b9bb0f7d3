using System.Buffers.Binary;

namespace EdgeSparse.Energy.Tests.Meters;

/// <summary>The model against the worked example of the data sheet (SBOS448, section "Programming the INA219").</summary>
public class Ina219ModelTests
{
    [Fact]
    public void The_data_sheets_example_comes_out()
    {
        using Ina219Model model = new(shuntOhms: 0.002) { Volts = 11.98, Amperes = 10 };
        Assert.Equal(0x399F, Read(model, 0));
        model.Write([0, 0x01, 0x9F]);
        model.Write([5, 0x50, 0x00]);
        Assert.Equal(0x07D0, Read(model, 1)); // 20 mV
        Assert.Equal(0x5D98, Read(model, 2) & 0xFFF8); // 11.98 V
        Assert.Equal(0x2710, Read(model, 4)); // 10 A in steps of 1 mA
        Assert.Equal(0x1766, Read(model, 3)); // 119.8 W in steps of 20 mW
    }

    private static int Read(Ina219Model model, byte register)
    {
        byte[] bytes = new byte[2];
        model.WriteRead([register], bytes);
        return BinaryPrimitives.ReadUInt16BigEndian(bytes);
    }
}
