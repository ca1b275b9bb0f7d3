using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>MaxPool over two dimensions, without its second output (indices).</summary>
internal sealed class MaxPoolImport : OperatorImport
{
    public override string Operator => "MaxPool";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        Window2d window = WindowAttributes.Read(node, graph.ShapeOf(x));
        bool ceilMode = node.Flag("ceil_mode");

        // The order of storage only changes the indices, which are not supported.
        node.Ignore("storage_order");
        graph.Emit(node, name => new MaxPool(name, x, node.Output, window, ceilMode));
    }
}

/// <summary>AveragePool over two dimensions.</summary>
internal sealed class AveragePoolImport : OperatorImport
{
    public override string Operator => "AveragePool";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        Window2d window = WindowAttributes.Read(node, graph.ShapeOf(x));
        bool ceilMode = node.Flag("ceil_mode");
        bool countIncludePad = node.Flag("count_include_pad");
        graph.Emit(node, name => new AveragePool(name, x, node.Output, window, ceilMode, countIncludePad));
    }
}

/// <summary>GlobalAveragePool of N×C×H×W.</summary>
internal sealed class GlobalAveragePoolImport : OperatorImport
{
    public override string Operator => "GlobalAveragePool";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        graph.Emit(node, name => new GlobalAveragePool(name, x, node.Output));
    }
}
