using System.Buffers.Binary;
using System.Device.I2c;

namespace EdgeSparse.Energy.Meters;

/// <summary>
/// The current and power monitor INA219 at a device of an I2C bus, set up as <see cref="Ina219Settings"/> says. Each property is
/// one register read. Source of registers and formulas: Texas Instruments SBOS448.
/// </summary>
public sealed class Ina219 : IDisposable
{
    private const ushort OverflowBit = 1;

    private readonly I2cDevice device;
    private readonly string where;

    /// <summary>Resets the chip, checks that it is one, and sets it up. It owns the device from here on, also when it fails.</summary>
    /// <exception cref="MeterException">Nothing answers at the address, or it is no INA219.</exception>
    /// <exception cref="MeterSpecException">The settings are out of the chip's range.</exception>
    public Ina219(I2cDevice device, Ina219Settings settings)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(settings);
        this.device = device;
        Settings = settings;
        where = $"I2C bus {device.ConnectionSettings.BusId}, address 0x{device.ConnectionSettings.DeviceAddress:X2}";
        try
        {
            settings.Check();
            SetUp();
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Gain, averaging and calibration.</summary>
    public Ina219Settings Settings { get; }

    /// <summary>The supply's voltage at the load, in steps of 4 mV.</summary>
    /// <exception cref="MeterException">The chip does not answer, or says that current or power overflowed.</exception>
    public double ReadBusVolts()
    {
        ushort register = Read(Ina219Register.BusVoltage);
        return (register & OverflowBit) == 0
            ? (register >> 3) * Ina219Settings.BusVoltsPerStep
            : throw OutOfRange("the INA219's overflow flag is set");
    }

    /// <summary>The voltage across the shunt, in steps of 10 µV.</summary>
    /// <exception cref="MeterException">The chip does not answer.</exception>
    public double ReadShuntVolts() => (short)Read(Ina219Register.ShuntVoltage) * Ina219Settings.ShuntVoltsPerStep;

    /// <summary>The current through the shunt; negative when it flows back.</summary>
    /// <exception cref="MeterException">
    /// The chip does not answer, the current is beyond the range, or the chip has lost its calibration and reads 0 therefore.
    /// </exception>
    public double ReadAmperes()
    {
        short register = (short)Read(Ina219Register.Current);
        if (register == 0 && Read(Ina219Register.Calibration) != Settings.Calibration)
        {
            throw new MeterException($"the INA219 at {where} has lost its settings: its supply failed in between, and what it reads means nothing");
        }

        // At the end of its range the shunt register stands still, and the current register with it.
        if (Math.Abs((int)register) >= Settings.FullScaleShuntSteps * Settings.Calibration / 4096)
        {
            throw OutOfRange("the shunt voltage is at the end of its range");
        }

        return register * Settings.AmperesPerStep;
    }

    /// <summary>The chip's own product of current and bus voltage: always positive, and coarser than the product of the two.</summary>
    /// <exception cref="MeterException">The chip does not answer.</exception>
    public double ReadWatts() => Read(Ina219Register.Power) * Settings.WattsPerStep;

    /// <summary>Releases the device of the bus; the chip goes on measuring.</summary>
    public void Dispose() => device.Dispose();

    private void SetUp()
    {
        Write(Ina219Register.Configuration, Ina219Settings.ResetBit);
        ushort found = Read(Ina219Register.Configuration);
        if (found != Ina219Settings.ResetConfiguration)
        {
            throw NoIna219($"after a reset its register 0 holds 0x{found:X4}, not 0x{Ina219Settings.ResetConfiguration:X4}");
        }

        Write(Ina219Register.Configuration, Settings.Configuration);
        Write(Ina219Register.Calibration, Settings.Calibration);
        if (Read(Ina219Register.Configuration) != Settings.Configuration || Read(Ina219Register.Calibration) != Settings.Calibration)
        {
            throw NoIna219("it does not keep its settings");
        }
    }

    private MeterException NoIna219(string why) => new($"what answers at {where} is no INA219: {why}");

    private MeterException OutOfRange(string why) => new(
        $"more than {Settings.FullScaleAmperes:0.###} A flow, the range that the INA219 at {where} was set to ({why}); give a larger max= "
        + "or use a smaller shunt");

    private ushort Read(Ina219Register register)
    {
        Span<byte> bytes = stackalloc byte[2];
        try
        {
            device.WriteRead([(byte)register], bytes);
        }
        catch (IOException error)
        {
            throw NoAnswer(error);
        }

        return BinaryPrimitives.ReadUInt16BigEndian(bytes);
    }

    private void Write(Ina219Register register, ushort value)
    {
        try
        {
            device.Write([(byte)register, (byte)(value >> 8), (byte)value]);
        }
        catch (IOException error)
        {
            throw NoAnswer(error);
        }
    }

    private MeterException NoAnswer(IOException error) => new(
        $"nothing answers at {where} (check the wiring, and with: i2cdetect -y {device.ConnectionSettings.BusId}): {error.Message.TrimEnd('.')}", error);
}
