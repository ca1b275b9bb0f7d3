using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Layers over maps in slots, sample by sample.</summary>
internal static class MapLowering
{
    public static void Lower(Lowering to, Node node) => SampleUnrolling.Apply(to, node, node.Inputs, sample =>
    {
        if (node is ConvTranspose2d transposed)
        {
            ConvTransposeLowering.Lower(to, transposed, sample);
            return;
        }

        string input = to.Get(MapOf(to, sample.Inputs[0], node.Name));
        Node layer = node switch
        {
            Conv2d n => n with { Input = input },
            MaxPool n => n with { Input = input },
            AveragePool n => n with { Input = input },
            GlobalAveragePool n => n with { Input = input },
            GlobalMaxPool n => n with { Input = input },
            LocalResponseNorm n => n with { Input = input },
            _ => throw new PackingException($"layer '{node.Name}' ({node.Operator}) is none of maps"),
        };
        to.Emit(layer with { Name = sample.Name, Output = sample.Output }, sample.Shape, node.Name);
    });

    /// <summary>A value with its channels as planes, whatever its rank.</summary>
    public static string MapOf(Lowering to, string value, string layer)
    {
        TensorShape shape = to.ShapeOf(value);
        return shape.Rank is 2 or 3 or 4
            ? value
            : to.Reshaped(value, new TensorShape(1, shape[1], 1, shape.ElementCount / shape[1]), layer);
    }
}
