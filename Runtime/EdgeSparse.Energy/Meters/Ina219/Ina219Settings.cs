using System.Globalization;

namespace EdgeSparse.Energy.Meters;

/// <summary>
/// What an INA219 is wired to, and the gain, range, averaging and calibration that follow from it (Texas Instruments SBOS448,
/// tables 3 to 6 and equations 1 to 5).
/// </summary>
public sealed record Ina219Settings
{
    /// <summary>What the configuration register holds after power-up and after a reset.</summary>
    internal const ushort ResetConfiguration = 0x399F;

    /// <summary>Set in the configuration register, resets the chip.</summary>
    internal const ushort ResetBit = 0x8000;

    internal const double ShuntVoltsPerStep = 10e-6;
    internal const double BusVoltsPerStep = 4e-3;

    /// <summary>A conversion may take 586 µs where 532 µs are typical.</summary>
    private const double SlowestConversion = 586.0 / 532;

    /// <summary>The chip's gain error (±0.5 % for the A grade) as a standard uncertainty, evenly spread.</summary>
    private const double GainUncertainty = 0.005 / 1.7320508;

    private const double RoundingSlack = 1 + 1e-9;
    private const int ContinuousShuntAndBus = 7;

    /// <summary>Codes of the converters' setting with the typical microseconds of a conversion, shortest first.</summary>
    private static readonly (int Code, double Microseconds, int Samples)[] Conversions =
    [
        (0, 84, 1), (1, 148, 1), (2, 276, 1), (3, 532, 1), (9, 1060, 2), (10, 2130, 4), (11, 4260, 8), (12, 8510, 16), (13, 17020, 32),
        (14, 34050, 64), (15, 68100, 128),
    ];

    /// <summary>Ohms of the shunt resistor: 0.1 on most boards.</summary>
    public double ShuntOhms { get; init; } = 0.1;

    /// <summary>The shunt's tolerance as a fraction, 0.01 for a resistor of 1 %.</summary>
    public double ShuntTolerance { get; init; } = 0.01;

    /// <summary>The most current that is expected, in amperes; null takes the whole range of the shunt.</summary>
    public double? MaxAmperes { get; init; }

    /// <summary>The highest supply voltage that is expected: at most 26.</summary>
    public double MaxVolts { get; init; } = 16;

    /// <summary>Seconds between readings; the chip averages for as long as fits between them.</summary>
    public double IntervalSeconds { get; init; } = 0.01;

    /// <summary>The gain's code, 0 to 3 for ±40, ±80, ±160 and ±320 mV: the smallest that holds the expected current.</summary>
    /// <exception cref="MeterSpecException">The shunt, current or voltage is out of the chip's range.</exception>
    public int Gain
    {
        get
        {
            Check();
            // 1.6 A through 0.1 Ω are 160 mV, though not in binary fractions.
            double volts = (MaxAmperes * ShuntOhms ?? 0.32) / RoundingSlack;
            return volts <= 0.04 ? 0 : volts <= 0.08 ? 1 : volts <= 0.16 ? 2 : 3;
        }
    }

    /// <summary>The shunt voltage at the end of the range.</summary>
    public double FullScaleVolts => 0.04 * (1 << Gain);

    /// <summary>The current at the end of the range; what flows beyond cannot be told.</summary>
    public double FullScaleAmperes => FullScaleVolts / ShuntOhms;

    /// <summary>Samples that each reading is the mean of.</summary>
    public int AveragedSamples => Conversion.Samples;

    /// <summary>Seconds that a reading is the mean over: the shunt's conversion and the bus's, one after the other.</summary>
    public double AveragingSeconds => 2e-6 * Conversion.Microseconds;

    /// <summary>
    /// The calibration register: as fine a current step as the range allows in 15 bits, 0.04096 / (step · shunt), its lowest bit 0.
    /// The shunt cancels out of it.
    /// </summary>
    public ushort Calibration => (ushort)((int)(0.04096 * 32767 / FullScaleVolts) & 0xFFFE);

    /// <summary>Amperes a step of the current register, of the calibration as it was rounded.</summary>
    public double AmperesPerStep => 0.04096 / (Calibration * ShuntOhms);

    /// <summary>Watts a step of the power register.</summary>
    public double WattsPerStep => 20 * AmperesPerStep;

    /// <summary>The configuration register.</summary>
    internal ushort Configuration
    {
        get
        {
            int wideRange = MaxVolts > 16 ? 1 : 0;
            return (ushort)((wideRange << 13) | (Gain << 11) | (Conversion.Code << 7) | (Conversion.Code << 3) | ContinuousShuntAndBus);
        }
    }

    /// <summary>The magnitude of the shunt register at the end of the range.</summary>
    internal int FullScaleShuntSteps => 4000 << Gain;

    /// <summary>Shunt and gain together, as a fraction.</summary>
    internal double ScaleUncertainty
    {
        get
        {
            double shunt = ShuntTolerance / Math.Sqrt(3);
            return Math.Sqrt((shunt * shunt) + (GainUncertainty * GainUncertainty));
        }
    }

    private (int Code, double Microseconds, int Samples) Conversion
    {
        get
        {
            var best = Conversions[0];
            foreach (var candidate in Conversions)
            {
                if (2e-6 * candidate.Microseconds * SlowestConversion <= IntervalSeconds)
                {
                    best = candidate;
                }
            }

            return best;
        }
    }

    /// <exception cref="MeterSpecException">A value is out of the chip's range.</exception>
    internal void Check()
    {
        Require(ShuntOhms is > 0 and <= 100, $"a shunt of {Number(ShuntOhms)} Ω; allowed: above 0, at most 100");
        Require(ShuntTolerance is >= 0 and < 1, $"a tolerance of {Number(ShuntTolerance)}; allowed: from 0 to 1, 0.01 for 1 %");
        Require(MaxVolts is > 0 and <= 26, $"{Number(MaxVolts)} V; the chip measures up to 26 V");
        if (MaxAmperes is { } amperes)
        {
            Require(amperes > 0, $"a largest current of {Number(amperes)} A; it must be above 0");
            Require(
                amperes * ShuntOhms <= 0.32 * RoundingSlack,
                $"{Number(amperes)} A through {Number(ShuntOhms)} Ω are {Number(amperes * ShuntOhms * 1e3)} mV; the chip measures up to 320 mV, "
                + $"{Number(0.32 / ShuntOhms)} A with this shunt");
        }
    }

    private static void Require(bool right, string message)
    {
        if (!right)
        {
            throw new MeterSpecException("ina219: " + message);
        }
    }

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
