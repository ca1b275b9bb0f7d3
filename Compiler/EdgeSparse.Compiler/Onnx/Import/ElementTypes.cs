using EdgeSparse.Runtime;
using DataType = EdgeSparse.Compiler.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>ONNX's data types as element types.</summary>
internal static class ElementTypes
{
    /// <summary>Null for types that no tensor of a network here has: text, complex numbers, and floats of 8 bits and fewer.</summary>
    public static ElementType? Of(int dataType) => (DataType)dataType switch
    {
        // A bfloat16 is a float whose lower half is zero; everything computes in fp32.
        DataType.Float or DataType.Bfloat16 => ElementType.Float32,
        DataType.Float16 => ElementType.Float16,
        DataType.Double => ElementType.Float64,
        DataType.Int64 => ElementType.Int64,
        DataType.Int32 => ElementType.Int32,
        DataType.Int16 => ElementType.Int16,
        DataType.Int8 => ElementType.Int8,
        DataType.Uint64 => ElementType.UInt64,
        DataType.Uint32 => ElementType.UInt32,
        DataType.Uint16 => ElementType.UInt16,
        DataType.Uint8 => ElementType.UInt8,
        DataType.Bool => ElementType.Bool,
        _ => null,
    };

    public static bool IsFloat(ElementType type) => type is ElementType.Float32 or ElementType.Float16 or ElementType.Float64;
}
