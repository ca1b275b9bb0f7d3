using System.Collections.Immutable;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Verification;

/// <summary>A blob and an ONNX model can only be compared when they take and give the same.</summary>
internal static class SameShapes
{
    /// <exception cref="EdgeSparseException">The blob has several inputs, or shapes differ; the message has both.</exception>
    public static void Require(Model model, OnnxRuntimeModel reference)
    {
        RequireOneInput(model);
        Require("input", model.Inputs[0], reference.InputShape);
        ImmutableArray<int>[] outputs = [.. reference.OutputShapes];
        if (model.Outputs.Count != outputs.Length)
        {
            throw new EdgeSparseException(
                $"the blob has {model.Outputs.Count} outputs, the ONNX model {outputs.Length}: they are not the same network");
        }

        for (int i = 0; i < outputs.Length; i++)
        {
            Require("output", model.Outputs[i], outputs[i]);
        }
    }

    public static void RequireOneInput(Model model)
    {
        if (model.Inputs.Count != 1)
        {
            throw new EdgeSparseException($"the blob has {model.Inputs.Count} inputs; one is supported here");
        }
    }

    /// <summary>For what is said of the class with the largest output.</summary>
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
