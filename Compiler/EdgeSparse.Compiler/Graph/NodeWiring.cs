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
            Binary n => n with { Left = n.Left == from ? to : n.Left, Right = n.Right == from ? to : n.Right },
            Where n => n with
            {
                Condition = n.Condition == from ? to : n.Condition,
                Left = n.Left == from ? to : n.Left,
                Right = n.Right == from ? to : n.Right,
            },
            Cast n => n with { Input = to },
            MatMul n => n with { Left = n.Left == from ? to : n.Left, Right = n.Right == from ? to : n.Right },
            GatherAt n => n with { Input = n.Input == from ? to : n.Input, Indices = n.Indices == from ? to : n.Indices },
            Concat n => n with { Operands = [.. n.Operands.Select(o => o == from ? to : o)] },
            _ => WithOnlyInput(node, to),
        };
    }

    private static Node WithOnlyInput(Node node, string to)
    {
        return node switch
        {
            Reshape n => n with { Input = to },
            Transpose n => n with { Input = to },
            Slice n => n with { Input = to },
            Pad n => n with { Input = to },
            Expand n => n with { Input = to },
            Gather n => n with { Input = to },
            DepthToSpace n => n with { Input = to },
            SpaceToDepth n => n with { Input = to },
            Resize n => n with { Input = to },
            Reduce n => n with { Input = to },
            ArgExtreme n => n with { Input = to },
            TopK n => n with { Input = to },
            GlobalMaxPool n => n with { Input = to },
            LayerNorm n => n with { Input = to },
            InstanceNorm n => n with { Input = to },
            GroupNorm n => n with { Input = to },
            LocalResponseNorm n => n with { Input = to },
            _ => throw new GraphException($"layer '{node.Name}' ({node.Operator}) cannot be rewired"),
        };
    }

    /// <summary>The same node, writing another activation.</summary>
    public static Node WithOutput(this Node node, string output) => node with { Output = output };
}
