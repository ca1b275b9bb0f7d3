using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>
/// BatchNormalization in training mode, which some files keep: mean and variance are those of the batch, and the running ones are
/// updated. Made of reductions and arithmetic.
/// </summary>
internal static class BatchStatistics
{
    public static void Emit(OnnxNode node, GraphImport graph, string x, float epsilon, float momentum)
    {
        TensorShape shape = graph.ShapeOf(x);
        if (shape.Rank < 2 || shape.IsBatchSymbolic)
        {
            throw node.Fail($"is in training mode for an input of shape {shape}; that is supported for a fixed batch N×C×…");
        }

        ImmutableArray<int> axes = [.. Enumerable.Range(0, shape.Rank).Where(i => i != 1)];
        TensorShape channels = new([.. shape.Dims.Select((d, i) => i == 1 ? d : 1)]);
        string mean = graph.Step(node, "mean", (name, output) => new Reduce(name, x, output, ReduceFunction.Mean, axes, KeepDimensions: true));
        string centred = Combine(node, graph, "centred", x, mean, BinaryFunction.Sub);
        string squares = Combine(node, graph, "squares", centred, centred, BinaryFunction.Mul);
        string variance = graph.Step(
            node, "variance", (name, output) => new Reduce(name, squares, output, ReduceFunction.Mean, axes, KeepDimensions: true));
        string spread = Combine(node, graph, "spread", variance, Number(node, graph, "epsilon", epsilon), BinaryFunction.Add);
        string deviation = graph.Step(node, "deviation", (name, output) => new Pointwise(name, spread, output, PointwiseFunction.Sqrt));
        string standard = Combine(node, graph, "standard", centred, deviation, BinaryFunction.Div);
        string scaled = Combine(node, graph, "scaled", standard, Channels(node, graph, 1, channels), BinaryFunction.Mul);
        string shift = Channels(node, graph, 2, channels);
        graph.Emit(node, name => new Binary(name, scaled, shift, node.Output, BinaryFunction.Add));
        Update(node, graph, 1, graph.Activation(node, 3), mean, momentum);
        Update(node, graph, 2, graph.Activation(node, 4), variance, momentum);
    }

    /// <summary>A running statistic: momentum · old + (1 − momentum) · new.</summary>
    private static void Update(OnnxNode node, GraphImport graph, int output, string old, string now, float momentum)
    {
        string written = node.OutputAt(output);
        if (written.Length == 0 || graph.ReadsOf(written) == 0)
        {
            return;
        }

        string flat = SpatialDimensions.Reshaped(node, graph, $"flat{output}", now, graph.ShapeOf(old));
        string kept = Combine(node, graph, $"kept{output}", old, Number(node, graph, "momentum", momentum), BinaryFunction.Mul);
        string added = Combine(node, graph, $"added{output}", flat, Number(node, graph, "rest", 1 - momentum), BinaryFunction.Mul);
        graph.Emit(node, $"running{output}", name => new Add(name, kept, added, written));
    }

    private static string Channels(OnnxNode node, GraphImport graph, int input, TensorShape channels) =>
        SpatialDimensions.Reshaped(node, graph, $"channels{input}", graph.Activation(node, input), channels);

    private static string Combine(OnnxNode node, GraphImport graph, string part, string left, string right, BinaryFunction function) =>
        graph.Step(node, part, (name, output) => new Binary(name, left, right, output, function));

    private static string Number(OnnxNode node, GraphImport graph, string what, float value) =>
        graph.Activation(node, $"{node.Name}/{what}", ConstantTensor.Of([], ElementType.Float32, [value]));
}
