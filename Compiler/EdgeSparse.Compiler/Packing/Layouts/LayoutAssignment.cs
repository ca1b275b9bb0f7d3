using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Chooses where the pixels of every value lie. A value that a padded convolution reads gets the zero border; one that is
/// flattened or given out is compact; one that needs both is written with the border and copied. Strided convolutions read
/// phase splits.
/// </summary>
internal sealed class LayoutAssignment
{
    private readonly Dictionary<string, PlaneLayout> primary = [];
    private readonly Dictionary<string, PlaneLayout> compactCopies = [];
    private readonly Dictionary<PhaseSplit, PlaneLayout> phases = [];

    /// <param name="graph">After simplification.</param>
    /// <param name="fusion">Which values never exist because their producer applies the ReLU.</param>
    /// <param name="window">Columns of a window of the SlicedEll format.</param>
    /// <exception cref="PackingException">A value's shape cannot be held.</exception>
    public LayoutAssignment(Graph graph, ActivationFusion fusion, int window)
    {
        Dictionary<string, ValueNeeds> needs = ValueNeeds.Collect(graph, window);
        Dictionary<PhaseSplit, PlaneShape> splits = CollectSplits(graph, fusion);
        RowStrides strides = ShareRowStrides(graph, fusion, needs, splits);
        foreach (string value in LivingValues(graph, fusion))
        {
            PlaneShape shape = PlaneShape.Of(value, graph.Shapes[value]);
            ValueNeeds need = needs.GetValueOrDefault(value);
            bool planar = IsPlanar(shape, need);
            primary[value] = planar
                ? PlaneLayout.Planar(value, shape.Channels, shape.Height, shape.Width, need.Border, strides.Of(value))
                : PlaneLayout.Compact(value, shape.Channels, shape.Height, shape.Width, need.MinimumElements);
            if (planar && need.Compact)
            {
                compactCopies[value] = PlaneLayout.Compact(value, shape.Channels, shape.Height, shape.Width, need.MinimumElements);
            }
        }

        foreach ((PhaseSplit split, PlaneShape shape) in splits)
        {
            phases[split] = PlaneLayout.Planar(split.Name, shape.Channels, shape.Height, shape.Width, default, strides.Of(split.Name));
        }
    }

    /// <summary>Where the value's producer writes it.</summary>
    public PlaneLayout Of(string value) => primary[value];

    /// <summary>The layout of the compact copy, or null when the value itself is compact or nothing asks for that.</summary>
    public PlaneLayout? CompactCopyOf(string value) => compactCopies.GetValueOrDefault(value);

    public PlaneLayout Of(PhaseSplit split) => phases[split];

    private static IEnumerable<string> LivingValues(Graph graph, ActivationFusion fusion) =>
        graph.Inputs.Select(i => i.Name)
            .Concat(graph.Nodes.Where(n => !fusion.Dropped.Contains(n.Name)).Select(fusion.OutputOf));

    private static bool IsPlanar(PlaneShape shape, ValueNeeds needs) =>
        !needs.Border.IsEmpty || (!needs.Compact && !shape.IsVector);

    private static Dictionary<PhaseSplit, PlaneShape> CollectSplits(Graph graph, ActivationFusion fusion)
    {
        Dictionary<PhaseSplit, PlaneShape> splits = [];
        foreach (Conv2d conv in graph.Nodes.OfType<Conv2d>().Where(PhaseSplit.IsNeededBy))
        {
            PhaseSplit split = PhaseSplit.Of(conv);
            string output = fusion.OutputOf(conv);
            PlaneShape shape = split.ShapeFor(
                conv, graph.Shapes[conv.Input][1], PlaneShape.Of(output, graph.Shapes[output]));
            PlaneShape known = splits.GetValueOrDefault(split, shape);
            splits[split] = shape with { Height = Math.Max(shape.Height, known.Height), Width = Math.Max(shape.Width, known.Width) };
        }

        return splits;
    }

    private static RowStrides ShareRowStrides(
        Graph graph, ActivationFusion fusion, Dictionary<string, ValueNeeds> needs, Dictionary<PhaseSplit, PlaneShape> splits)
    {
        RowStrides strides = new();
        foreach (string value in LivingValues(graph, fusion))
        {
            PlaneShape shape = PlaneShape.Of(value, graph.Shapes[value]);
            ValueNeeds need = needs.GetValueOrDefault(value);
            if (IsPlanar(shape, need))
            {
                strides.Add(value, PlaneLayout.SmallestRowStride(shape.Width, need.Border));
            }
        }

        foreach ((PhaseSplit split, PlaneShape shape) in splits)
        {
            strides.Add(split.Name, shape.Width);
        }

        foreach (Node node in graph.Nodes.Where(n => !fusion.Dropped.Contains(n.Name)))
        {
            switch (node)
            {
                case Conv2d conv:
                    string input = PhaseSplit.IsNeededBy(conv) ? PhaseSplit.Of(conv).Name : conv.Input;
                    strides.Join(input, fusion.OutputOf(conv));

                    // More padding than the kernel takes away makes the output wider than the input with its shared border.
                    strides.Raise(input, graph.Shapes[conv.Output][3]);
                    break;
                case Relu or Add or BatchNorm:
                    foreach (string operand in node.Inputs)
                    {
                        strides.Join(operand, node.Output);
                    }

                    break;
                default:
                    break;
            }
        }

        return strides;
    }
}
