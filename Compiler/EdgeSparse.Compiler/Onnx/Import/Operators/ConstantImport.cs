using EdgeSparse.Compiler.Onnx.Proto;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Constant: a tensor, one number or a list of numbers.</summary>
internal sealed class ConstantImport : OperatorImport
{
    public override string Operator => "Constant";

    public override void Import(OnnxNode node, GraphImport graph) => graph.Define(node, graph.ConstantOf(TensorOf(node)));

    private static TensorProto TensorOf(OnnxNode node)
    {
        TensorProto made = new() { Name = node.Output };
        if (node.Tensor("value") is { } tensor)
        {
            return tensor;
        }

        if (node.HasAttribute("value_float"))
        {
            made.DataType = (int)TensorProto.Types.DataType.Float;
            made.FloatData.Add(node.Float("value_float", 0f));
        }
        else if (node.HasAttribute("value_int"))
        {
            made.DataType = (int)TensorProto.Types.DataType.Int64;
            made.Int64Data.Add(node.Integer("value_int", 0));
        }
        else if (node.Floats("value_floats") is { } floats)
        {
            made.DataType = (int)TensorProto.Types.DataType.Float;
            made.Dims.Add(floats.Length);
            made.FloatData.Add(floats);
        }
        else if (node.Integers("value_ints") is { } integers)
        {
            made.DataType = (int)TensorProto.Types.DataType.Int64;
            made.Dims.Add(integers.Length);
            made.Int64Data.Add(integers);
        }
        else
        {
            throw node.Fail("has no value of a supported kind; supported are value, value_float, value_floats, value_int and value_ints");
        }

        return made;
    }
}
