using System.Globalization;
using EdgeSparse.Energy;

namespace EdgeSparse.Firmware;

/// <summary>The arguments of <c>edgesparse-run</c>.</summary>
internal sealed record CommandLine
{
    public const string Usage = """
        usage: edgesparse-run MODEL [--input FILE.npy|.idx|.png] [--bench N] [--energy METER] [--json]

        Runs the network of an .esb blob on every sample of a file and prints the class with the highest score.

          --input FILE  samples: NumPy, idx or PNG, each also gzipped; bytes are scaled as the blob says
          --bench N     runs N timed inferences on the first sample, or on zeros without --input
          --energy METER
                        joules per inference on the first sample, or on zeros: median of 5 runs of 10 s; METER is
                        ina219[:bus=1,address=0x40,shunt=0.1,max=A,volts=V], hwmon:CHIP[/LABEL], rapl[:ZONE],
                        battery[:NAME] or replay:FILE.csv
          --energy-seconds S
                        seconds of a run, in place of 10
          --json        prints one JSON object

        Exit codes: 0 done, 1 a file is missing or wrong, 2 usage.

        """;

    private const int MaxInferences = 100_000_000;

    public string Model { get; private init; } = "";

    public string? Input { get; private init; }

    /// <summary>Timed inferences; 0 for none.</summary>
    public int Bench { get; private init; }

    /// <summary>What measures energy; null where nothing does.</summary>
    public MeterSpec? Energy { get; private init; }

    /// <summary>Seconds of a run that energy is measured in; 0 where nothing was said.</summary>
    public double EnergySeconds { get; private init; }

    public bool Json { get; private init; }

    public bool Help { get; private init; }

    /// <exception cref="UsageException">An argument is unknown, missing or stands there twice.</exception>
    public static CommandLine Parse(ReadOnlySpan<string> arguments)
    {
        CommandLine result = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            string argument = arguments[i];
            switch (argument)
            {
                case "--help" or "-h":
                    return new CommandLine { Help = true };
                case "--json":
                    result = result with { Json = true };
                    break;
                case "--input":
                    Refuse(result.Input is not null, "--input stands there twice");
                    result = result with { Input = ValueOf(arguments, ref i) };
                    break;
                case "--bench":
                    Refuse(result.Bench != 0, "--bench stands there twice");
                    result = result with { Bench = CountOf(ValueOf(arguments, ref i)) };
                    break;
                case "--energy":
                    Refuse(result.Energy is not null, "--energy stands there twice");
                    result = result with { Energy = MeterOf(ValueOf(arguments, ref i)) };
                    break;
                case "--energy-seconds":
                    Refuse(result.EnergySeconds != 0, "--energy-seconds stands there twice");
                    result = result with { EnergySeconds = SecondsOf(ValueOf(arguments, ref i)) };
                    break;
                default:
                    Refuse(argument.StartsWith('-'), $"unknown option '{argument}'");
                    Refuse(result.Model.Length > 0, $"one model only; found '{result.Model}' and '{argument}'");
                    Refuse(argument.Length == 0, "the model's name is empty");
                    result = result with { Model = argument };
                    break;
            }
        }

        Refuse(result.Model.Length == 0, "a model is missing");
        Refuse(result.Input is null && result.Bench == 0 && result.Energy is null, "nothing to do: give --input, --bench or --energy");
        Refuse(result.Energy is null && result.EnergySeconds != 0, "--energy-seconds needs --energy");
        return result;
    }

    private static string ValueOf(ReadOnlySpan<string> arguments, ref int i)
    {
        Refuse(i + 1 == arguments.Length, $"{arguments[i]} needs a value");
        return arguments[++i];
    }

    private static int CountOf(string text)
    {
        bool valid = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= MaxInferences;
        Refuse(!valid, $"--bench needs a whole number from 1 to {MaxInferences}, found '{text}'");
        return count;
    }

    private static double SecondsOf(string text)
    {
        bool valid = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds is >= 0.01 and <= 3600;
        Refuse(!valid, $"--energy-seconds needs a number from 0.01 to 3600, found '{text}'");
        return seconds;
    }

    private static MeterSpec MeterOf(string text)
    {
        try
        {
            return MeterSpec.Parse(text);
        }
        catch (MeterSpecException error)
        {
            throw new UsageException(error.Message);
        }
    }

    private static void Refuse(bool wrong, string message)
    {
        if (wrong)
        {
            throw new UsageException(message);
        }
    }
}
