using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Pruning;

/// <summary>A layer with its weight, without a network around it.</summary>
internal sealed record LayerSample(Node Node, Weight Weight)
{
    public static LayerSample Linear(int outputs, params float[] values) =>
        new(new Linear("fc", "x", "y", "w", null), new Weight("w", new TensorShape(outputs, values.Length / outputs), values));

    public static LayerSample Conv(TensorShape shape, int groups, params float[] values) => new(
        new Conv2d("conv", "x", "y", "w", null, new Window2d(shape[2], shape[3]), groups), new Weight("w", shape, values));

    public LayerSample Masked(bool[] mask) => this with { Weight = Weight.With(Weight.Values.Span, mask) };
}
