using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Structured.Decay;

/// <summary>Keeps pruned channels at zero until they are cut out: what they feed may still have gradients.</summary>
internal sealed class HeldChannels(ChannelVectors vectors) : IDisposable
{
    private readonly Dictionary<TensorAxis, Tensor> factors = [];

    /// <summary>From now on these are zero.</summary>
    public void Set(IEnumerable<int> pruned, Device device)
    {
        Dispose();
        Dictionary<TensorAxis, float[]> kept = [];
        foreach (ChannelMember member in pruned.SelectMany(c => vectors.Owned[c]))
        {
            if (!kept.TryGetValue(member.Axis, out float[]? along))
            {
                kept[member.Axis] = along = new float[member.Axis.Length];
                Array.Fill(along, 1);
            }

            foreach (int position in member.Positions)
            {
                along[position] = 0;
            }
        }

        foreach ((TensorAxis axis, float[] along) in kept)
        {
            long[] shape = [.. vectors.Dependencies.Graph.WeightOf(axis.Tensor).Shape.Dims.Select((_, i) => i == axis.Axis ? (long)axis.Length : 1)];
            using Tensor flat = tensor(along, device: device);
            factors[axis] = flat.reshape(shape).DetachFromDisposeScope();
        }
    }

    public void Apply(IReadOnlyDictionary<string, Tensor> weights)
    {
        foreach ((TensorAxis axis, Tensor factor) in factors)
        {
            if (weights.TryGetValue(axis.Tensor, out Tensor? weight))
            {
                weight.mul_(factor);
            }
        }
    }

    public void Dispose()
    {
        foreach (Tensor factor in factors.Values)
        {
            factor.Dispose();
        }

        factors.Clear();
    }
}
