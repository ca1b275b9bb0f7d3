using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Structured.Decay;

/// <summary>Where a channel is between kept and removed.</summary>
internal enum DecayState
{
    Retained,
    Decaying,
    Pruned,
}

/// <summary>
/// The state of each channel: retained, decaying since n of N steps from the norm v₀, or pruned; a released one is retained again
/// and barred for a round. Kept as numbers of single precision in tensors of a fixed shape, so that a checkpoint restores it
/// exactly.
/// </summary>
internal sealed class DecayStates : IDisposable
{
    private readonly float[][] columns = new float[6][];
    private readonly Tensor[] saved = new Tensor[6];
    private static readonly string[] Names = ["state", "norm", "step", "steps", "resisted", "barred"];

    public DecayStates(int channels)
    {
        Count = channels;
        for (int i = 0; i < columns.Length; i++)
        {
            columns[i] = new float[channels];
            saved[i] = zeros([Math.Max(1, channels)], ScalarType.Float32);
        }
    }

    public int Count { get; }

    public IEnumerable<KeyValuePair<string, Tensor>> Tensors => Names.Zip(saved, (name, tensor) => KeyValuePair.Create($"decay {name}", tensor));

    public IEnumerable<int> Decaying => Enumerable.Range(0, Count).Where(i => this[i] == DecayState.Decaying);

    public IEnumerable<int> Pruned => Enumerable.Range(0, Count).Where(i => this[i] == DecayState.Pruned);

    public DecayState this[int channel] => (DecayState)columns[0][channel];

    /// <summary>‖x‖ when the decay began.</summary>
    public float StartOf(int channel) => columns[1][channel];

    public bool IsBarred(int channel, int round) => this[channel] == DecayState.Retained && columns[5][channel] > round;

    public void Begin(int channel, double norm, int steps)
    {
        columns[0][channel] = (float)DecayState.Decaying;
        columns[1][channel] = (float)norm;
        columns[2][channel] = 0;
        columns[3][channel] = steps;
        columns[4][channel] = 0;
    }

    /// <summary>One step on; the length that is prescribed after it, (N − n) · v₀/N, 0 at the end.</summary>
    public double Advance(int channel)
    {
        float n = ++columns[2][channel];
        float steps = columns[3][channel];
        return n >= steps ? 0 : (steps - n) * ((double)columns[1][channel] / steps);
    }

    /// <summary>Notes whether the channel resisted; true when it has done so often enough and is not at its end.</summary>
    public bool Resisted(int channel, bool resists, int patience)
    {
        columns[4][channel] = resists ? columns[4][channel] + 1 : 0;
        return columns[4][channel] >= patience && columns[2][channel] + 1 < columns[3][channel];
    }

    /// <summary>Retained again, and not to be chosen before the round after the next one.</summary>
    public void Release(int channel, int round)
    {
        columns[0][channel] = (float)DecayState.Retained;
        columns[5][channel] = round + 2;
    }

    public void Finish(int channel) => columns[0][channel] = (float)DecayState.Pruned;

    /// <summary>Takes over what a checkpoint restored.</summary>
    public void Load()
    {
        for (int i = 0; i < columns.Length && Count > 0; i++)
        {
            saved[i].data<float>().CopyTo(columns[i]);
        }
    }

    /// <summary>Puts the numbers where a checkpoint finds them.</summary>
    public void Store()
    {
        for (int i = 0; i < columns.Length && Count > 0; i++)
        {
            using Tensor now = tensor(columns[i]);
            saved[i].copy_(now);
        }
    }

    public void Dispose()
    {
        foreach (Tensor tensor in saved)
        {
            tensor.Dispose();
        }
    }
}
