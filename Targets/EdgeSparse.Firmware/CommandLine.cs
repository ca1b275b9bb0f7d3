using System.Globalization;
using EdgeSparse.Energy;
using EdgeSparse.Runtime;

namespace EdgeSparse.Firmware;

/// <summary>What <c>edgesparse-run</c> is asked to do.</summary>
internal enum Mode
{
    /// <summary>Samples of a file, timed runs, or both.</summary>
    Once,
    SelfTest,
    Verify,
    Serve,
    Watch,
    Ask,
}

/// <summary>The arguments of <c>edgesparse-run</c>.</summary>
internal sealed record CommandLine
{
    public const string Usage = """
        usage: edgesparse-run MODEL [--input FILE.npy|.idx|.png] [--bench N] [--energy METER] [--json]
                       [--threads N] [--device DEVICE] [--key FILE]
               edgesparse-run MODEL --self-test | --serve ADDRESS | --watch DIR [--json]
               edgesparse-run FOLDER --verify [--over FOLDER]
               edgesparse-run --ask ADDRESS

        Runs the network of an .esb blob, or of a deployable folder, on every sample of a file and prints the class with the
        highest score.

          --input FILE     samples: NumPy, idx or PNG, each also gzipped; bytes are scaled as the blob says
          --bench N        runs N timed inferences on the first sample, or on zeros without --input
          --energy METER   joules per inference on the first sample, or on zeros: median of 5 runs of 10 s; METER is
                           ina219[:bus=1,address=0x40,shunt=0.1,max=A,volts=V], hwmon:CHIP[/LABEL], rapl[:ZONE],
                           battery[:NAME] or replay:FILE.csv
          --energy-seconds S
                           seconds of a run, in place of 10
          --threads N      computes with so many threads, in place of one
          --device DEVICE  cpu, which it is otherwise; cuda or cuda:N for an NVIDIA GPU; auto for a GPU where it can run
                           the model, else the CPU
          --json           prints one JSON object
          --key FILE       refuses models that the owner of this public key did not sign
          --self-test      runs the blob's own samples and compares the outputs with those that it states
          --verify         checks a deployable folder against its manifest; with --over, that it is not older than another
          --serve ADDRESS  answers requests on unix:PATH or tcp:HOST:PORT, or JSON lines on standard input with -
          --watch DIR      runs every sample file that is put into the folder
          --ask ADDRESS    prints the state of a server

        Exit codes: 0 done, 1 a file is missing or wrong, 2 usage.

        """;

    private const int MaxInferences = 100_000_000;
    private const int MaxThreads = 256;

    public Mode Mode { get; private init; } = Mode.Once;

    /// <summary>A blob or a deployable folder.</summary>
    public string Model { get; private init; } = "";

    public string? Input { get; private init; }

    /// <summary>Timed inferences; 0 for none.</summary>
    public int Bench { get; private init; }

    /// <summary>What measures energy; null where nothing does.</summary>
    public MeterSpec? Energy { get; private init; }

    /// <summary>Seconds of a run that energy is measured in; 0 where nothing was said.</summary>
    public double EnergySeconds { get; private init; }

    /// <summary>Threads of the session; 0 where nothing was said.</summary>
    public int Threads { get; private init; }

    public SessionOptions Session => new() { Threads = Math.Max(1, Threads) };

    /// <summary>A session of the model where it is to run.</summary>
    public IInferenceSession Open(EdgeSparse.Runtime.Model model) => (Device ?? InferenceDevice.Cpu).Open(model, Session);

    /// <summary>What the network runs on; null where nothing was said, which is the CPU.</summary>
    public InferenceDevice? Device { get; private init; }

    public bool Json { get; private init; }

    /// <summary>A file with the public key that must have signed the model.</summary>
    public string? Key { get; private init; }

    /// <summary>A folder whose model the one to verify must not be older than.</summary>
    public string? Over { get; private init; }

    /// <summary>The address of --serve and --ask, the folder of --watch.</summary>
    public string Place { get; private init; } = "";

