using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Values that pixelwise layers and windows of stride 1 over maps of one size join get one geometry, so that nothing between
/// them needs a copy. A group that a window touches, or a 1×1 convolution works in, is blocked; others are planar.
/// </summary>
internal sealed class GeometryGroups
{
    /// <summary>
    /// What copying a slot to another layout takes, in products of a weight and a vector: 8 to 9 ns were measured, and 0.25 to 0.3 for a
    /// product. A little less, so that a grid with more slots is chosen where it surely pays.
    /// </summary>
    private const int WorkOfCopy = 24;

    private readonly LoweredGraph graph;
    private readonly IReadOnlyList<Layer> layers;
    private readonly int lanes;
    private readonly Dictionary<string, string> parent = [];
    private readonly HashSet<string> convolved = [];
    private readonly HashSet<string> windowed = [];
    private readonly Dictionary<string, RegionGeometry> chosen = [];

    public GeometryGroups(LoweredGraph graph, IReadOnlyList<Layer> layers, int lanes)
    {
        this.graph = graph;
        this.layers = layers;
        this.lanes = lanes;
        foreach (Layer layer in layers.Where(WritesSlots))
        {
            parent[layer.Output] = layer.Output;
        }

        foreach (Layer layer in layers)
        {
            Join(layer);
        }

        Mark();
        Choose();
    }

    /// <summary>The geometry in which the value's producer writes it.</summary>
    public RegionGeometry Of(string value) => parent.ContainsKey(value) ? chosen[Root(value)] : RegionGeometry.Planar(ShapeOf(value));

    private static bool WritesSlots(Layer layer) => layer.Role is LayerRole.Pixelwise or LayerRole.Windowed;

    private PlaneShape ShapeOf(string value) => graph.PlanesOf(value);

    private void Join(Layer layer)
    {
        bool sameMap = layer.Role == LayerRole.Windowed && layer.Window is { StrideY: 1, StrideX: 1 }
            && ShapeOf(layer.Node.Inputs[0]) with { Channels = 0 } == ShapeOf(layer.Output) with { Channels = 0 };
        IEnumerable<string> joined = layer.Role == LayerRole.Pixelwise || sameMap ? layer.Inputs.Where((_, i) => !layer.IsChannelVector(i)) : layer.Inputs.Skip(1);
        foreach (string input in joined.Where(i => WritesSlots(layer) && parent.ContainsKey(i)))
        {
            parent[Root(input)] = Root(layer.Output);
        }
    }

    private void Mark()
    {
        foreach (Layer layer in layers)
        {
            if (layer.Role == LayerRole.Windowed)
            {
                windowed.Add(Root(layer.Output));
            }

            if (layer.Role is LayerRole.Windowed or LayerRole.ChannelMean && parent.ContainsKey(layer.Node.Inputs[0]))
            {
                // A mean over a map wants slots as well, but takes them from any geometry.
                (layer.Role == LayerRole.Windowed ? windowed : convolved).Add(Root(layer.Node.Inputs[0]));
            }

            if (layer is { Node: Conv2d, Role: LayerRole.Pixelwise })
            {
                convolved.Add(Root(layer.Output));
            }
        }
    }

    /// <summary>From the last group to the first, so that a group can take the geometry that its readers want.</summary>
    private void Choose()
    {
        foreach (Layer layer in layers.Reverse())
        {
            if (parent.ContainsKey(layer.Output) && !chosen.ContainsKey(Root(layer.Output)))
            {
                string root = Root(layer.Output);
                PlaneShape shape = ShapeOf(layer.Output);
                chosen[root] = windowed.Contains(root) ? Wanted(root, GeometryChoice.Grids(shape, lanes))
                    : convolved.Contains(root) ? Fewest(GeometryChoice.Flat(shape, lanes), GeometryChoice.Grids(shape, lanes)[0])
                    : RegionGeometry.Planar(shape);
            }
        }
    }

    private static RegionGeometry Fewest(RegionGeometry flat, RegionGeometry grid) => flat.Slots < grid.Slots ? flat : grid;

    /// <summary>
    /// Of grids with nearly the fewest slots the one that most windows over the group's values can read as it is; one with more slots
    /// where computing them is less than the copies that it spares.
    /// </summary>
    private RegionGeometry Wanted(string root, IReadOnlyList<RegionGeometry> grids)
    {
        (string Value, RegionGeometry Geometry)[] wanted =
        [
            .. layers
                .Where(l => l.Role == LayerRole.Windowed && parent.ContainsKey(l.Node.Inputs[0]) && Root(l.Node.Inputs[0]) == root)
                .Where(l => chosen.ContainsKey(Root(l.Output)))
                .Select(l => (l.Node.Inputs[0], chosen[Root(l.Output)].BeforeStrides(l.Window.StrideY, l.Window.StrideX))),
        ];
        RegionGeometry best = grids.MaxBy(g => wanted.Count(w => w.Geometry == g));
        double work = WorkOfSlot(root);
        double Saved(RegionGeometry g)
        {
            double spared = wanted.Where(w => w.Geometry == g).Select(w => w.Value).Distinct().Sum(v => (double)ShapeOf(v).Channels) * best.Slots;
            return (WorkOfCopy * (spared - SlotsCopiedBefore(root, g))) - (g.Slots * work);
        }

        RegionGeometry larger = GeometryChoice.AllGrids(ShapeOf(root), lanes).MaxBy(Saved);
        return Saved(larger) > Saved(best) ? larger : best;
    }

    /// <summary>Slots of the maps that would have to be copied for the windows with strides that write a group's values in a geometry.</summary>
    private double SlotsCopiedBefore(string root, RegionGeometry geometry)
    {
        double slots = 0;
        foreach (Layer layer in layers.Where(l => l.Role == LayerRole.Windowed && Root(l.Output) == root && parent.ContainsKey(l.Node.Inputs[0])))
        {
            PlaneShape input = ShapeOf(layer.Node.Inputs[0]);
            IReadOnlyList<RegionGeometry> grids = GeometryChoice.Grids(input, lanes);
            if (Root(layer.Node.Inputs[0]) != root && !grids.Contains(geometry.BeforeStrides(layer.Window.StrideY, layer.Window.StrideX)))
            {
                slots += (double)input.Channels * grids[0].Slots;
            }
        }

        return slots;
    }

    /// <summary>Products of a weight and a vector that each slot of a group's values takes, in all layers that write them.</summary>
    private double WorkOfSlot(string root) => layers.Where(l => parent.ContainsKey(l.Output) && Root(l.Output) == root).Sum(l => l.Node switch
    {
        Conv2d conv => (double)graph.WeightOf(conv.Weight).NonZeroCount,
        MaxPool or AveragePool => (double)l.Window.KernelY * l.Window.KernelX * ShapeOf(l.Output).Channels,
        _ => ShapeOf(l.Output).Channels,
    });

    private string Root(string value)
    {
        while (parent[value] != value)
        {
            value = parent[value] = parent[parent[value]];
        }

        return value;
    }
}
