using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>What the readers of a value ask of its layout.</summary>
/// <param name="Border">Zeros around the planes, for unit-stride convolutions.</param>
/// <param name="Compact">Contiguous pixels, for a fully connected layer, a flattening or the caller.</param>
/// <param name="MinimumElements">Elements that a fully connected layer's last window touches.</param>
internal readonly record struct ValueNeeds(Border Border, bool Compact, int MinimumElements)
{
    /// <summary>The needs of every value of the graph that has readers.</summary>
    /// <param name="graph">After simplification.</param>
    /// <param name="window">Columns of a window of the SlicedEll format.</param>
    public static Dictionary<string, ValueNeeds> Collect(Graph graph, int window)
    {
        Dictionary<string, ValueNeeds> needs = [];
        foreach (string output in graph.Outputs)
        {
            Add(needs, output, new ValueNeeds(default, Compact: true, 0));
        }

        // Backwards, so that what is asked of a flattened view is known when the flattened value's turn comes.
        foreach (Node node in graph.Nodes.Reverse())
        {
            switch (node)
            {
                case Conv2d conv when !PhaseSplit.IsNeededBy(conv):
                    Window2d pads = conv.Window;
                    Add(needs, conv.Input, new ValueNeeds(
                        new Border(pads.PadTop, pads.PadLeft, pads.PadBottom, pads.PadRight), Compact: false, 0));
                    break;
                case Linear linear:
                    int columns = graph.WeightOf(linear.Weight).Shape[1];
                    int windows = (int)(((long)columns + window - 1) / window);
                    Add(needs, linear.Input, new ValueNeeds(default, Compact: true, checked(windows * window)));
                    break;
                case Flatten flatten:
                    Add(needs, flatten.Input, new ValueNeeds(
                        default, Compact: true, needs.GetValueOrDefault(flatten.Output).MinimumElements));
                    break;
                default:
                    break;
            }
        }

        return needs;
    }

    private static void Add(Dictionary<string, ValueNeeds> needs, string value, ValueNeeds more)
    {
        ValueNeeds known = needs.GetValueOrDefault(value);
        needs[value] = new ValueNeeds(
            known.Border.Union(more.Border),
            known.Compact || more.Compact,
            Math.Max(known.MinimumElements, more.MinimumElements));
    }
}
