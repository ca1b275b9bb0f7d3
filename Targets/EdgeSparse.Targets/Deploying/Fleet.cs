using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Targets.Deploying;

/// <summary>What became of a deployment to several hosts.</summary>
/// <param name="Done">Hosts that run the model now.</param>
/// <param name="Failed">Hosts that do not, with the reason.</param>
/// <param name="Untouched">Hosts that were spared because a canary failed.</param>
public sealed record FleetResult(ImmutableArray<DeployResult> Done, ImmutableArray<(string Host, string Reason)> Failed, ImmutableArray<string> Untouched);

/// <summary>Deploys to many devices: a share first, and the others only when all of those came up.</summary>
/// <param name="deployer">For one host.</param>
public sealed class Fleet(Deployer deployer)
{
    private const int AtOnce = 8;

    /// <summary>Reads an inventory: one host a line, blank lines and what follows # left out.</summary>
    /// <exception cref="TargetsException">The file cannot be read, a line is no host, or one stands there twice.</exception>
    public static ImmutableArray<HostAddress> ReadInventory(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TargetsException($"cannot read the inventory '{path}': {error.Message}", error);
        }

        List<HostAddress> hosts = [];
        for (int i = 0; i < lines.Length; i++)
        {
            string text = lines[i].Split('#')[0].Trim();
            if (text.Length == 0)
            {
                continue;
            }

            try
            {
                HostAddress host = HostAddress.Parse(text);
                hosts.Add(!hosts.Contains(host) ? host : throw new TargetsException($"'{text}' stands there twice"));
            }
            catch (TargetsException error)
            {
                throw new TargetsException($"{path}({i + 1}): {error.Message}", error);
            }
        }

        return hosts.Count > 0 ? [.. hosts] : throw new TargetsException($"the inventory '{path}' has no host");
    }

    /// <summary>How many hosts come first.</summary>
    /// <param name="hosts">All of them, at least one.</param>
    /// <param name="percent">0 to 100, of all; 0 for no canary, else at least one host.</param>
    public static int CanaryCount(int hosts, double percent) => percent == 0 ? 0 : Math.Min(hosts, Math.Max(1, (int)Math.Ceiling(hosts * percent / 100)));

    /// <param name="folder">What to deploy.</param>
    /// <param name="hosts">The devices; the first ones are the canaries.</param>
    /// <param name="canaryPercent">See <see cref="CanaryCount"/>.</param>
    /// <param name="onHost">Told of each host that is done or failed, from any thread, one at a time.</param>
    /// <param name="cancellation">No further host is begun after it.</param>
    public FleetResult Deploy(
        DeployableFolder folder, IReadOnlyList<HostAddress> hosts, double canaryPercent, Action<string> onHost, CancellationToken cancellation = default)
    {
        int canaries = CanaryCount(hosts.Count, canaryPercent);
        FleetResult first = DeployAll(folder, hosts.Take(canaries), onHost, cancellation);
        if (first.Failed.Length > 0)
        {
            return first with { Untouched = [.. hosts.Skip(canaries).Select(h => h.ToString())] };
        }

        FleetResult rest = DeployAll(folder, hosts.Skip(canaries), onHost, cancellation);
        return rest with { Done = [.. first.Done, .. rest.Done] };
    }

    private FleetResult DeployAll(DeployableFolder folder, IEnumerable<HostAddress> hosts, Action<string> onHost, CancellationToken cancellation)
    {
        ConcurrentBag<DeployResult> done = [];
        ConcurrentBag<(string Host, string Reason)> failed = [];
        Lock oneAtATime = new();
        Parallel.ForEach(hosts, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, host =>
        {
            string line;
            try
            {
                DeployResult result = deployer.Deploy(folder, host, cancellation);
                done.Add(result);
                line = string.Create(CultureInfo.InvariantCulture, $"{host}: {(result.Changed ? "deployed" : "unchanged")}, {result.TransferredBytes} bytes transferred");
            }
            catch (TargetsException error)
            {
                failed.Add((host.ToString(), error.Message));
                line = error.Message;
            }

            lock (oneAtATime)
            {
                onHost(line);
            }
        });
        return new FleetResult([.. done.OrderBy(d => d.Host, StringComparer.Ordinal)], [.. failed.OrderBy(f => f.Host, StringComparer.Ordinal)], []);
    }
}
