using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Finds values that are never negative: for maximum pooling, zeros beside them are as good as the lowest number.</summary>
internal static class SignInference
{
    public static HashSet<string> NonNegative(IEnumerable<Layer> layers)
    {
        HashSet<string> known = [];
        foreach (Layer layer in layers)
        {
            bool keepsSign = layer.Node is MaxPool or AveragePool or GlobalAveragePool or GlobalMaxPool or ViewStep or ChannelsStep
                or PartsStep { Fill: >= 0 } or Add
                && layer.Inputs.All(known.Contains);
            if (layer.Activation.IsNonNegative || layer.Node is PlanarStep { Kind: OperationKind.Softmax, Function: 0 } || (keepsSign && layer.Activation == default))
            {
                known.Add(layer.Output);
            }
        }

        return known;
    }
}
