namespace EdgeSparse.Compiler.Graphs;

/// <summary>Shapes of functions of single elements, of one operand or several.</summary>
internal static class ElementwiseShapes
{
    public static TensorShape Infer(Node node, TensorShape x, IReadOnlyDictionary<string, TensorShape> shapes) => node switch
    {
        LeakyRelu { Alpha: var alpha } when !float.IsFinite(alpha) => throw ShapeInference.Wrong(node, $"has alpha = {alpha}; it must be finite"),
        Clip { Min: float.NaN } or Clip { Max: float.NaN } => throw ShapeInference.Wrong(node, "has a bound that is no number"),
        Pointwise p when !float.IsFinite(p.A) || !float.IsFinite(p.B) =>
            throw ShapeInference.Wrong(node, $"has the parameters {p.A} and {p.B}; they must be finite"),
        Add add => x == shapes[add.Right]
            ? x
            : throw ShapeInference.Wrong(node, $"adds the shapes {x} and {shapes[add.Right]}, which differ"),
        Binary binary => Broadcast(node, x, shapes[binary.Right]),
        Where where => Broadcast(node, Broadcast(node, x, shapes[where.Left]), shapes[where.Right]),
        _ => x,
    };

    private static TensorShape Broadcast(Node node, TensorShape left, TensorShape right) =>
        Broadcasting.Of(left, right)
        ?? throw ShapeInference.Wrong(node, $"has operands of the shapes {left} and {right}, which do not broadcast");
}
