using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Pruning.Structured.Dependencies;

/// <summary>Positions of one axis that go with a channel.</summary>
/// <param name="Axis">Of a weight or an activation.</param>
/// <param name="Positions">Ascending.</param>
public sealed record ChannelMember(TensorAxis Axis, ImmutableArray<int> Positions);

/// <summary>The smallest set of positions that can be removed: an output channel of a layer and all that is coupled with it.</summary>
/// <param name="Index">Its place in <see cref="DependencyGraph.Channels"/>.</param>
/// <param name="Members">By axis; weights and activations.</param>
/// <param name="KeepsZero">
/// Whether the channel is zero everywhere once its rows, biases, scales and shifts are, so that removing it changes nothing (Chen
/// et al. 2023, "OTOv2", section 3: zero-invariant).
/// </param>
public sealed record PrunableChannel(int Index, ImmutableArray<ChannelMember> Members, bool KeepsZero)
{
    /// <summary>Members of weights.</summary>
    public IEnumerable<ChannelMember> Weights => Members.Where(m => m.Axis.IsWeight);
}

/// <summary>Channels that are coupled through the same layers: what scores are compared within.</summary>
/// <param name="Index">Its place in <see cref="DependencyGraph.Groups"/>.</param>
/// <param name="Name">The first layer whose output channels they are; numbered where several groups have the same.</param>
/// <param name="Channels">In the order of that layer's output channels.</param>
/// <param name="Producers">Layers that lose output channels, in execution order.</param>
/// <param name="Consumers">Layers that lose input channels, in execution order.</param>
/// <param name="Others">Normalisations and constants that lose entries.</param>
/// <param name="Blocked">Why the group stays whole, or null.</param>
public sealed record ChannelGroup(
    int Index, string Name, ImmutableArray<PrunableChannel> Channels, ImmutableArray<string> Producers, ImmutableArray<string> Consumers,
    ImmutableArray<string> Others, string? Blocked);
