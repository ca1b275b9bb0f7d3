using System.Globalization;
using EdgeSparse.Cli.Display;
using EdgeSparse.Targets.Deploying;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse status --host USER@HOST</c>. Fails when a device has no model that answers.</summary>
internal sealed class StatusVerb : Verb
{
    private readonly HostOptions hosts = new();

    public StatusVerb()
        : base("status", "say what runs on devices, and whether it answers")
    {
        hosts.AddTo(this);
    }

    protected override int Run(VerbContext context)
    {
        Deployer deployer = new(hosts.Read(context));
        DeviceStatus[] all = [.. hosts.Hosts(context).Select(h => deployer.Status(h, context.Cancellation))];
        context.Report(all, Show);
        return all.All(s => s.Healthy) ? ExitCode.Success : ExitCode.Failure;
    }

    private static void Show(IAnsiConsole console, DeviceStatus[] all)
    {
        Table table = ResultTable.Create("device", "model", " order", "target", "before", "signed only", " free", " clock off by", "state");
        foreach (DeviceStatus status in all)
        {
            table.Add(
                status.Host, status.Blob ?? "none", status.Order?.ToString(CultureInfo.InvariantCulture) ?? "", status.Target ?? "", status.Previous ?? "none",
                status.KeyConfigured ? "yes" : "no", Quantity.Bytes(status.FreeBytes), string.Create(CultureInfo.InvariantCulture, $"{status.ClockErrorSeconds:0} s"),
                status.Detail);
        }

        console.Write(table);
    }
}