    /// <summary>The socket that the server before this one in the process listened on; see <see cref="Serving.Successor"/>.</summary>
    public int? Listener { get; private init; }

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
                    result = result with { Bench = CountOf(argument, ValueOf(arguments, ref i), MaxInferences) };
                    break;
                case "--threads":
                    Refuse(result.Threads != 0, "--threads stands there twice");
                    result = result with { Threads = CountOf(argument, ValueOf(arguments, ref i), MaxThreads) };
                    break;
                case "--device":
                    Refuse(result.Device is not null, "--device stands there twice");
                    result = result with { Device = InferenceDevice.Parse(ValueOf(arguments, ref i)) };
                    break;
                case "--energy":
                    Refuse(result.Energy is not null, "--energy stands there twice");
                    result = result with { Energy = MeterOf(ValueOf(arguments, ref i)) };
                    break;
                case "--energy-seconds":
                    Refuse(result.EnergySeconds != 0, "--energy-seconds stands there twice");
                    result = result with { EnergySeconds = SecondsOf(ValueOf(arguments, ref i)) };
                    break;
                case "--key":
                    Refuse(result.Key is not null, "--key stands there twice");
                    result = result with { Key = ValueOf(arguments, ref i) };
                    break;
                case "--over":
                    Refuse(result.Over is not null, "--over stands there twice");
                    result = result with { Over = ValueOf(arguments, ref i) };
                    break;
                case Serving.Successor.ListenerOption:
                    result = result with { Listener = CountOf(argument, ValueOf(arguments, ref i), MaxInferences) };
                    break;
                case "--self-test":
                    result = result.In(Mode.SelfTest, argument);
                    break;
                case "--verify":
                    result = result.In(Mode.Verify, argument);
                    break;
                case "--serve":
                    result = result.In(Mode.Serve, argument) with { Place = ValueOf(arguments, ref i) };
                    break;
                case "--watch":
                    result = result.In(Mode.Watch, argument) with { Place = ValueOf(arguments, ref i) };
                    break;
                case "--ask":
                    result = result.In(Mode.Ask, argument) with { Place = ValueOf(arguments, ref i) };
                    break;
                default:
                    Refuse(argument.StartsWith('-'), $"unknown option '{argument}'");
                    Refuse(result.Model.Length > 0, $"one model only; found '{result.Model}' and '{argument}'");
                    Refuse(argument.Length == 0, "the model's name is empty");
                    result = result with { Model = argument };
                    break;
            }
        }

        result.RequireSense();
        return result;
    }

    private void RequireSense()
    {
        bool once = Input is not null || Bench != 0 || Energy is not null;
        Refuse(Model.Length == 0 && Mode != Mode.Ask, "a model is missing");
        Refuse(Model.Length > 0 && Mode == Mode.Ask, "--ask needs no model");
        Refuse(Mode == Mode.Once && !once, "nothing to do: give --input, --bench or --energy, --self-test, --verify, --serve or --watch");
        Refuse(Mode != Mode.Once && once, "--input, --bench and --energy go with a model alone");
        Refuse(Energy is null && EnergySeconds != 0, "--energy-seconds needs --energy");
        Refuse(Mode != Mode.Verify && Over is not null, "--over goes with --verify");
        Refuse(Mode is not (Mode.Once or Mode.Watch or Mode.Serve) && Threads != 0, "--threads goes with --input, --bench, --energy, --serve and --watch");
        Refuse(Mode is Mode.Verify or Mode.Ask && Device is not null, "--device goes with a model that runs");
        Refuse(Mode is not (Mode.Once or Mode.Watch) && Json, "--json goes with --input, --bench, --energy and --watch");
    }

    private CommandLine In(Mode mode, string option)
    {
        Refuse(Mode != Mode.Once, $"{option} stands beside another of --self-test, --verify, --serve, --watch and --ask");
        return this with { Mode = mode };
    }

    private static string ValueOf(ReadOnlySpan<string> arguments, ref int i)
    {
        Refuse(i + 1 == arguments.Length, $"{arguments[i]} needs a value");
        return arguments[++i];
    }

    private static int CountOf(string option, string text, int most)
    {
        bool valid = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count >= 1 && count <= most;
        Refuse(!valid, $"{option} needs a whole number from 1 to {most}, found '{text}'");
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
