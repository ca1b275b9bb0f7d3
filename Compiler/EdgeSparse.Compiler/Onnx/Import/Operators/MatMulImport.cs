using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>MatMul of an activation with a constant matrix; an Add of a constant after it becomes its bias (<see cref="AddImport"/>).</summary>
internal sealed class MatMulImport : OperatorImport
{
    public override string Operator => "MatMul";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        ConstantTensor right = graph.Constant(node, 1, "right side");
        string weight = LinearWeight.Add(node, graph, node.Input(1), right, isOutByIn: false, scale: 1f);
        graph.Emit(node, name => new Linear(name, x, node.Output, weight, Bias: null));
    }
}
