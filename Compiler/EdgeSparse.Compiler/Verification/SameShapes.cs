using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Verification;

/// <summary>A blob and an ONNX model can only be compared when they take and give the same.</summary>
internal static class SameShapes
{
    /// <exception cref="EdgeSparseException">One has several inputs or outputs, or the shapes differ; the message has both.</exception>
    public static void Require(Model model, OnnxRuntimeModel reference)
    {
        RequireOne(model);
        Require("input", model.Inputs[0], reference.InputShape);
        Require("output", model.Outputs[0], reference.OutputShape);
    }

    public static void RequireOne(Model model)
    {
        if (model.Inputs.Count != 1 || model.Outputs.Count != 1)
        {
            throw new EdgeSparseException(
                $"the blob has {model.Inputs.Count} inputs and {model.Outputs.Count} outputs; one of each is supported here");
        }
    }

    private static void Require(string what, TensorInfo blob, IReadOnlyCollection<int> onnx)
    {
        if (!blob.Shape.SequenceEqual(onnx))
        {
            throw new EdgeSparseException(
                $"the {what} of the blob has the shape {string.Join('×', blob.Shape)}, that of the ONNX model {string.Join('×', onnx)}: "
                + "they are not the same network");
        }
    }
}
