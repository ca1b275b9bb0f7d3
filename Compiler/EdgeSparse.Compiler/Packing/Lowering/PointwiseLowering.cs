using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Functions of each element, and casts, which are such functions or nothing.</summary>
internal static class PointwiseLowering
{
    public static void Lower(Lowering to, Node node)
    {
        string input = node.Inputs[0];
        if (node is PointwiseActivation function)
        {
            Lower(to, node, input, (name, x, y) => function with { Name = name, Input = x, Output = y });
        }
        else if (CastOf(to.TypeOf(input), ((Cast)node).To) is { } cast)
        {
            Lower(to, node, input, (name, x, y) => new ActivationStep(name, x, y, cast));
        }
        else
        {
            to.Define(node.Output, to.ShapeOf(node), to.FormOf(input), node.Name);
        }
    }

    private static void Lower(Lowering to, Node node, string input, Func<string, string, string, Node> make)
    {
        TensorShape shape = to.ShapeOf(node);
        if (to.FormOf(input) is Moved { Map.HasFill: false } moved && to.HasOneReader(input)
            && to.FormOf(moved.Source) is Written && IsNotMuchMore(to.ShapeOf(moved.Source).ElementCount, shape.ElementCount))
        {
            // Before the movement, where it can go into the step that computes the value.
            string value = to.Emit(make(node.Name, moved.Source, to.Fresh(node.Name, "value")), to.ShapeOf(moved.Source), node.Name);
            to.Define(node.Output, shape, moved with { Source = value }, node.Name);
        }
        else if (SampleUnrolling.IsUnrolled(to, input))
        {
            SampleUnrolling.Apply(
                to, node, [input], sample => to.Emit(make(sample.Name, to.Get(sample.Inputs[0]), sample.Output), sample.Shape, node.Name));
        }
        else
        {
            to.Emit(make(node.Name, to.Get(input), node.Output), shape, node.Name);
        }
    }

    private static bool IsNotMuchMore(long before, long after) => before * 2 <= after * 3;

    /// <summary>What a cast does to a number that is exact in fp32, or null for nothing.</summary>
    private static LayerActivation? CastOf(ElementType from, ElementType to)
    {
        bool fromFloat = from is ElementType.Float32 or ElementType.Float64 or ElementType.Float16;
        (int bits, bool isSigned) = to switch
        {
            ElementType.Int8 => (8, true),
            ElementType.Int16 => (16, true),
            ElementType.UInt8 => (8, false),
            ElementType.UInt16 => (16, false),
            _ => (0, false),
        };
        if (from == to || from == ElementType.Bool)
        {
            return null;
        }

        return to switch
        {
            ElementType.Bool => new LayerActivation(Activation.IsNonZero),
            ElementType.Float16 => new LayerActivation(Activation.Half),
            ElementType.Float32 or ElementType.Float64 => null,
            _ when bits > 0 && !IsWithin(from, to) => new LayerActivation(Activation.WrapInteger, bits, isSigned ? 1 : 0),
            _ => fromFloat ? new LayerActivation(Activation.Truncate) : null,
        };
    }

    /// <summary>Whether a narrow integer type has all numbers of another.</summary>
    private static bool IsWithin(ElementType from, ElementType to) => (from, to) is
        (ElementType.Int8 or ElementType.UInt8, ElementType.Int16) or (ElementType.UInt8, ElementType.UInt16);
}
