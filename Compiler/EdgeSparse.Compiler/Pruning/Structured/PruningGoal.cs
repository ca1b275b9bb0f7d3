using System.Collections.Immutable;
using System.Globalization;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;

namespace EdgeSparse.Compiler.Pruning.Structured;

/// <summary>A network, which of its channels may go, and how small it has to become: everything checked.</summary>
internal sealed class PruningGoal
{
    private readonly StructuredOptions options;
    private readonly ImmutableArray<int> held;

    /// <param name="graph">The network.</param>
    /// <param name="options">Targets and layers.</param>
    /// <param name="mayGo">Further condition of the method on a channel.</param>
    /// <exception cref="PruningException">
    /// A layer is unknown or not prunable, there is nothing to prune, or the target cannot be met without emptying a layer: the message
    /// says what can.
    /// </exception>
    public PruningGoal(Graph graph, StructuredOptions options, Func<PrunableChannel, bool>? mayGo = null)
    {
        this.options = options;
        if (options.FirstFault() is { } fault)
        {
            throw new PruningException(fault.Message);
        }

        Dependencies = DependencyGraph.Of(graph);
        CheckLayers();
        held =
        [
            .. Dependencies.Groups
                .Where(g => g.Producers.Any(options.Keep.Contains) || (!options.Layers.IsEmpty && !g.Producers.Any(options.Layers.Contains)))
                .SelectMany(g => g.Channels)
                .Concat(Dependencies.Channels.Where(c => mayGo?.Invoke(c) == false))
                .Select(c => c.Index),
        ];
        CheckReach();
    }

    public DependencyGraph Dependencies { get; }

    /// <summary>Counts of the whole network, with its limits.</summary>
    public ChannelCounts NewCounts() => new(Dependencies, options.LargestShare, held);

    /// <summary>Whether a network is small enough.</summary>
    /// <param name="cost">Of the network.</param>
    /// <param name="before">Of the network as it was.</param>
    /// <param name="progress">How much of the way has to be done, 0 to 1.</param>
    public bool IsMet(NetworkCost cost, NetworkCost before, double progress = 1) =>
        cost.Macs <= before.Macs * Share(options.Macs, progress) && cost.Parameters <= before.Parameters * Share(options.Parameters, progress);

    /// <summary>For example <c>12 groups stay whole: linear (it is of the network's output 'linear')</c>; null for none.</summary>
    public string? BlockedNote()
    {
        string[] blocked = [.. Dependencies.Blocked.Where(g => !IsOutput(g)).Select(g => $"{g.Name} ({g.Blocked})")];
        return blocked.Length == 0 ? null : $"stay whole: {string.Join("; ", blocked)}";
    }

    /// <summary>For example <c>50.1 % of the multiplications and 61.2 % of the parameters left, 200 of 400 channels</c>.</summary>
    public static string Words(ChannelCounts counts, int channels) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(double)counts.Cost.Macs / counts.Before.Macs:0.0%} of the multiplications and {(double)counts.Cost.Parameters / counts.Before.Parameters:0.0%} of the parameters left, {counts.Left} of {channels} channels");

    private static double Share(double? target, double progress) => target is { } share ? 1 - ((1 - share) * progress) : double.PositiveInfinity;

    private static bool IsOutput(ChannelGroup group) => group.Blocked!.Contains("network's output", StringComparison.Ordinal);

    private void CheckLayers()
    {
        foreach (string name in options.Layers)
        {
            Dependencies.Graph.NodeOf(name);
            if (!Dependencies.Groups.Any(g => g.Producers.Contains(name)))
            {
                string reason = Dependencies.Blocked.FirstOrDefault(g => g.Producers.Contains(name))?.Blocked ?? "it has no output channels of its own";
                throw new PruningException($"layer '{name}' cannot lose channels: {reason}");
            }
        }

        foreach (string name in options.Keep)
        {
            Dependencies.Graph.NodeOf(name);
        }
    }

    private void CheckReach()
    {
        ChannelCounts counts = NewCounts();
        foreach (PrunableChannel channel in Dependencies.Channels)
        {
            counts.TryRemove(channel.Index);
        }

        if (!IsMet(counts.Cost, counts.Before))
        {
            bool macs = counts.Cost.Macs > counts.Before.Macs * (options.Macs ?? double.PositiveInfinity);
            double reachable = macs ? (double)counts.Cost.Macs / counts.Before.Macs : (double)counts.Cost.Parameters / counts.Before.Parameters;
            throw new PruningException(string.Create(
                CultureInfo.InvariantCulture,
                $"{(macs ? "macs" : "parameters")} = {(macs ? options.Macs : options.Parameters):0.######} cannot be met without emptying a layer{Why()}: at least {Math.Ceiling(reachable * 1e4) / 1e4:0.0000} stays"));
        }
    }

    private string Why() => options.LargestShare < 1 || !held.IsEmpty || !Dependencies.Blocked.All(IsOutput) ? " or touching what has to stay whole" : "";
}
