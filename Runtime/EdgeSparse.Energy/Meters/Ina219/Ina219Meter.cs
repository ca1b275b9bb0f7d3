using System.Device.I2c;
using System.Globalization;

namespace EdgeSparse.Energy.Meters;

/// <summary>Power as bus voltage times current of an INA219: finer than the chip's power register, and with a sign.</summary>
public sealed class Ina219Meter : IPowerMeter
{
    /// <summary>Below this the load has no supply at all; an open input reads some millivolts.</summary>
    private const double LeastVolts = 0.4;

    private readonly Ina219 chip;

    /// <summary>Sets the chip up and takes a first reading. The meter owns the device, also when this fails.</summary>
    /// <exception cref="MeterException">It is no INA219, does not answer, or no supply is wired to it.</exception>
    /// <exception cref="MeterSpecException">The settings are out of the chip's range.</exception>
    public Ina219Meter(I2cDevice device, Ina219Settings settings)
    {
        chip = new Ina219(device, settings);
        I2cConnectionSettings connection = device.ConnectionSettings;
        Info = new MeterInfo(
            string.Create(CultureInfo.InvariantCulture, $"ina219:bus={connection.BusId},address=0x{connection.DeviceAddress:X2},shunt={settings.ShuntOhms}"),
            Describe(settings), MeterQuantity.Power)
        {
            // One step of the shunt voltage at 5 V or the highest expected voltage, whichever is less.
            Resolution = Ina219Settings.ShuntVoltsPerStep / settings.ShuntOhms * Math.Min(5, settings.MaxVolts),
            ScaleUncertainty = settings.ScaleUncertainty,
            AveragingSeconds = settings.AveragingSeconds,
            IntervalSeconds = settings.IntervalSeconds,
        };
        try
        {
            WaitForFirstConversion(settings);
            Read();
        }
        catch
        {
            chip.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public MeterInfo Info { get; }

    /// <summary>Opens the chip at an address of a bus.</summary>
    /// <param name="bus">The N of <c>/dev/i2c-N</c>.</param>
    /// <param name="address">0x40 to 0x4F, as its pins A0 and A1 are tied.</param>
    /// <param name="settings">What it is wired to.</param>
    /// <exception cref="MeterException">There is no such bus, no permission, or no INA219 at the address.</exception>
    public static Ina219Meter Open(int bus, int address, Ina219Settings settings)
    {
        I2cBuses.RequireAccess(bus);
        return new Ina219Meter(I2cDevice.Create(new I2cConnectionSettings(bus, address)), settings);
    }

    /// <inheritdoc/>
    public MeterReading Read()
    {
        double volts = chip.ReadBusVolts();
        if (volts < LeastVolts)
        {
            throw new MeterException(string.Create(
                CultureInfo.InvariantCulture, $"{Info.Name} reads {volts:0.###} V: the load's supply does not go through its VIN+ and VIN−"));
        }

        double amperes = chip.ReadAmperes();
        return new MeterReading(volts * amperes, volts, amperes);
    }

    /// <inheritdoc/>
    public void Dispose() => chip.Dispose();

    internal static string Describe(Ina219Settings settings) => string.Create(
        CultureInfo.InvariantCulture,
        $"INA219, ±{settings.FullScaleAmperes:0.###} A (±{settings.FullScaleVolts * 1e3:0} mV over {settings.ShuntOhms} Ω), "
        + $"{(settings.MaxVolts > 16 ? 32 : 16)} V range, mean of {settings.AveragedSamples} sample{(settings.AveragedSamples == 1 ? "" : "s")} "
        + $"({settings.AveragingSeconds * 1e3:0.##} ms)");

    /// <summary>Right after a reset the registers hold zeros, which are no reading.</summary>
    private static void WaitForFirstConversion(Ina219Settings settings) =>
        Thread.Sleep(TimeSpan.FromSeconds((settings.AveragingSeconds * 1.2) + 0.001));
}
