using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Structured.Decay;

/// <summary>
/// The decay around one host, and what is alike for all hosts: a released channel comes back into the host's counts, a pruned one
/// stays zero until it is cut out, and a checkpoint finds all of it.
/// </summary>
/// <param name="vectors">What of a channel decays.</param>
/// <param name="options">Steps, thresholds.</param>
/// <param name="counts">The host's: what it has chosen is removed from them.</param>
/// <param name="criterion">When channels are released; null for the one that the options describe.</param>
internal sealed class HostDecay(ChannelVectors vectors, DecayOptions options, ChannelCounts counts, IReleaseCriterion? criterion = null) : IDisposable
{
    private readonly HeldChannels held = new(vectors);
    private bool loaded;

    public ChannelDecay Channels { get; } = new(vectors, options, criterion);

    public DecayStates States => Channels.States;

    /// <summary>Takes over what a checkpoint restored; to be called before each step, the first call counts.</summary>
    /// <returns>Whether this was the first call.</returns>
    public bool Load(Device device)
    {
        if (loaded)
        {
            return false;
        }

        loaded = true;
        States.Load();
        foreach (int channel in States.Pruned.Concat(States.Decaying))
        {
            counts.TryRemove(channel);
        }

        held.Set(States.Pruned, device);
        return true;
    }

    /// <summary>After each update: lengths, releases, what stays zero.</summary>
    /// <param name="weights">Those that decay, by name, after the update.</param>
    /// <param name="momentum">The update's state by weight and slot.</param>
    /// <param name="round">The host's round, which releases are barred from.</param>
    /// <param name="holdIn">What pruned channels stay zero in; more than <paramref name="weights"/> where some are frozen.</param>
    /// <param name="device">Where the weights are.</param>
    public void AfterUpdate(
        IReadOnlyDictionary<string, Tensor> weights, IReadOnlyDictionary<string, Tensor> momentum, int round, IReadOnlyDictionary<string, Tensor> holdIn, Device device)
    {
        DecayEvents events = Channels.AfterUpdate(weights, momentum, round);
        foreach (int channel in events.Released)
        {
            counts.Restore(channel);
        }

        if (events.Pruned.Count > 0)
        {
            held.Set(States.Pruned, device);
        }

        held.Apply(holdIn);
        States.Store();
    }

    public void Dispose()
    {
        Channels.Dispose();
        held.Dispose();
    }
}
