using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>BatchNormalization at inference, with constant parameters.</summary>
internal sealed class BatchNormalizationImport : OperatorImport
{
    public override string Operator => "BatchNormalization";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        node.Ignore("momentum");
        node.Require("training_mode", only: 0, absent: 0);
        if (node.Opset < 9)
        {
            node.Require("spatial", only: 1, absent: 1);
        }

        float epsilon = node.Float("epsilon", 1e-5f);
        if (!(epsilon >= 0f && float.IsFinite(epsilon)))
        {
            throw node.Fail($"has epsilon = {epsilon}; it must not be negative");
        }

        string scale = ChannelVector.Add(node, graph, 1, "scale");
        string shift = ChannelVector.Add(node, graph, 2, "bias");
        string mean = ChannelVector.Add(node, graph, 3, "mean");
        string variance = ChannelVector.Add(node, graph, 4, "variance");
        if (graph.WeightOf(variance).Values.Span.ContainsAnyInRange(float.NegativeInfinity, -float.Epsilon))
        {
            throw node.Fail($"has a negative value in its variance '{variance}'");
        }

        graph.Emit(node, name => new BatchNorm(name, x, node.Output, scale, shift, mean, variance, epsilon));
    }
}
