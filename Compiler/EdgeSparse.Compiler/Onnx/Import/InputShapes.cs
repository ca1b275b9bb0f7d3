using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Runtime;
using DataType = EdgeSparse.Compiler.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>The shapes of a file's inputs: declared, or given by the user where the file leaves them open.</summary>
internal static class InputShapes
{
    /// <summary>The inputs without initializers (older files list those among the inputs), in the file's order.</summary>
    /// <exception cref="OnnxFormatException">An input is no tensor of numbers, or has an open dimension besides the batch.</exception>
    public static IEnumerable<GraphValue> Of(GraphProto graph, GraphStructure structure, OnnxImportOptions options)
    {
        ValueInfoProto[] inputs = [.. graph.Input.Where(i => !structure.IsInitializer(i.Name))];
        bool isUnnamed = options.InputShapes?.ContainsKey(OnnxImportOptions.OnlyInput) == true;
        if (isUnnamed && inputs.Length != 1)
        {
            throw new OnnxFormatException($"has {inputs.Length} inputs, so a shape needs the name of one: {string.Join(", ", inputs.Select(i => i.Name))}");
        }

        if (!isUnnamed && options.InputShapes?.Keys.FirstOrDefault(name => inputs.All(i => i.Name != name)) is string unknown)
        {
            throw new OnnxFormatException($"has no input '{unknown}'; it has {string.Join(", ", inputs.Select(i => i.Name))}");
        }

        foreach (ValueInfoProto input in inputs)
        {
            TensorShape? given = options.InputShapes?.TryGetValue(isUnnamed ? OnnxImportOptions.OnlyInput : input.Name, out TensorShape shape) == true ? shape : null;
            yield return new GraphValue(input.Name, ShapeOf(input, given), TypeOf(input));
        }
    }

    private static ElementType TypeOf(ValueInfoProto input) =>
        ElementTypes.Of(input.Type.TensorType.ElemType)
        ?? throw new OnnxFormatException(
            $"input '{input.Name}' has the element type {(DataType)input.Type.TensorType.ElemType}; floats, integers and bool are supported");

    private static TensorShape ShapeOf(ValueInfoProto input, TensorShape? given)
    {
        if (input.Type?.TensorType is not { } tensor)
        {
            throw new OnnxFormatException($"input '{input.Name}' is no tensor; only tensors are supported");
        }

        if (tensor.Shape is null)
        {
            return given ?? throw new OnnxFormatException($"input '{input.Name}' has no shape; {Ask(input.Name)}");
        }

        if (given is { } chosen && chosen.Rank != tensor.Shape.Dim.Count)
        {
            throw new OnnxFormatException($"input '{input.Name}' has {tensor.Shape.Dim.Count} dimensions, but the shape given for it is {chosen}");
        }

        int[] dims = new int[tensor.Shape.Dim.Count];
        for (int i = 0; i < dims.Length; i++)
        {
            dims[i] = Dimension(input.Name, tensor.Shape.Dim[i], i, given?[i]);
        }

        return TooLarge(dims) ? throw new OnnxFormatException($"input '{input.Name}' has more than {int.MaxValue} elements") : new TensorShape(dims);
    }

    private static int Dimension(string input, TensorShapeProto.Types.Dimension dimension, int place, int? given)
    {
        // Exporters write an open dimension as a name, as nothing, as 0 or as −1.
        long declared = dimension.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue ? dimension.DimValue : 0;
        if (declared is < -1 or > int.MaxValue)
        {
            throw new OnnxFormatException($"input '{input}' has the dimension {declared} in place {place}");
        }

        if (declared > 0)
        {
            return given is null || given == declared
                ? (int)declared
                : throw new OnnxFormatException($"input '{input}' has the fixed dimension {declared} in place {place}, but {given} is given for it");
        }

        return given
            ?? (place == 0 ? TensorShape.Symbolic : throw new OnnxFormatException(
                $"input '{input}' has the open dimension '{dimension.DimParam}' in place {place}; {Ask(input)}"));
    }

    private static bool TooLarge(int[] dims) => dims.Aggregate(1.0, (product, d) => product * Math.Max(d, 1)) > int.MaxValue;

    private static string Ask(string input) => $"give its whole shape, for example {input}=1x3x224x224";
}
