using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using EdgeSparse.Runtime;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgeSparse.Compiler.Verification;

/// <summary>An input or output of an ONNX model in memory of its own, float to the caller whether the model has float or float16.</summary>
internal sealed class OnnxRuntimeTensor : IDisposable
{
    private readonly float[] floats = [];
    private readonly Float16[] halves = [];

    /// <param name="name">As the model calls it.</param>
    /// <param name="type">Float or Float16.</param>
    /// <param name="shape">No dimension open.</param>
    public OnnxRuntimeTensor(string name, TensorElementType type, long[] shape)
    {
        Name = name;
        Shape = [.. shape.Select(d => (int)d)];
        Count = checked((int)shape.Aggregate(1L, (product, d) => checked(product * d)));
        if (type == TensorElementType.Float16)
        {
            halves = new Float16[Count];
            Value = OrtValue.CreateTensorValueFromMemory(halves, shape);
        }
        else
        {
            floats = new float[Count];
            Value = OrtValue.CreateTensorValueFromMemory(floats, shape);
        }
    }

    public string Name { get; }

    public ImmutableArray<int> Shape { get; }

    public int Count { get; }

    public OrtValue Value { get; }

    public void Write(ReadOnlySpan<float> values)
    {
        if (halves.Length == 0)
        {
            values.CopyTo(floats);
        }
        else
        {
            TensorPrimitives.ConvertToHalf(values, MemoryMarshal.Cast<Float16, Half>(halves.AsSpan()));
        }
    }

    public void Read(Span<float> values)
    {
        if (halves.Length == 0)
        {
            floats.CopyTo(values);
        }
        else
        {
            TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<Float16, Half>(halves), values);
        }
    }

    public void Dispose() => Value.Dispose();

    /// <summary>The element type, which must be one that can be had as float.</summary>
    /// <exception cref="EdgeSparseException">It is another, or no tensor.</exception>
    public static TensorElementType TypeOf(string what, string name, NodeMetadata metadata) =>
        metadata.IsTensor && metadata.ElementDataType is TensorElementType.Float or TensorElementType.Float16
            ? metadata.ElementDataType
            : throw new EdgeSparseException($"the {what} '{name}' of the ONNX model is no float tensor; only that is supported");
}
