using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>
/// Takes layers out of the chain that change nothing at inference: Dropout, ReLU of what is never negative, flattening of what is flat,
/// pooling over windows of one pixel, casts between floats, and reshapes, transposes, slices, pads and the like that keep all as it is.
/// </summary>
public static class NoOpRemoval
{
    public static Graph Apply(Graph g)
    {
        List<Node> kept = [];
        Dictionary<string, string> replaced = [];
        foreach (Node original in g.Nodes)
        {
            Node node = original;
            foreach (string input in original.Inputs.Where(replaced.ContainsKey))
            {
                node = node.WithInput(input, replaced[input]);
            }

            if (!IsNoOp(g, original, node, kept) || !TryBypass(g, node, kept, replaced))
            {
                kept.Add(node);
            }
        }

        return kept.Count == g.Nodes.Length ? g : g.WithNodes([.. kept], UsedWeights.Of(kept, g.Weights));
    }

    private static bool IsNoOp(Graph g, Node original, Node node, List<Node> before) => node switch
    {
        Dropout => true,
        Relu relu => before.Any(n => n is Relu or Sigmoid or Clip { Min: >= 0, Max: >= 0 } && n.Output == relu.Input),
        Flatten => g.Shapes[node.Output] == g.Shapes[original.Inputs[0]],
        MaxPool pool => IsOnePixel(pool.Window),
        AveragePool pool => IsOnePixel(pool.Window),
        GlobalAveragePool or GlobalMaxPool => g.Shapes[original.Inputs[0]] is var x && x[2] == 1 && x[3] == 1,
        Reshape or Expand => g.Shapes[node.Output] == g.Shapes[original.Inputs[0]],
        Transpose transpose => transpose.Permutation.Select((p, i) => p == i).All(isSame => isSame),
        Slice slice => slice.Ranges.SequenceEqual(g.Shapes[original.Inputs[0]].Dims.Select(SliceRange.Whole)),
        Pad pad => pad.Before.All(p => p == 0) && pad.After.All(p => p == 0),
        Concat concat => concat.Operands.Length == 1,
        DepthToSpace { Block: 1 } or SpaceToDepth { Block: 1 } => true,
        Reduce { KeepDimensions: true } reduce => reduce.Axes.All(a => g.Shapes[original.Inputs[0]][a] == 1),
        Cast cast => KeepsValues(g.Types[original.Inputs[0]], cast.To),
        _ => false,
    };

    /// <summary>Everything is held as fp32: floats of all widths are the same, and so are integers and bool as floats.</summary>
    private static bool KeepsValues(ElementType from, ElementType to) =>
        from == to || (to is ElementType.Float32 or ElementType.Float16 or ElementType.Float64);

    private static bool IsOnePixel(Window2d window) =>
        window is { KernelY: 1, KernelX: 1, StrideY: 1, StrideX: 1, PadTop: 0, PadLeft: 0, PadBottom: 0, PadRight: 0 };

    /// <summary>Lets readers of the node read its input; an output of the graph keeps its name by giving it to the writer before.</summary>
    private static bool TryBypass(Graph g, Node node, List<Node> kept, Dictionary<string, string> replaced)
    {
        string input = node.Inputs[0];
        if (!g.Outputs.Contains(node.Output))
        {
            replaced[node.Output] = input;
            return true;
        }

        int writer = kept.FindIndex(n => n.Output == input);
        if (writer < 0 || g.Outputs.Contains(input))
        {
            return false;
        }

        kept[writer] = kept[writer].WithOutput(node.Output);
        for (int i = writer + 1; i < kept.Count; i++)
        {
            kept[i] = kept[i].WithInput(input, node.Output);
        }

        foreach (string key in replaced.Where(r => r.Value == input).Select(r => r.Key).ToArray())
        {
            replaced[key] = node.Output;
        }

        replaced[input] = node.Output;
        return true;
    }
}
