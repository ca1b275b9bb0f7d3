using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Reconstruction;

/// <summary>A layer's weights and biases as matrices of some outputs of each group, a column of X a row.</summary>
/// <param name="kernels">How the weight divides.</param>
/// <param name="columns">Columns of X: one more than weights of an output where there is a bias.</param>
/// <param name="dense">The weight to read.</param>
/// <param name="bias">The bias to read, or null.</param>
/// <param name="pruned">Has the mask.</param>
internal sealed class LayerBlock(KernelGrid kernels, int columns, Weight dense, Weight? bias, Weight pruned)
{
    private readonly float[] values = new float[dense.ElementCount];
    private readonly float[]? biases = bias?.Values.ToArray();

    /// <summary>Weights under the mask, groups × columns × <paramref name="count"/>, and the mask as zeros and ones.</summary>
    public (Tensor Weights, Tensor Mask) Read(int start, int count)
    {
        double[] w = new double[(long)kernels.Groups * columns * count];
        double[] mask = new double[w.Length];
        ForEach(start, count, (output, places, at) =>
        {
            for (int i = 0; i < columns; i++)
            {
                bool isKept = i >= places.Length || pruned.Mask is null || pruned.Mask.Value.Span[places[i]];
                mask[at + ((long)i * count)] = isKept ? 1 : 0;
                w[at + ((long)i * count)] = !isKept ? 0 : i < places.Length ? dense.Values.Span[places[i]] : biases![output];
            }
        });
        return (tensor(w, [kernels.Groups, columns, count]), tensor(mask, [kernels.Groups, columns, count]));
    }

    /// <summary>Takes the weights of some outputs over.</summary>
    public void Write(Tensor weights, int start, int count)
    {
        double[] w = MemoryMarshal.Cast<byte, double>(weights.contiguous().bytes).ToArray();
        ForEach(start, count, (output, places, at) =>
        {
            for (int i = 0; i < columns; i++)
            {
                if (i < places.Length)
                {
                    values[places[i]] = (float)w[at + ((long)i * count)];
                }
                else
                {
                    biases![output] = (float)w[at + ((long)i * count)];
                }
            }
        });
    }

    /// <summary>What was written, under the mask.</summary>
    public Weight Weight() => pruned.With(values);

    /// <summary>The bias written, or null.</summary>
    public Weight? Bias() => bias?.With(biases);

    private void ForEach(int start, int count, Action<int, int[], long> visit)
    {
        int perGroup = kernels.Outputs / kernels.Groups;
        Parallel.For(0, kernels.Groups * count, i =>
        {
            int output = (i / count * perGroup) + start + (i % count);
            visit(output, LayerSolution.PlacesOf(kernels, output), ((long)(i / count) * columns * count) + (i % count));
        });
    }
}
