using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Training;

/// <summary>What of a network's outputs training looks at.</summary>
/// <param name="Names">
/// Activations. Of a classifier one, its logits: where the network ends in a softmax over the classes, the value before it. Of other
/// networks all outputs that are floats: no gradient flows through whole numbers.
/// </param>
/// <param name="ClassCount">Elements of a classifier's output for one sample; 0 for a network that is none.</param>
internal sealed record NetworkOutputs(ImmutableArray<string> Names, int ClassCount)
{
    /// <summary>One output, a vector for each sample.</summary>
    public bool IsClassifier => ClassCount > 0;

    public static NetworkOutputs Of(Graph graph)
    {
        if (graph.Outputs.Length == 1 && IsFloat(graph, graph.Outputs[0]) && LengthOf(graph.Shapes[graph.Outputs[0]]) is { } classes)
        {
            return new NetworkOutputs([LogitsOf(graph, graph.Outputs[0])], classes);
        }

        return new NetworkOutputs([.. graph.Outputs.Where(o => IsFloat(graph, o))], 0);
    }

    private static bool IsFloat(Graph graph, string value) =>
        graph.Types[value] is ElementType.Float32 or ElementType.Float16 or ElementType.Float64;

    /// <summary>Elements of a sample where all lie along one dimension, else null.</summary>
    private static int? LengthOf(TensorShape shape)
    {
        if (shape.Rank < 2)
        {
            return null;
        }

        int[] sample = [.. shape.Dims.Skip(1)];
        return sample.Count(d => d > 1) <= 1 ? sample.Max() : null;
    }

    private static string LogitsOf(Graph graph, string output)
    {
        string value = output;
        while (graph.Nodes.FirstOrDefault(n => n.Output == value) is { } writer)
        {
            switch (writer)
            {
                case Softmax softmax when IsOverClasses(softmax, graph.Shapes[value]):
                    return softmax.Input;
                case Reshape or Flatten or Dropout when LengthOf(graph.Shapes[writer.Inputs[0]]) is not null:
                    value = writer.Inputs[0];
                    break;
                default:
                    return output;
            }
        }

        return output;
    }

    private static bool IsOverClasses(Softmax softmax, TensorShape shape)
    {
        int axis = softmax.Axis < 0 ? softmax.Axis + shape.Rank : softmax.Axis;
        return axis > 0 && shape[axis] == shape.Dims.Skip(1).Max();
    }
}
