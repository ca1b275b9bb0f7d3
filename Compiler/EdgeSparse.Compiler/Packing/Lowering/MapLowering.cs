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
            MaxPool n when IsWholeMap(n.Window, to.ShapeOf(input), sample.Shape) => new GlobalMaxPool(n.Name, input, n.Output),
            AveragePool n when !(n.CountIncludePad && HasPadding(n.Window)) && IsWholeMap(n.Window, to.ShapeOf(input), sample.Shape) => new GlobalAveragePool(n.Name, input, n.Output),
            MaxPool n => n with { Input = input },
            AveragePool n => n with { Input = input },
            GlobalAveragePool n => n with { Input = input },
            GlobalMaxPool n => n with { Input = input },
            LocalResponseNorm n => n with { Input = input },
            _ => throw new PackingException($"layer '{node.Name}' ({node.Operator}) is none of maps"),
        };
        to.Emit(layer with { Name = sample.Name, Output = sample.Output }, sample.Shape, node.Name);
    });

    /// <summary>
    /// One window that covers the map, padding beyond it or not; the stride then does not matter. Global pools take their input in any
    /// geometry.
    /// </summary>
    private static bool IsWholeMap(Window2d window, TensorShape map, TensorShape result) =>
        map.Rank == 4 && result[2] == 1 && result[3] == 1 && window is { DilationY: 1, DilationX: 1 }
        && window.KernelY - window.PadTop >= map[2] && window.KernelX - window.PadLeft >= map[3];

    private static bool HasPadding(Window2d window) => window is not { PadTop: 0, PadLeft: 0, PadBottom: 0, PadRight: 0 };

    /// <summary>A value with its channels as planes, whatever its rank.</summary>
    public static string MapOf(Lowering to, string value, string layer)
    {
        TensorShape shape = to.ShapeOf(value);
        return shape.Rank is 2 or 3 or 4
            ? value
            : to.Reshaped(value, new TensorShape(1, shape[1], 1, shape.ElementCount / shape[1]), layer);
    }
}
