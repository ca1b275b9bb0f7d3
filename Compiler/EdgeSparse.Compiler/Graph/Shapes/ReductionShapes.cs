using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>Shapes of what looks for one or some elements along axes.</summary>
internal static class ReductionShapes
{
    public static TensorShape Infer(Node node, TensorShape x) => node switch
    {
        Reduce reduce => Reduced(node, x, reduce.Axes, reduce.KeepDimensions),
        ArgExtreme extreme => Reduced(node, x, [extreme.Axis], extreme.KeepDimensions),
        TopK top => OfTopK(top, x),
        _ => throw ShapeInference.Wrong(node, "has no shape rule"),
    };

    private static TensorShape Reduced(Node node, TensorShape x, ImmutableArray<int> axes, bool keepDimensions)
    {
        int before = -1;
        foreach (int axis in axes)
        {
            CheckAxis(node, x, axis);
            if (axis <= before)
            {
                throw ShapeInference.Wrong(node, $"has the axes {string.Join(", ", axes)}; they must ascend");
            }

            before = axis;
        }

        List<long> dims = [];
        for (int i = 0; i < x.Rank; i++)
        {
            if (!axes.Contains(i))
            {
                dims.Add(x[i]);
            }
            else if (keepDimensions)
            {
                dims.Add(1);
            }
        }

        return ShapeInference.Shape(node, [.. dims]);
    }

    private static TensorShape OfTopK(TopK node, TensorShape x)
    {
        CheckAxis(node, x, node.Axis);
        if (node.Count < 1 || node.Count > x[node.Axis])
        {
            throw ShapeInference.Wrong(node, $"wants {node.Count} of the {x[node.Axis]} elements along axis {node.Axis}");
        }

        long[] dims = ShapeInference.Wide(x);
        dims[node.Axis] = node.Count;
        return ShapeInference.Shape(node, dims);
    }

    private static void CheckAxis(Node node, TensorShape x, int axis)
    {
        if (axis < 0 || axis >= x.Rank)
        {
            throw ShapeInference.Wrong(node, $"has the axis {axis} for an input of shape {x}");
        }

        if (x[axis] == TensorShape.Symbolic)
        {
            throw ShapeInference.Wrong(node, $"is over the open batch of {x}; give a fixed shape");
        }
    }
}
