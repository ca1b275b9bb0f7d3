using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Turns a graph into the operations that blobs have; each operator in a class of its family.</summary>
internal static class GraphLowering
{
    /// <param name="graph">After simplification.</param>
    /// <exception cref="PackingException">A layer cannot be held by a blob.</exception>
    public static LoweredGraph Apply(Graph graph)
    {
        Lowering lowering = new(graph);
        foreach (Node node in graph.Nodes)
        {
            Lower(lowering, node);
        }

        return lowering.Complete();
    }

    private static void Lower(Lowering to, Node node)
    {
        switch (node)
        {
            case Linear linear:
                LinearLowering.Lower(to, linear);
                break;
            case Conv2d or ConvTranspose2d or MaxPool or AveragePool or GlobalAveragePool or GlobalMaxPool or LocalResponseNorm:
                MapLowering.Lower(to, node);
                break;
            case PointwiseActivation or Cast:
                PointwiseLowering.Lower(to, node);
                break;
            case Add add:
                BinaryLowering.Lower(to, add, add.Left, add.Right, ElementFunction.Add);
                break;
            case Binary binary:
                BinaryLowering.Lower(to, binary, binary.Left, binary.Right, BinaryLowering.FunctionOf(binary.Function));
                break;
            case Where where:
                BinaryLowering.Lower(to, where);
                break;
            case MatMul product:
                MatMulLowering.Lower(to, product);
                break;
            case BatchNorm or LayerNorm or InstanceNorm or GroupNorm:
                NormalisationLowering.Lower(to, node);
                break;
            case Softmax or Reduce or ArgExtreme or TopK:
                AxisLowering.Lower(to, node);
                break;
            case GatherAt gather:
                AxisLowering.Lower(to, gather);
                break;
            case Resize resize:
                ResizeLowering.Lower(to, resize);
                break;
            case Concat concat:
                ConcatLowering.Lower(to, concat);
                break;
            case Constant constant:
                to.Define(node.Output, to.ShapeOf(node), new Literal(constant.Weight), node.Name);
                break;
            case Dropout:
                to.Define(node.Output, to.ShapeOf(node), to.FormOf(node.Inputs[0]), node.Name);
                break;
            default:
                MovementLowering.Lower(to, node);
                break;
        }
    }
}

/// <summary>A shape around an axis: elements before it, along it, and behind it.</summary>
internal readonly record struct AxisShape(int Outer, int Length, int Inner)
{
    /// <param name="shape">No symbolic batch.</param>
    /// <param name="axis">The first axis; a negative one counts from the end.</param>
    /// <param name="count">Axes, one after the other.</param>
    public static AxisShape Of(TensorShape shape, int axis, int count = 1)
    {
        axis = axis < 0 ? axis + shape.Rank : axis;
        ImmutableArray<int> dims = shape.Dims;
        return new AxisShape(Product(dims[..axis]), Product(dims[axis..(axis + count)]), Product(dims[(axis + count)..]));
    }

    private static int Product(ImmutableArray<int> dims) => dims.Aggregate(1, (a, b) => a * b);
}
