namespace EdgeSparse.Compiler.Graphs;

/// <summary>Nodes that read or write other activations: what passes use to take a node out of the chain.</summary>
public static class NodeWiring
{
    /// <summary>The same node, reading <paramref name="to"/> wherever it read <paramref name="from"/>.</summary>
    public static Node WithInput(this Node node, string from, string to)
    {
        if (!node.Inputs.Contains(from))
        {
            return node;
        }

        return node switch
        {
            WeightedLayer n => n with { Input = to },
            PointwiseActivation n => n with { Input = to },
            BatchNorm n => n with { Input = to },
            Softmax n => n with { Input = to },
            Add n => n with { Left = n.Left == from ? to : n.Left, Right = n.Right == from ? to : n.Right },
            Flatten n => n with { Input = to },
            MaxPool n => n with { Input = to },
            AveragePool n => n with { Input = to },
            GlobalAveragePool n => n with { Input = to },
            Dropout n => n with { Input = to },
            _ => throw new GraphException($"layer '{node.Name}' ({node.Operator}) cannot be rewired"),
        };
    }

    /// <summary>The same node, writing another activation.</summary>
    public static Node WithOutput(this Node node, string output) => node with { Output = output };
}
