using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>A function of two operands, broadcast.</summary>
internal sealed class BinaryImport(string operation, BinaryFunction function) : OperatorImport
{
    public override string Operator => operation;

    public override void Import(OnnxNode node, GraphImport graph)
    {
        if (EmptyConstants.TryDefine(node, graph, function is >= BinaryFunction.Equal and <= BinaryFunction.Xor ? ElementType.Bool : null))
        {
            return;
        }

        string x = graph.Activation(node, 0);
        string y = graph.Activation(node, 1);
        BinaryFunction chosen = function switch
        {
            BinaryFunction.Div when !ElementTypes.IsFloat(graph.TypeOf(x)) => BinaryFunction.IntegerDiv,
            BinaryFunction.Mod when node.Flag("fmod") => BinaryFunction.Fmod,
            _ => function,
        };
        graph.Emit(node, name => new Binary(name, x, y, node.Output, chosen));
    }
}

/// <summary>Sum, Max, Min and Mean of any number of operands, one after the other.</summary>
internal sealed class VariadicImport(string operation, BinaryFunction function, bool isMean = false) : OperatorImport
{
    public override string Operator => operation;

    public override void Import(OnnxNode node, GraphImport graph)
    {
        ImmutableArray<string> operands = [.. Enumerable.Range(0, node.InputCount).Select(i => graph.Activation(node, i))];
        if (operands.IsEmpty)
        {
            throw node.Fail("has no input");
        }

        if (operands.Length == 1)
        {
            graph.Alias(node, operands[0]);
            return;
        }

        string sum = operands[0];
        for (int i = 1; i < operands.Length; i++)
        {
            string left = sum;
            string right = operands[i];
            if (i < operands.Length - 1 || isMean)
            {
                sum = graph.Step(node, "partial", (name, output) => Node(graph, name, left, right, output));
            }
            else
            {
                graph.Emit(node, name => Node(graph, name, left, right, node.Output));
            }
        }

        if (isMean)
        {
            string share = graph.Activation(
                node, $"{node.Name}/share", ConstantTensor.Of([], graph.TypeOf(sum), [1f / operands.Length]));
            graph.Emit(node, name => new Binary(name, sum, share, node.Output, BinaryFunction.Mul));
        }
    }

    private Node Node(GraphImport graph, string name, string left, string right, string output) =>
        function == BinaryFunction.Add && graph.ShapeOf(left) == graph.ShapeOf(right)
            ? new Add(name, left, right, output)
            : new Binary(name, left, right, output, function);
}

/// <summary>Where.</summary>
internal sealed class WhereImport : OperatorImport
{
    public override string Operator => "Where";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string condition = graph.Activation(node, 0);
        string x = graph.Activation(node, 1);
        string y = graph.Activation(node, 2);
        graph.Emit(node, name => new Where(name, condition, x, y, node.Output));
    }
}

/// <summary>Cast; to the type that a value has already it leaves no trace.</summary>
internal sealed class CastImport : OperatorImport
{
    public override string Operator => "Cast";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        long to = node.Integer("to", 0);

        // Both only say how floats of 8 bits are rounded, which are not supported.
        node.Ignore("saturate");
        node.Ignore("round_mode");
        To(node, graph, x, ElementTypes.Of((int)Math.Clamp(to, 0, 1000)) ?? throw node.Fail($"casts to the data type {to}; floats from 16 bits on, integers and bool are supported"));
    }

    public static void To(OnnxNode node, GraphImport graph, string x, ElementType type)
    {
        if (graph.TypeOf(x) == type)
        {
            graph.Alias(node, x);
        }
        else
        {
            graph.Emit(node, name => new Cast(name, x, node.Output, type));
        }
    }
}

/// <summary>CastLike: only the type of its second input matters.</summary>
internal sealed class CastLikeImport : OperatorImport
{
    public override string Operator => "CastLike";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        node.Ignore("saturate");
        node.Ignore("round_mode");
        ElementType type = graph.ConstantOrNull(node, 1)?.Type ?? graph.TypeOf(graph.Activation(node, 1));
        CastImport.To(node, graph, graph.Activation(node, 0), type);
    }
}
