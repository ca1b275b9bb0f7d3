namespace EdgeSparse.Compiler.Graphs;

/// <summary>
/// A constant tensor of the graph, row-major fp32, with an optional pruning mask. Linear: [out, in]; Conv2d:
/// [out, in/groups, kh, kw]; ConvTranspose2d: [in, out/groups, kh, kw]; bias and BatchNorm vectors: [channels].
/// </summary>
/// <remarks>Where the mask is false the value is zero: the constructor enforces it, so that no stage can run a pruned weight.</remarks>
public sealed class Weight
{
    private readonly float[] values;
    private readonly bool[]? mask;

    /// <param name="name">Unique within the graph.</param>
    /// <param name="shape">No symbolic dimension.</param>
    /// <param name="values">Row-major values; copied.</param>
    /// <param name="mask">True where the weight is kept; copied. Null: never pruned.</param>
    /// <exception cref="GraphException">The lengths do not match the shape.</exception>
    public Weight(string name, TensorShape shape, ReadOnlySpan<float> values, ReadOnlySpan<bool> mask = default)
    {
        if (shape.IsBatchSymbolic || values.Length != shape.ElementCount)
        {
            throw new GraphException($"weight '{name}' has {values.Length} values for the shape {shape}");
        }

        if (!mask.IsEmpty && mask.Length != values.Length)
        {
            throw new GraphException($"weight '{name}' has a mask of {mask.Length} entries for {values.Length} values");
        }

        Name = name;
        Shape = shape;
        this.values = values.ToArray();
        if (!mask.IsEmpty)
        {
            this.mask = mask.ToArray();
            for (int i = 0; i < mask.Length; i++)
            {
                if (!mask[i])
                {
                    this.values[i] = 0f;
                }
            }
        }
    }

    public string Name { get; }

    public TensorShape Shape { get; }

    public ReadOnlyMemory<float> Values => values;

    /// <summary>True where the weight is kept; null when the weight was never pruned.</summary>
    public ReadOnlyMemory<bool>? Mask => mask is null ? default(ReadOnlyMemory<bool>?) : mask;

    public int ElementCount => values.Length;

    /// <summary>Weights the mask keeps; all of them when there is no mask.</summary>
    public int KeptCount => mask is null ? values.Length : mask.AsSpan().Count(true);

    /// <summary>Values that are not exactly zero, whatever the mask says: what a packer has to store.</summary>
    public int NonZeroCount => values.Length - values.AsSpan().Count(0f);

    /// <summary>The share of weights kept, 0 to 1.</summary>
    public double Density => (double)KeptCount / ElementCount;

    /// <summary>The same tensor with other values and, where given, another mask.</summary>
    public Weight With(ReadOnlySpan<float> newValues, ReadOnlySpan<bool> newMask = default) =>
        new(Name, Shape, newValues, newMask.IsEmpty && mask is not null ? mask : newMask);

    public Weight Renamed(string name) => new(name, Shape, values, mask);
}
