using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Layers;

/// <summary>One layer to measure: a square convolution or a fully connected layer, its weights pruned at random.</summary>
/// <param name="Inputs">Input channels.</param>
/// <param name="Outputs">Output channels.</param>
/// <param name="Size">Rows and columns of the map; 0 for a fully connected layer.</param>
/// <param name="Kernel">Rows and columns of the kernel.</param>
/// <param name="Sparsity">The share of weights that are zero.</param>
/// <param name="BlockRows">Rows of a pruned block.</param>
internal sealed record LayerCase(int Inputs, int Outputs, int Size, int Kernel, double Sparsity, int BlockRows = 1)
{
    private const int Seed = 20151;

    public string Name => Size == 0
        ? $"fully connected {Inputs}→{Outputs}"
        : $"{Kernel}×{Kernel}, {Inputs}→{Outputs}, {Size}×{Size}";

    public string Pruning => $"{Sparsity * 100:0.#} %{(BlockRows > 1 ? $" BSR {BlockRows}×1" : Sparsity > 0 ? " unstructured" : "")}";

    /// <summary>Multiply-adds of the dense layer.</summary>
    public double Products => (double)Inputs * Outputs * Math.Max(Size * Size, 1) * Kernel * Kernel;

    /// <summary>A network of that layer alone.</summary>
    public Graph ToGraph()
    {
        TensorShape weightShape = Size == 0 ? new TensorShape(Outputs, Inputs) : new TensorShape(Outputs, Inputs, Kernel, Kernel);
        TensorShape inputShape = Size == 0 ? new TensorShape(1, Inputs) : new TensorShape(1, Inputs, Size, Size);
        Random random = new(Seed);
        int columns = Inputs * Kernel * Kernel;
        float[] values = new float[Outputs * columns];
        bool[] mask = new bool[values.Length];
        int blocks = Outputs / BlockRows * columns;
        int kept = (int)Math.Round(blocks * (1 - Sparsity));
        int[] order = [.. Enumerable.Range(0, blocks)];
        random.Shuffle(order);
        foreach (int block in order.AsSpan(0, kept))
        {
            for (int r = 0; r < BlockRows; r++)
            {
                int at = (((block / columns * BlockRows) + r) * columns) + (block % columns);
                mask[at] = true;
                values[at] = (float)((random.NextDouble() - 0.5) / Math.Sqrt(columns));
            }
        }

        float[] bias = new float[Outputs];
        foreach (ref float value in bias.AsSpan())
        {
            value = (float)(random.NextDouble() - 0.5);
        }

        Node node = Size == 0
            ? new Linear("layer", "input", "output", "weight", "bias")
            : new Conv2d("layer", "input", "output", "weight", "bias", Window2d.Square(Kernel, pad: Kernel / 2), 1);
        return new Graph(
            "layer", [new GraphValue("input", inputShape)], ["output"], [node],
            ImmutableDictionary<string, Weight>.Empty
                .Add("weight", new Weight("weight", weightShape, values, mask))
                .Add("bias", new Weight("bias", new TensorShape(Outputs), bias)));
    }
}
