using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>A layer that multiplies its one input by a weight that pruning may mask, and adds one bias an output channel.</summary>
/// <param name="Weight">The weight's name; its layout is the derived record's.</param>
/// <param name="Bias">The bias's name, of shape [out], or null.</param>
public abstract record WeightedLayer(string Name, string Input, string Output, string Weight, string? Bias)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];

    public override IEnumerable<string> WeightNames => Bias is null ? [Weight] : [Weight, Bias];

    public override string PrunableWeight => Weight;

    /// <summary>How a weight of the shape given divides into kernels; the shape fits the layer.</summary>
    public abstract KernelGrid KernelsOf(TensorShape weight);
}

/// <summary>y = x Wᵀ + b on the last dimension; weight [out, in], bias [out].</summary>
public sealed record Linear(string Name, string Input, string Output, string Weight, string? Bias)
    : WeightedLayer(Name, Input, Output, Weight, Bias)
{
    public override KernelGrid KernelsOf(TensorShape weight) => new(weight[0], weight[1], 1, 1);
}

/// <summary>2-D cross-correlation, NCHW; weight [out, in/groups, kh, kw], bias [out].</summary>
public sealed record Conv2d(string Name, string Input, string Output, string Weight, string? Bias, Window2d Window, int Groups)
    : WeightedLayer(Name, Input, Output, Weight, Bias)
{
    public override KernelGrid KernelsOf(TensorShape weight) => new(weight[0], weight[1] * Groups, Groups, weight[2] * weight[3]);
}

/// <summary>
/// 2-D transposed convolution, NCHW: each input pixel adds its value times the kernel to the output, at its position times the
/// stride (the gradient of <see cref="Conv2d"/> by its input). Weight [in, out/groups, kh, kw], bias [out].
/// </summary>
/// <param name="Window">Its padding is cut off the output.</param>
/// <param name="OutputPadY">Rows added below, as if the padding there were smaller; below the larger of stride and dilation.</param>
/// <param name="OutputPadX">Columns added on the right.</param>
public sealed record ConvTranspose2d(
    string Name, string Input, string Output, string Weight, string? Bias, Window2d Window, int Groups,
    int OutputPadY = 0, int OutputPadX = 0)
    : WeightedLayer(Name, Input, Output, Weight, Bias)
{
    public override KernelGrid KernelsOf(TensorShape weight) =>
        new(weight[1] * Groups, weight[0], Groups, weight[2] * weight[3], InputsFirst: true);
}
