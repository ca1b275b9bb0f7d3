using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Zoo;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>One group of channels that are removed together.</summary>
/// <param name="Name">After its first layer.</param>
/// <param name="Channels">How many channels it has.</param>
/// <param name="Producers">Layers that lose output channels.</param>
/// <param name="Consumers">Layers that lose input channels.</param>
/// <param name="Others">Normalisations and constants that lose entries.</param>
/// <param name="Blocked">Why the group stays whole; null where its channels can be removed.</param>
public sealed record GroupFigures(
    string Name, int Channels, ImmutableArray<string> Producers, ImmutableArray<string> Consumers, ImmutableArray<string> Others, string? Blocked);

/// <summary>The groups of a network: what <c>prune --show-groups --json</c> prints.</summary>
public sealed record GroupListing(string Model, long Macs, long Parameters, ImmutableArray<GroupFigures> Groups)
{
    /// <param name="model">An ONNX file, or the name of a network of the zoo.</param>
    /// <exception cref="EdgeSparseException">There is no such model, or it cannot be read.</exception>
    public static GroupListing Of(string model)
    {
        Graph graph = File.Exists(model) || model.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? OnnxImporter.Read(model) : ModelZoo.Create(model, seed: 1);
        DependencyGraph dependencies = DependencyGraph.Of(graph);
        NetworkCost cost = new ChannelCounts(dependencies).Before;
        return new GroupListing(
            model, cost.Macs, cost.Parameters,
            [.. dependencies.Groups.Concat(dependencies.Blocked).Select(g => new GroupFigures(g.Name, g.Channels.Length, g.Producers, g.Consumers, g.Others, g.Blocked))]);
    }
}
