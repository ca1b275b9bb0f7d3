using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>Follows from the outputs back which channels are used at all, and removes the neurons that give unused ones.</summary>
internal static class UnusedRemoval
{
    public static void Apply(ConnectionTable connections)
    {
        Graph graph = connections.Graph;
        Dictionary<string, bool[]> used = graph.Shapes.ToDictionary(s => s.Key, s => new bool[Channels(s.Value)]);
        foreach (string output in graph.Outputs)
        {
            Array.Fill(used[output], true);
        }

        foreach (Node node in graph.Nodes.Reverse())
        {
            bool[] y = used[node.Output];
            if (connections.Of(node) is { } layer)
            {
                for (int output = 0; output < y.Length; output++)
                {
                    if (!y[output])
                    {
                        layer.RemoveOutput(output);
                    }
                }
            }

            foreach (string input in node.Inputs)
            {
                Use(connections, node, y, used[input]);
            }
        }
    }

    /// <summary>Channels of a value: its second dimension, or all there is.</summary>
    public static int Channels(TensorShape shape) => shape.Rank >= 2 ? shape[1] : shape.ElementCount;

    private static void Use(ConnectionTable connections, Node node, bool[] y, bool[] x)
    {
        switch (node)
        {
            case WeightedLayer when connections.Of(node) is { } layer:
                Mark(x, input => layer.Reaches(input, y));
                break;
            case PointwiseActivation or BatchNorm or Dropout or Add or MaxPool or AveragePool or GlobalAveragePool:
                Mark(x, channel => y[channel]);
                break;
            case Flatten:
                int area = y.Length / x.Length;
                Mark(x, channel => y.AsSpan(channel * area, area).Contains(true));
                break;
            default:
                Array.Fill(x, true);
                break;
        }
    }

    private static void Mark(bool[] x, Func<int, bool> isUsed)
    {
        for (int i = 0; i < x.Length; i++)
        {
            x[i] |= isUsed(i);
        }
    }
}
