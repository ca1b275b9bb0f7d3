using EdgeSparse.Cli.Display;
using EdgeSparse.Targets.Deploying;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse rollback --host USER@HOST</c>.</summary>
internal sealed class RollbackVerb : Verb
{
    private readonly HostOptions hosts = new();

    public RollbackVerb()
        : base("rollback", "have devices go back to the model before")
    {
        hosts.AddTo(this);
    }

    protected override int Run(VerbContext context)
    {
        Deployer deployer = new(hosts.Read(context));
        DeployResult[] results = [.. hosts.Hosts(context).Select(h => deployer.Rollback(h, context.Cancellation))];
        context.Report(results, (console, all) => console.WriteFacts([.. all.Select(r => (r.Host, $"slot {r.Slot} is in use again"))]));
        return ExitCode.Success;
    }
}
