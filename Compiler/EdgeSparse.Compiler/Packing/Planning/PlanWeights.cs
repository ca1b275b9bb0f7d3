using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>The plan's weights, each in its format. Layers that use one weight in one layout share its bytes.</summary>
internal sealed class PlanWeights(LoweredGraph graph, PackOptions options, LayoutAssignment layouts)
{
    private readonly ImmutableArray<PackedWeight>.Builder weights = ImmutableArray.CreateBuilder<PackedWeight>();
    private readonly ImmutableArray<PackedLayer>.Builder layers = ImmutableArray.CreateBuilder<PackedLayer>();
    private readonly Dictionary<Use, int> uses = [];

    /// <summary>What a format and its offsets depend on.</summary>
    private readonly record struct Use(
        string Layer, string Weight, string? Bias, Window2d Window, ValueLayout? Input, RegionGeometry? Output);

    public ImmutableArray<PackedWeight> Weights => weights.ToImmutable();

    /// <summary>One a weight.</summary>
    public ImmutableArray<PackedLayer> Layers => layers.ToImmutable();

    public int AddConvolution(Layer layer, Conv2d conv)
    {
        ValueLayout input = layouts.InputOf(layer, 0);
        Use use = new(graph.LayerOf(conv.Name), conv.Weight, conv.Bias, conv.Window, input, layouts.Of(layer.Output).Geometry);
        return AddOnce(use, () => Choice(layer, WeightMatrix.Of(conv, graph, input), conv.Window));
    }

    /// <param name="layer">The layer.</param>
    /// <param name="node">A Linear, or a convolution of one pixel.</param>
    public int AddFullyConnected(Layer layer, WeightedLayer node)
    {
        string name = graph.LayerOf(node.Name);
        Use use = new(name, node.Weight, node.Bias, default, null, null);
        return AddOnce(use, () => Choice(layer, WeightMatrix.OfVectors(name, node.Weight, node.Bias, graph), window: default));
    }

    public int Add(AffineStep affine)
    {
        Use use = new(graph.LayerOf(affine.Name), affine.Tensor, null, default, null, null);
        if (!uses.TryGetValue(use, out int index))
        {
            weights.Add(ChannelAffine.Pack(affine));
            uses[use] = index = weights.Count - 1;
        }

        return index;
    }

    private int AddOnce(Use use, Func<FormatChoice> choose)
    {
        if (!uses.TryGetValue(use, out int index))
        {
            FormatChoice choice = choose();
            PackedWeight weight = choice.Packed;
            weights.Add(weight);
            layers.Add(new PackedLayer(
                use.Layer, choice.Layout, choice.Reason, weight.Rows, weight.Columns, weight.NonZeros, weight.Bytes,
                choice.PredictedMicroseconds, choice.MeasuredMicroseconds));
            uses[use] = index = weights.Count - 1;
        }

        return index;
    }

    private FormatChoice Choice(Layer layer, WeightMatrix matrix, Window2d window) => FormatChoice.Of(
        new LayerProblem(matrix, window, layouts.InputOf(layer, 0), layouts.Of(layer.Output), layer.Activation, InputsOf(matrix)), options);

    /// <summary>As cost tables tell layers apart; null where no format leaves anything out.</summary>
    private NonZeroInputs? InputsOf(WeightMatrix matrix) =>
        !matrix.IsConvolution && options.NonZeroInputs.GetValueOrDefault(matrix.Layer) is { AreFew: true } inputs ? inputs.Coarse : null;
}
