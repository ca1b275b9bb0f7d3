using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>A function of each element without parameters.</summary>
internal sealed class PointwiseImport(string operation, PointwiseFunction function) : OperatorImport
{
    public override string Operator => operation;

    public override void Import(OnnxNode node, GraphImport graph)
    {
        if (EmptyConstants.TryDefine(node, graph, function == PointwiseFunction.Not ? ElementType.Bool : null))
        {
            return;
        }

        string x = graph.Activation(node, 0);
        graph.Emit(node, name => new Pointwise(name, x, node.Output, function));
    }
}

/// <summary>Elu, Selu and HardSigmoid: functions with parameters that are attributes.</summary>
/// <param name="operation">The op_type.</param>
/// <param name="function">What it computes.</param>
/// <param name="a">The attribute of the first parameter, and its value when left out.</param>
/// <param name="b">The same of the second; null where there is none.</param>
internal sealed class ParametricImport(string operation, PointwiseFunction function, (string Name, float Absent) a, (string Name, float Absent)? b)
    : OperatorImport
{
    public override string Operator => operation;

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        float first = node.Float(a.Name, a.Absent);
        float second = b is { } parameter ? node.Float(parameter.Name, parameter.Absent) : 0;
        graph.Emit(node, name => new Pointwise(name, x, node.Output, function, first, second));
    }
}

/// <summary>Gelu, exact or by its approximation.</summary>
internal sealed class GeluImport : OperatorImport
{
    public override string Operator => "Gelu";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        PointwiseFunction function = node.Text("approximate", "none") switch
        {
            "none" => PointwiseFunction.Gelu,
            "tanh" => PointwiseFunction.GeluTanh,
            string other => throw node.Fail($"has approximate = {other}; supported are none and tanh"),
        };
        graph.Emit(node, name => new Pointwise(name, x, node.Output, function));
    }
}
