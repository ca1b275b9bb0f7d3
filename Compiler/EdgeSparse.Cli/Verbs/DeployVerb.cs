using System.CommandLine;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Targets;
using EdgeSparse.Targets.Deploying;
using EdgeSparse.Targets.Publishing;
using EdgeSparse.Targets.Publishing.Packages;
using EdgeSparse.Targets.Signing;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse deploy FOLDER --host USER@HOST</c>.</summary>
internal sealed class DeployVerb : Verb
{
    private readonly Argument<string> folder = new("FOLDER") { Description = "what publish --model left: a folder, or a .tar.gz" };
    private readonly HostOptions hosts = new();
    private readonly Option<string?> target = TargetOption.Create("refuse a folder that was published for another target");
    private readonly Option<string?> trust = new("--trust") { Description = "put this public key on devices that have none: they then take models of its owner alone", HelpName = "KEY.pub" };
    private readonly Option<bool> downgrade = new("--allow-downgrade") { Description = "also replace a newer model" };
    private readonly Option<bool> clock = new("--allow-wrong-clock") { Description = "also deploy to a device whose clock is off by more than a day" };
    private readonly Option<int> health = new("--health-seconds") { Description = "how long the device's server has to take over the model", HelpName = "N", DefaultValueFactory = _ => 15 };
    private readonly Option<double> canary = new("--canary") { Description = "percent of the inventory's hosts to deploy to first; the others follow when all of those came up", HelpName = "PERCENT", DefaultValueFactory = _ => 10 };

    public DeployVerb()
        : base("deploy", "put a published model on devices over SSH, verified and tried there before it is switched to")
    {
        Add(folder);
        Add(target);
        hosts.AddTo(this);
        Add(trust);
        Add(downgrade);
        Add(clock);
        Add(health);
        Add(canary);
        Validators.Add(result =>
        {
            if (result.GetResult(canary) is { Implicit: false } && result.GetValue(canary) is not (>= 0 and <= 100))
            {
                result.AddError("--canary is a percentage from 0 to 100");
            }
            else if (result.GetResult(health) is { Implicit: false } && result.GetValue(health) is not (>= 1 and <= 3600))
            {
                result.AddError("--health-seconds is a whole number from 1 to 3600");
            }
        });
    }

    protected override int Run(VerbContext context)
    {
        IReadOnlyList<HostAddress> devices = hosts.Hosts(context);
        string place = context.Required(folder);
        using StagingFolder? unpacked = place.EndsWith(DeployableArchive.Ending, StringComparison.Ordinal) ? new StagingFolder() : null;
        DeployableFolder deployable = unpacked is null ? DeployableFolder.Read(place) : DeployableArchive.Unpack(place, unpacked.Path);
        if (context.Value(target) is { } asked && TargetOption.Resolve(context, asked).Id is var id && id != deployable.Manifest.Target)
        {
            throw new TargetsException($"'{place}' was published for '{deployable.Manifest.Target}', not for '{id}'");
        }

        DeployOptions options = hosts.Read(context) with
        {
            AllowDowngrade = context.Value(downgrade),
            AllowWrongClock = context.Value(clock),
            HealthSeconds = context.Required(health),
            Trust = context.Value(trust) is { } key ? PublicKey.Read(key) : null,
        };
        FleetResult result;
        using (IProgressTask task = context.Progress.Begin("deploying", devices.Count, "devices"))
        {
            result = new Fleet(new Deployer(options)).Deploy(
                deployable, devices, context.Required(canary),
                line =>
                {
                    task.Advance();
                    task.Describe(line);
                },
                context.Cancellation);
        }

        // One device's failure is the command's own error.
        if (devices.Count == 1 && result.Failed.Length == 1)
        {
            throw new TargetsException(result.Failed[0].Reason);
        }

        var report = new { result.Done, Failed = result.Failed.Select(f => new { f.Host, f.Reason }), result.Untouched };
        context.Report(report, (console, _) => Show(console, result));
        return result.Failed.Length == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private static void Show(IAnsiConsole console, FleetResult result)
    {
        Table table = ResultTable.Create("device", "result", " transferred", "detail");
        foreach (DeployResult done in result.Done)
        {
            table.Add(done.Host, done.Changed ? $"deployed to slot {done.Slot}" : "unchanged", Quantity.Bytes(done.TransferredBytes), done.Detail);
        }

        foreach ((string host, string reason) in result.Failed)
        {
            table.Add(host, "failed", "", reason);
        }

        foreach (string host in result.Untouched)
        {
            table.Add(host, "not begun", "", "a device before it failed");
        }

        console.Write(table);
    }
}
