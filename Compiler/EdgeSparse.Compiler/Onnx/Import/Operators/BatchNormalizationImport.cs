using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>BatchNormalization, at inference with constant parameters; see <see cref="BatchStatistics"/> for training mode.</summary>
internal sealed class BatchNormalizationImport : OperatorImport
{
    public override string Operator => "BatchNormalization";

    public override bool HasSeveralOutputs => true;

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        float momentum = node.Float("momentum", 0.9f);
        bool isTraining = node.Flag("training_mode");
        if (node.Opset < 9)
        {
            node.Require("spatial", only: 1, absent: 1);
        }

        float epsilon = node.Float("epsilon", 1e-5f);
        if (!(epsilon >= 0f && float.IsFinite(epsilon)))
        {
            throw node.Fail($"has epsilon = {epsilon}; it must not be negative");
        }

        if (isTraining)
        {
            BatchStatistics.Emit(node, graph, x, epsilon, momentum);
            return;
        }

        if (node.FurtherOutputs.FirstOrDefault(o => graph.ReadsOf(o) > 0) is string further)
        {
            throw node.Fail($"has a further output '{further}' that is read; outside of training only the first is supported");
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
