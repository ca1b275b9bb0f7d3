namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Functions of single elements, of constants that have none.</summary>
internal static class EmptyConstants
{
    /// <summary>Where all inputs are constants of the same dimensions without elements, so is the output.</summary>
    public static bool TryDefine(OnnxNode node, GraphImport graph)
    {
        if (node.InputCount == 0 || graph.ConstantOrNull(node, 0) is not { ElementCount: 0 } first)
        {
            return false;
        }

        for (int i = 1; i < node.InputCount; i++)
        {
            if (graph.ConstantOrNull(node, i) is not { } other || !other.Dims.SequenceEqual(first.Dims))
            {
                return false;
            }
        }

        graph.Define(node, first);
        return true;
    }
}
