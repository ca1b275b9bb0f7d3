using System.CommandLine;
using System.CommandLine.Parsing;
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

    /// <param name="command">Gets the options.</param>
    /// <param name="optional">Whether it also works without a device.</param>
    public void AddTo(Command command, bool optional = false)
    {
        command.Add(host);
        command.Add(inventory);
        command.Add(identity);
        command.Add(knownHosts);
        command.Add(accept);
        command.Add(root);
        command.Validators.Add(result =>
        {
            bool none = result.GetResult(host) is null && result.GetResult(inventory) is null;
            if (optional && none)
            {
                Option[] others = [identity, knownHosts, accept, root];
                if (others.FirstOrDefault(o => result.GetResult(o) is { Implicit: false }) is { } other)
                {
                    result.AddError($"{other.Name} is about a device: give --host or --inventory");
                }
            }
            else if (none || (result.GetResult(host) is not null && result.GetResult(inventory) is not null))
            {
                result.AddError("give either --host or --inventory");
            }
        });
    }

    /// <summary>Whether a device was named.</summary>
    public bool AreGiven(CommandResult result) => result.GetResult(host) is not null || result.GetResult(inventory) is not null;

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
