using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Targets;
using EdgeSparse.Targets.Benching;
using EdgeSparse.Targets.Deploying;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;
using EdgeSparse.Targets.Publishing.Packages;

namespace EdgeSparse.Cli.Verbs;

/// <summary>The part of <c>edgesparse bench</c> that measures on devices.</summary>
/// <param name="model">A blob, a deployable folder or archive, or nothing for what is deployed.</param>
/// <param name="threads">Numbers of threads.</param>
/// <param name="seconds">Time for each.</param>
internal sealed class DeviceBench(Argument<string?> model, Option<ImmutableArray<int>> threads, Option<double> seconds)
{
    private readonly HostOptions hosts = new();
    private readonly Option<string?> target = TargetOption.Create("with --host, what the device is: its cores and its meter; that of the folder when left out");
    private readonly Option<string?> meter = MeterOption.OfDevice();
    private readonly Option<double?> energySeconds = MeterOption.Number<double?>(
        "--energy-seconds", "with --host, the least time of a run that energy is measured in; 10, as MLPerf Tiny asks for, when left out", "S", 0.01, 100);

    public void AddTo(Command command)
    {
        hosts.AddTo(command, optional: true);
        command.Add(target);
        command.Add(meter);
        command.Add(energySeconds);
        command.Validators.Add(result =>
        {
            Option[] remote = [target, meter, energySeconds];
            if (!hosts.AreGiven(result) && remote.FirstOrDefault(o => result.GetResult(o) is { Implicit: false }) is { } other)
            {
                result.AddError($"{other.Name} is about a device: give --host or --inventory");
            }
        });
    }

    /// <summary>Whether the command line names a device.</summary>
    public bool IsAsked(CommandResult result) => hosts.AreGiven(result);

    public int Run(VerbContext context)
    {
        string? path = context.Value(model);
        using StagingFolder? unpacked = path?.EndsWith(DeployableArchive.Ending, StringComparison.Ordinal) == true ? new StagingFolder() : null;
        DeployableFolder? folder = unpacked is not null ? DeployableArchive.Unpack(path!, unpacked.Path)
            : Directory.Exists(path) ? DeployableFolder.Read(path)
            : null;
        if (folder is null && path is not null && !File.Exists(path))
        {
            throw new TargetsException($"there is no blob or folder '{path}'");
        }

        TargetProfile? profile = ProfileOf(context, folder);
        DeployOptions access = hosts.Read(context);
        RemoteBench bench = new(new RemoteBenchOptions
        {
            Access = access.Access,
            Root = access.Root,
            Threads = ThreadsOf(context, profile),
            Seconds = context.Required(seconds),
            Meter = context.Value(meter) ?? profile?.Meter,
            EnergySeconds = context.Value(energySeconds),
        });
        BenchSubject subject = folder is not null ? BenchSubject.Of(folder) : path is not null ? BenchSubject.Of(path) : BenchSubject.InUse;
        IReadOnlyList<HostAddress> devices = hosts.Hosts(context);
        List<RemoteBenchResult> results = [];
        using (IProgressTask task = context.Progress.Begin("measuring", devices.Count, "devices"))
        {
            foreach (HostAddress device in devices)
            {
                results.Add(bench.Run(subject, device, step => task.Describe($"{device}: {step}"), context.Cancellation));
                task.Advance();
            }
        }

        context.Report<IReadOnlyList<RemoteBenchResult>>(results, DeviceBenchTable.Show);
        return Complain(context, results) ? ExitCode.Failure : ExitCode.Success;
    }

    /// <summary>A meter that was named and gave nothing is an error; one that stands in the profile may be absent from a device.</summary>
    private bool Complain(VerbContext context, List<RemoteBenchResult> results)
    {
        RemoteBenchResult[] unmeasured = context.Value(meter) is null ? [] : [.. results.Where(r => r.EnergyProblem is not null)];
        foreach (RemoteBenchResult result in unmeasured)
        {
            context.ReportError($"{result.Host}: energy was not measured: {result.EnergyProblem}");
        }

        return unmeasured.Length > 0;
    }

    private TargetProfile? ProfileOf(VerbContext context, DeployableFolder? folder)
    {
        if (context.Value(target) is not { } asked)
        {
            return context.Toolchain.Targets.FirstOrDefault(t => t.Id == folder?.Manifest.Target);
        }

        TargetProfile profile = TargetOption.Resolve(context, asked);
        return folder is null || folder.Manifest.Target == profile.Id
            ? profile
            : throw new TargetsException($"'{folder.Folder}' was published for '{folder.Manifest.Target}', not for '{profile.Id}'");
    }

    /// <summary>Those asked for; else one and as many as the target has cores; null to ask the device.</summary>
    private ImmutableArray<int>? ThreadsOf(VerbContext context, TargetProfile? profile)
    {
        if (context.Arguments.GetResult(threads) is not { Implicit: false })
        {
            return profile?.Cores is { } cores ? [.. new[] { 1, cores }.Distinct()] : null;
        }

        ImmutableArray<int> asked = context.Required(threads);
        return profile?.Cores is not { } most || asked.Max() <= most
            ? asked
            : throw new TargetsException($"--threads {asked.Max()} is more than the {most} cores of '{profile.Id}'");
    }
}
