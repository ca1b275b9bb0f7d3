using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Gemm, alpha · A · B + beta · C: with a constant right side a Linear, else a product of two activations.</summary>
internal sealed class GemmImport : OperatorImport
{
    public override string Operator => "Gemm";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = Transposed(node, graph, 0, node.Flag("transA"));
        float alpha = node.Float("alpha", 1f);
        float beta = node.Float("beta", 1f);
        bool isOutByIn = node.Flag("transB");
        if (graph.ConstantOrNull(node, 1) is { IsFloat: true } right && graph.ConstantOrNull(node, 0) is null)
        {
            string weight = LinearWeight.Add(node, graph, node.Input(1), right, isOutByIn, alpha);
            int outputs = graph.WeightOf(weight).Shape[0];
            string? bias = BiasOf(node, graph, outputs, beta);
            if (bias is not null || !node.HasInput(2))
            {
                graph.Emit(node, name => new Linear(name, x, node.Output, weight, bias));
                return;
            }

            string product = graph.Step(node, null, (name, output) => new Linear(name, x, output, weight, Bias: null));
            AddImport.Sum(node, graph, product, Scaled(node, graph, "beta", graph.Activation(node, 2), beta));
            return;
        }

        string y = Transposed(node, graph, 1, isOutByIn);
        if (!node.HasInput(2) && alpha == 1f)
        {
            graph.Emit(node, name => new MatMul(name, x, y, node.Output));
            return;
        }

        string matrix = graph.Step(node, null, (name, output) => new MatMul(name, x, y, output));
        if (node.HasInput(2))
        {
            string scaled = Scaled(node, graph, "alpha", matrix, alpha);
            AddImport.Sum(node, graph, scaled, Scaled(node, graph, "beta", graph.Activation(node, 2), beta));
        }
        else
        {
            string factor = graph.Activation(node, $"{node.Name}/alpha", ConstantTensor.Of([], ElementType.Float32, [alpha]));
            graph.Emit(node, "scaled", name => new Binary(name, matrix, factor, node.Output, BinaryFunction.Mul));
        }
    }

    private static string Transposed(OnnxNode node, GraphImport graph, int input, bool transpose)
    {
        string x = graph.Activation(node, input);
        TensorShape shape = graph.ShapeOf(x);
        if (shape.Rank != 2)
        {
            throw node.Fail($"has an input of shape {shape}; it must have two dimensions");
        }

        return transpose ? graph.Step(node, $"transposed{input}", (name, output) => new Transpose(name, x, output, [1, 0])) : x;
    }

    private static string Scaled(OnnxNode node, GraphImport graph, string what, string x, float factor)
    {
        if (factor == 1f)
        {
            return x;
        }

        string constant = graph.Activation(node, $"{node.Name}/{what}", ConstantTensor.Of([], graph.TypeOf(x), [factor]));
        return graph.Step(node, $"{what}-scaled", (name, output) => new Binary(name, x, constant, output, BinaryFunction.Mul));
    }

    /// <summary>The bias as a weight, or null where there is none or it is not one constant value an output.</summary>
    private static string? BiasOf(OnnxNode node, GraphImport graph, int outputs, float beta)
    {
        if (graph.ConstantOrNull(node, 2) is not { IsFloat: true } c || BiasBroadcast.OverLast(c, outputs, outputRank: 2) is not { } values)
        {
            return null;
        }

        LinearWeight.Scale(values, beta);
        return graph.AddWeight(node, node.Input(2), new TensorShape(outputs), values);
    }
}
