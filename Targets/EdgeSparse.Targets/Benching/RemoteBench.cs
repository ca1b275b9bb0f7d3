using System.Collections.Immutable;
using System.Globalization;
using EdgeSparse.Targets.Deploying;

namespace EdgeSparse.Targets.Benching;

/// <summary>
/// Measures a model on a device over SSH. Files go to a folder of their own, which is removed at the end; what is deployed there is left
/// as it is.
/// </summary>
/// <param name="options">How.</param>
public sealed class RemoteBench(RemoteBenchOptions options)
{
    /// <summary>Inferences of the run that tells how many fit into the time, and how much memory they take.</summary>
    private const int FirstInferences = 20;

    /// <summary>Times of more would take more memory on the device than most networks.</summary>
    private const int MostInferences = 1_000_000;

    /// <param name="subject">What to measure.</param>
    /// <param name="host">The device.</param>
    /// <param name="onStep">Told what is being done.</param>
    /// <param name="cancellation">Ends the wait; what runs on the device goes on to its end.</param>
    /// <exception cref="TargetsException">The host cannot be asked, or the model cannot be run there; one line says why.</exception>
    public RemoteBenchResult Run(BenchSubject subject, HostAddress host, Action<string> onStep, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(onStep);
        using RemoteShell shell = RemoteShell.Connect(host, options.Access);
        Dictionary<string, string> facts = Facts(Done(shell.Run(BenchScripts.Prepare(options.Root), "looking around", cancellation: cancellation), host, "cannot begin"));
        string folder = facts.GetValueOrDefault("folder", "");
        if (folder.Length == 0 || !facts.TryGetValue("arch", out string? architecture))
        {
            throw new TargetsException($"{host}: the device does not answer as a POSIX system does");
        }

        try
        {
            DeviceMachine machine = new(
                facts.GetValueOrDefault("model", ""), architecture,
                int.TryParse(facts.GetValueOrDefault("cores"), NumberStyles.None, CultureInfo.InvariantCulture, out int cores) ? cores : 1);
            Require(subject, machine, facts.ContainsKey("inuse"), host);
            bool hasManifest = subject.Executable is not null;
            Send(shell, subject, host, folder, onStep, cancellation);
            if (facts.ContainsKey("key") && hasManifest)
            {
                Done(shell.Run(BenchScripts.Verify(options.Root, folder), "verifying", cancellation: cancellation), host, "the model was refused");
            }

            string Command(string what) => BenchScripts.Command(folder, hasManifest, subject.Blob, hasManifest, facts.ContainsKey("key"), what);
            return Measure(shell, host, machine, folder, Command, onStep, cancellation);
        }
        finally
        {
            shell.TryRun(BenchScripts.Remove(options.Root, folder));
        }
    }

    private static void Require(BenchSubject subject, DeviceMachine machine, bool isDeployed, HostAddress host)
    {
        if (subject.Rid is { } rid && Deployer.MachineOf(rid) is var needed && needed != machine.Architecture)
        {
            throw new TargetsException($"{host} is a {machine.Architecture} machine; the folder is built for {needed}: publish for a target that fits it");
        }

        if (subject.Executable is null && !isDeployed)
        {
            throw new TargetsException($"{host}: no EdgeSparse executable is deployed there; give a folder that edgesparse publish --model has made in place of a blob");
        }
    }

    private void Send(RemoteShell shell, BenchSubject subject, HostAddress host, string folder, Action<string> onStep, CancellationToken cancellation)
    {
        foreach (string file in subject.Files.Concat(subject.Executable is { } executable ? [executable] : []))
        {
            string name = Path.GetFileName(file);
            onStep($"sending {name}");
            using FileStream content = File.OpenRead(file);
            string script = BenchScripts.Receive(options.Root, folder, name, content.Length, file == subject.Executable);
            Done(shell.Run(script, $"sending {name}", content, cancellation), host, $"{name} did not arrive");
        }
    }

    private RemoteBenchResult Measure(
        RemoteShell shell, HostAddress host, DeviceMachine machine, string folder, Func<string, string> command, Action<string> onStep,
        CancellationToken cancellation)
    {
        DeviceLooks looks = new();
        (DeviceLatency Latency, DeviceMemory Memory) Time(long inferences, int threads, bool sensors)
        {
            string output = Done(
                shell.Run(
                    sensors
                        ? BenchScripts.Time(options.Root, folder, command(BenchScripts.BenchOption(inferences, threads)), options.SystemRoot)
                        : BenchScripts.Measure(options.Root, command(BenchScripts.BenchOption(inferences, threads))),
                    "measuring", cancellation: cancellation),
                host, "the model could not be run");
            int mark = output.IndexOf(BenchScripts.ReportMark, StringComparison.Ordinal);
            looks.Add(mark < 0 ? "" : output[..mark]);
            return FirmwareReport.Times(mark < 0 ? output : output[(mark + BenchScripts.ReportMark.Length)..], threads, host.ToString());
        }

        List<DeviceLatency> runs = [];
        DeviceMemory? memory = null;
        foreach (int threads in options.Threads ?? [.. new[] { 1, machine.Cores }.Distinct()])
        {
            onStep($"measuring with {threads} thread{(threads == 1 ? "" : "s")}");
            (DeviceLatency first, DeviceMemory taken) = Time(FirstInferences, threads, sensors: false);
            memory ??= taken;
            double fitting = options.Seconds * 1e6 / Math.Max(first.MedianMicroseconds, 0.01);
            runs.Add(Time((long)Math.Clamp(fitting, FirstInferences, MostInferences), threads, sensors: true).Latency);
        }

        (DeviceEnergy? energy, string? problem) = Energy(shell, host, command, onStep, cancellation);
        return new RemoteBenchResult(
            host.ToString(), machine, [.. runs], memory!, looks.Temperatures(), looks.Frequency(), looks.Throttling(), energy, problem);
    }

    private (DeviceEnergy? Energy, string? Problem) Energy(
        RemoteShell shell, HostAddress host, Func<string, string> command, Action<string> onStep, CancellationToken cancellation)
    {
        if (options.Meter is not { } meter)
        {
            return (null, null);
        }

        onStep($"measuring energy by {meter}");
        string seconds = options.EnergySeconds is { } length ? string.Create(CultureInfo.InvariantCulture, $" --energy-seconds {length}") : "";
        RemoteResult result = shell.Run(
            BenchScripts.Measure(options.Root, command($"--energy {DeviceScripts.Quote(meter)}{seconds}")), "measuring energy", cancellation: cancellation);

        // Without a report the meter could not be opened; with one, it may have stopped in mid-measure, which the report says.
        return result.Output.StartsWith('{') ? FirmwareReport.Energy(result.Output, host.ToString()) : (null, result.Reason);
    }

    private static Dictionary<string, string> Facts(string output)
    {
        Dictionary<string, string> facts = [];
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ', 2);
            facts[words[0]] = words.Length > 1 ? words[1].Trim() : "";
        }

        return facts;
    }

    private static string Done(RemoteResult result, HostAddress host, string what) =>
        result.ExitCode == 0 ? result.Output : throw new TargetsException($"{host}: {what}: {result.Reason}");
}
