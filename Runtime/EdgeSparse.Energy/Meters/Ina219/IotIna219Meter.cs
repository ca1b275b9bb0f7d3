using System.Device.I2c;
using System.Globalization;
using Iot.Device.Adc;

namespace EdgeSparse.Energy.Meters;

/// <summary>The same chip through Iot.Device.Bindings, whose class <c>Ina219</c> users of that package know.</summary>
public sealed class IotIna219Meter : IPowerMeter
{
    private const byte ConfigurationRegister = 0;

    /// <summary>Volts. The whole range of 16 bits in steps of 10 µV.</summary>
    private const double RegisterRange = 65536 * Ina219Settings.ShuntVoltsPerStep;

    private readonly I2cDevice device;
    private readonly Iot.Device.Adc.Ina219 chip;
    private readonly Ina219Settings settings;

    /// <summary>Opens the chip at an address of a bus, with the gain, averaging and calibration of <see cref="Ina219Settings"/>.</summary>
    /// <exception cref="MeterException">There is no such bus, no permission, or nothing answers.</exception>
    /// <exception cref="MeterSpecException">The settings are out of the chip's range.</exception>
    public IotIna219Meter(int bus, int address, Ina219Settings settings)
        : this(Open(bus, address), settings)
    {
    }

    /// <summary>The meter owns the device, also when this fails.</summary>
    internal IotIna219Meter(I2cDevice device, Ina219Settings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        this.device = device;
        this.settings = settings;
        int bus = device.ConnectionSettings.BusId;
        int address = device.ConnectionSettings.DeviceAddress;
        Info = new MeterInfo(
            string.Create(CultureInfo.InvariantCulture, $"iot-ina219:bus={bus},address=0x{address:X2},shunt={settings.ShuntOhms}"),
            Ina219Meter.Describe(settings) + ", through Iot.Device.Bindings", MeterQuantity.Power)
        {
            Resolution = Ina219Settings.ShuntVoltsPerStep / settings.ShuntOhms * Math.Min(5, settings.MaxVolts),
            ScaleUncertainty = settings.ScaleUncertainty,
            AveragingSeconds = settings.AveragingSeconds,
            IntervalSeconds = settings.IntervalSeconds,
        };
        try
        {
            settings.Check();
            chip = SetUp(device, settings);
        }
        catch (IOException error)
        {
            device.Dispose();
            throw new MeterException($"nothing answers at I2C bus {bus}, address 0x{address:X2}: {error.Message}", error);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public MeterInfo Info { get; }

    /// <inheritdoc/>
    public MeterReading Read()
    {
        try
        {
            // The shunt voltage rather than the current: the binding writes the calibration at each read of that.
            double volts = chip.ReadBusVoltage().Volts;
            double shunt = chip.ReadShuntVoltage().Volts;

            // Version 4.2.0 takes the register for a number without a sign.
            shunt -= shunt >= RegisterRange / 2 ? RegisterRange : 0;
            return volts < 0.4 ? throw new MeterException($"{Info.Name} reads {volts:0.###} V: the load's supply does not go through it")
                : Math.Abs(shunt) >= settings.FullScaleVolts ? throw new MeterException($"more than {settings.FullScaleAmperes:0.###} A flow; give a larger max=")
                : new MeterReading(volts * shunt / settings.ShuntOhms, volts, shunt / settings.ShuntOhms);
        }
        catch (IOException error)
        {
            throw new MeterException($"{Info.Name} no longer answers: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The binding leaves a device alone that it was given.
        chip.Dispose();
        device.Dispose();
    }

    private static I2cDevice Open(int bus, int address)
    {
        I2cBuses.RequireAccess(bus);
        return I2cDevice.Create(new I2cConnectionSettings(bus, address));
    }

    private static Iot.Device.Adc.Ina219 SetUp(I2cDevice device, Ina219Settings settings)
    {
        Iot.Device.Adc.Ina219 chip = new(device);
        chip.Reset();
        chip.BusVoltageRange = settings.MaxVolts > 16 ? Ina219BusVoltageRange.Range32v : Ina219BusVoltageRange.Range16v;

        // The binding's enumerations hold the bits of the configuration register where they lie in it.
        chip.PgaSensitivity = (Ina219PgaSensitivity)(settings.Configuration & 0x1800);
        chip.BusAdcResolutionOrSamples = (Ina219AdcResolutionOrSamples)(settings.Configuration & 0x0078);
        chip.ShuntAdcResolutionOrSamples = (Ina219AdcResolutionOrSamples)(settings.Configuration & 0x0078);
        chip.OperatingMode = Ina219OperatingMode.ShuntAndBusContinuous;
        chip.SetCalibration(settings.Calibration, (float)settings.AmperesPerStep);

        // Version 4.2.0 puts the shunt's resolution where the bus's belongs and sets its own to 9 bits: the register is written once more.
        device.Write([ConfigurationRegister, (byte)(settings.Configuration >> 8), (byte)settings.Configuration]);
        return chip;
    }
}
