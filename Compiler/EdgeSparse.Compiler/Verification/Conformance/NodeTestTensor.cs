using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Onnx.Import;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Runtime;
using Google.Protobuf;

namespace EdgeSparse.Compiler.Verification;

/// <summary>A tensor of a test's data.</summary>
/// <param name="Type">Its elements.</param>
/// <param name="Dims">Outermost first; one may be 0.</param>
/// <param name="Values">Row-major.</param>
internal sealed record NodeTestTensor(ElementType Type, ImmutableArray<int> Dims, double[] Values)
{
    /// <exception cref="OnnxFormatException">The bytes are no tensor of a supported type.</exception>
    public static NodeTestTensor Parse(byte[] bytes)
    {
        try
        {
            var tensor = ConstantTensor.From(TensorProto.Parser.ParseFrom(bytes), new ExternalData(folder: null));
            return new NodeTestTensor(tensor.Type, tensor.Dims, tensor.Doubles());
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new OnnxFormatException($"the test's data are no tensor ({error.Message})", error);
        }
    }

    /// <summary>What an output of a graph has else than this tensor, or null when it is the same within the tolerance.</summary>
    public string? Difference(Graph graph, int output, double[]? actual, (double Absolute, double Relative) tolerance)
    {
        if (actual is null)
        {
            return $"output {output} is missing";
        }

        string name = graph.Outputs[output];
        TensorShape shape = graph.Shapes[name];
        bool sameShape = shape.Rank == Dims.Length
            && Enumerable.Range(0, shape.Rank).All(i => shape[i] == Dims[i] || shape[i] == TensorShape.Symbolic)
            && actual.Length == Values.Length;
        if (!sameShape)
        {
            return $"output '{name}' has the shape {shape}, not {ConstantTensor.Describe(Dims)}";
        }

        if (graph.Types[name] != Type)
        {
            return $"output '{name}' is {graph.Types[name]}, not {Type}";
        }

        for (int i = 0; i < actual.Length; i++)
        {
            bool isSame = actual[i].Equals(Values[i]) || Math.Abs(actual[i] - Values[i]) <= tolerance.Absolute + (tolerance.Relative * Math.Abs(Values[i]));
            if (!isSame)
            {
                return $"output '{name}' has {actual[i]} as element {i}, not {Values[i]}";
            }
        }

        return null;
    }
}
