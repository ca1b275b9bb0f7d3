using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Chooses where the pixels of every value lie. A value's producer writes it in the geometry of its group, with the halo that
/// readers of that geometry want; readers that want another geometry, or another frame, get a copy.
/// </summary>
internal sealed class LayoutAssignment
{
    private readonly LoweredGraph graph;
    private readonly int lanes;
    private readonly GeometryGroups groups;
    private readonly HashSet<string> nonNegative;
    private readonly Dictionary<string, List<LayoutNeed>> variants = [];

    /// <param name="graph">After simplification.</param>
    /// <param name="layers">Its layers.</param>
    /// <param name="lanes">Lanes of the target's vectors.</param>
    /// <exception cref="PackingException">A value's shape cannot be held.</exception>
    public LayoutAssignment(LoweredGraph graph, IReadOnlyList<Layer> layers, int lanes)
    {
        this.graph = graph;
        this.lanes = lanes;
        string[] values = [.. graph.Inputs.Select(i => i.Name), .. layers.Select(l => l.Output)];
        groups = new GeometryGroups(graph, layers, lanes);
        nonNegative = SignInference.NonNegative(layers);
        foreach (string value in values)
        {
            variants[value] = [new LayoutNeed(groups.Of(value))];
        }

        foreach (LoweredOutput output in graph.Outputs)
        {
            Add(output.Value, PlanarNeed(output.Value));
        }

        // Backwards, so that what is asked of a view is known when the flattened value's turn comes.
        foreach (Layer layer in layers.Reverse())
        {
            for (int i = 0; i < layer.Inputs.Length; i++)
            {
                Add(layer.Inputs[i], NeedOf(layer, i));
            }
        }
    }

    /// <summary>Where the value's producer writes it.</summary>
    public ValueLayout Of(string value) => variants[value][0].ToLayout(value, ShapeOf(value));

    /// <summary>The layout that a layer finds one of its inputs in: the producer's, or that of a copy.</summary>
    public ValueLayout InputOf(Layer layer, int input) => VariantFor(layer.Inputs[input], NeedOf(layer, input));

    /// <summary>The layout in which a value is given out or flattened.</summary>
    public ValueLayout PlanarOf(string value) => VariantFor(value, PlanarNeed(value));

    private PlaneShape ShapeOf(string value) => graph.PlanesOf(value);

    private ValueLayout VariantFor(string value, LayoutNeed need) =>
        variants[value].First(v => v.AgreesWith(need) && v.Union(need) == v).ToLayout(value, ShapeOf(value));

    private void Add(string value, LayoutNeed need)
    {
        List<LayoutNeed> known = variants[value];
        int agreeing = known.FindIndex(v => v.AgreesWith(need));
        if (agreeing < 0)
        {
            known.Add(need);
        }
        else
        {
            known[agreeing] = known[agreeing].Union(need);
        }
    }

    private LayoutNeed NeedOf(Layer layer, int index)
    {
        string input = layer.Inputs[index];
        switch (layer.Role)
        {
            case LayerRole.Windowed when index == 0:
                return WindowNeed(layer, input);
            case LayerRole.Pixelwise when layer.IsChannelVector(index):
                return PlanarNeed(input);
            case LayerRole.Windowed or LayerRole.Pixelwise:
                return new LayoutNeed(groups.Of(layer.Output));
            case LayerRole.ChannelMean:
                return new LayoutNeed(BlockedGeometry(input));
            default:
                return PlanarNeed(input);
        }
    }

    private LayoutNeed PlanarNeed(string value) => new(RegionGeometry.Planar(ShapeOf(value)));

    /// <summary>Means are taken from slots; a value that was not written in slots is copied into some.</summary>
    private RegionGeometry BlockedGeometry(string value) => groups.Of(value) is { IsPlanar: false } own
        ? own
        : GeometryChoice.Grids(ShapeOf(value), lanes)[0];

    private LayoutNeed WindowNeed(Layer layer, string input)
    {
        Window2d window = layer.Window;
        PlaneShape map = ShapeOf(input);
        PlaneShape result = ShapeOf(layer.Output);
        RegionGeometry output = groups.Of(layer.Output);
        RegionGeometry geometry = output.BeforeStrides(window.StrideY, window.StrideX);
        Halo halo = Halo.Of(window, geometry, output, map);
        bool leavesMap =
            LeavesMap(result.Height, window.StrideY, window.KernelY, window.DilationY, window.PadTop, map.Height)
            || LeavesMap(result.Width, window.StrideX, window.KernelX, window.DilationX, window.PadLeft, map.Width);
        FrameNeed beyond = layer.Node is MaxPool && !nonNegative.Contains(input) ? FrameNeed.Lowest : FrameNeed.Zero;
        return new LayoutNeed(
            geometry, halo, leavesMap ? beyond : halo.IsEmpty ? FrameNeed.None : FrameNeed.Neighbours);
    }

    private static bool LeavesMap(int outputLength, int stride, int kernel, int dilation, int pad, int length) =>
        pad > 0 || ((outputLength - 1L) * stride) + ((kernel - 1L) * dilation) - pad > length - 1L;
}
