using System.CommandLine;
using EdgeSparse.Targets.Deploying;

namespace EdgeSparse.Cli.Verbs;

/// <summary>Options of the verbs that log in on devices.</summary>
internal sealed class HostOptions
{
    private readonly Option<string?> host = new("--host") { Description = "the device", HelpName = "USER@HOST[:PORT]" };
    private readonly Option<string?> inventory = new("--inventory") { Description = "a file with one device a line", HelpName = "FILE" };
    private readonly Option<string?> identity = new("--identity", "-i") { Description = "private SSH key; the usual ones of ~/.ssh when left out", HelpName = "FILE" };
    private readonly Option<string?> knownHosts = new("--known-hosts") { Description = "keys of hosts; ~/.ssh/known_hosts when left out", HelpName = "FILE" };
    private readonly Option<bool> accept = new("--accept-new-host-key") { Description = "trust a host that is not listed yet, and list it; never one whose key has changed" };
    private readonly Option<string> root = new("--root") { Description = "folder on the device", HelpName = "DIR", DefaultValueFactory = _ => "edgesparse" };

    public void AddTo(Command command)
    {
        command.Add(host);
        command.Add(inventory);
        command.Add(identity);
        command.Add(knownHosts);
        command.Add(accept);
        command.Add(root);
        command.Validators.Add(result =>
        {
            if (result.GetResult(host) is null == result.GetResult(inventory) is null)
            {
                result.AddError("give either --host or --inventory");
            }
        });
    }

    public IReadOnlyList<HostAddress> Hosts(VerbContext context) =>
        context.Value(host) is { } one ? [HostAddress.Parse(one)] : Fleet.ReadInventory(context.Value(inventory)!);

    public DeployOptions Read(VerbContext context) => new()
    {
        Root = context.Required(root),
        Access = new SshAccess
        {
            Identity = context.Value(identity),
            KnownHostsPath = context.Value(knownHosts) ?? KnownHosts.DefaultPath,
            AcceptNewHosts = context.Value(accept),
        },
    };
}
