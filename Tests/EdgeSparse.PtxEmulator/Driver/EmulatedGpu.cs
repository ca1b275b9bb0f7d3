namespace EdgeSparse.PtxEmulator.Driver;

/// <summary>
/// The machine whose driver <see cref="EmulatedCuda"/> is: what it is like, and what goes wrong. As a library of its own it is told by the
/// environment's EDGESPARSE_EMULATED_GPU, for example <c>capability=53 memory=1000000 graphs=no fail=cuStreamSynchronize:700:2</c>.
/// </summary>
public static class EmulatedGpu
{
    public const string Variable = "EDGESPARSE_EMULATED_GPU";

    private static readonly Dictionary<string, Failure> Failures = [];

    static EmulatedGpu()
    {
        Reset();
        foreach (string setting in (Environment.GetEnvironmentVariable(Variable) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Set(setting);
        }
    }

    public static int DeviceCount { get; set; }

    /// <summary>10 · major + minor.</summary>
    public static int Capability { get; set; }

    /// <summary>CUDA's version of the driver: 1000 · major + 10 · minor.</summary>
    public static int DriverVersion { get; set; }

    /// <summary>The newest version of PTX that the driver takes: 10 · major + minor.</summary>
    public static int NewestPtx { get; set; }

    /// <summary>Threads that a group may have.</summary>
    public static int GroupThreads { get; set; }

    public static long FreeBytes { get; set; }

    public static bool HasGraphs { get; set; }

    public static int Multiprocessors { get; set; }

    public static int GraphLaunches { get; internal set; }

    public static int KernelLaunches { get; internal set; }

    /// <summary>The most threads that a group of a launch had.</summary>
    public static int MostThreadsLaunched { get; internal set; }

    /// <summary>What a kernel did that it may not; null as long as none did.</summary>
    public static string? Fault { get; internal set; }

    /// <summary>Changes code before it is loaded, to see that an error in it would be found; null for none.</summary>
    public static Func<string, string>? Change { get; set; }

    /// <summary>Begins anew, with a machine where all is well.</summary>
    public static void Reset()
    {
        (DeviceCount, Capability, DriverVersion, NewestPtx, FreeBytes, HasGraphs, GroupThreads, Multiprocessors) = (1, 87, 12040, 84, 1L << 32, true, 1024, 16);
        (GraphLaunches, KernelLaunches, MostThreadsLaunched, Fault, Change) = (0, 0, 0, null, null);
        Failures.Clear();
    }

    /// <summary>Makes a function of the driver fail.</summary>
    /// <param name="function">For example <c>cuGraphLaunch</c>.</param>
    /// <param name="result">What it gives, by NVIDIA's "CUDA Driver API", CUresult.</param>
    /// <param name="after">Calls that go well before.</param>
    public static void Fail(string function, int result, int after = 0) => Failures[function] = new Failure(result, after);

    /// <summary>What a call of a function gives, 0 where all is well.</summary>
    internal static int ResultOf(string function)
    {
        if (!Failures.TryGetValue(function, out Failure? failure))
        {
            return 0;
        }

        failure.After--;
        return failure.After < 0 ? failure.Result : 0;
    }

    private static void Set(string setting)
    {
        string[] parts = setting.Split('=', 2);
        string value = parts.Length == 2 ? parts[1] : throw new FormatException($"{Variable}: '{setting}' is no setting");
        switch (parts[0])
        {
            case "devices":
                DeviceCount = int.Parse(value);
                break;
            case "capability":
                Capability = int.Parse(value);
                break;
            case "multiprocessors":
                Multiprocessors = int.Parse(value);
                break;
            case "ptx":
                NewestPtx = int.Parse(value);
                break;
            case "memory":
                FreeBytes = long.Parse(value);
                break;
            case "graphs":
                HasGraphs = value == "yes";
                break;
            case "fail":
                string[] failure = value.Split(':');
                Fail(failure[0], int.Parse(failure[1]), failure.Length > 2 ? int.Parse(failure[2]) : 0);
                break;
            default:
                throw new FormatException($"{Variable}: '{setting}' is no setting");
        }
    }

    private sealed class Failure(int result, int after)
    {
        public int Result => result;

        public int After { get; set; } = after;
    }
}
