using System.Buffers.Binary;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Runtime;
using Google.Protobuf;
using DataType = EdgeSparse.Compiler.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeSparse.Compiler.Onnx.Export;

/// <summary>Constant tensors as the file has them.</summary>
internal static class TensorExport
{
    private const int IndexBytes = sizeof(long);

    /// <summary>ONNX's number of an element type.</summary>
    public static int DataTypeOf(ElementType type) => (int)(type switch
    {
        ElementType.Float32 => DataType.Float,
        ElementType.Float16 => DataType.Float16,
        ElementType.Float64 => DataType.Double,
        ElementType.Int64 => DataType.Int64,
        ElementType.Int32 => DataType.Int32,
        ElementType.Int16 => DataType.Int16,
        ElementType.Int8 => DataType.Int8,
        ElementType.UInt64 => DataType.Uint64,
        ElementType.UInt32 => DataType.Uint32,
        ElementType.UInt16 => DataType.Uint16,
        ElementType.UInt8 => DataType.Uint8,
        ElementType.Bool => DataType.Bool,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    });

    /// <summary>All values, row-major.</summary>
    public static TensorProto Dense(string name, ReadOnlySpan<int> dims, ReadOnlySpan<float> values, ElementType type)
    {
        TensorProto tensor = Raw(name, Bytes(values, type), type);
        foreach (int dim in dims)
        {
            tensor.Dims.Add(dim);
        }

        return tensor;
    }

    /// <summary>Whole numbers of 64 bits, in one dimension or none.</summary>
    public static TensorProto Integers(string name, ReadOnlySpan<int> dims, ReadOnlySpan<long> values)
    {
        TensorProto tensor = Raw(name, IndexBytesOf(values), ElementType.Int64);
        foreach (int dim in dims)
        {
            tensor.Dims.Add(dim);
        }

        return tensor;
    }

    /// <summary>
    /// The values that are not zero, with their row-major places in ascending order; null where that would be larger than
    /// <see cref="Dense"/>, or where all values are zero, of which ONNX Runtime makes no tensor.
    /// </summary>
    public static SparseTensorProto? Sparse(string name, TensorShape shape, ReadOnlySpan<float> values, ElementType type)
    {
        int count = values.Length - values.Count(0f);
        int bytes = BytesOf(type);
        if (count == 0 || (long)count * (bytes + IndexBytes) >= (long)values.Length * bytes)
        {
            return null;
        }

        float[] kept = new float[count];
        long[] places = new long[count];
        int next = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] != 0)
            {
                (kept[next], places[next]) = (values[i], i);
                next++;
            }
        }

        SparseTensorProto sparse = new() { Values = Dense(name, [count], kept, type), Indices = Integers("", [count], places) };
        sparse.Dims.Add(shape.Dims.Select(d => (long)d));
        return sparse;
    }

    private static TensorProto Raw(string name, byte[] bytes, ElementType type)
    {
        TensorProto tensor = new() { DataType = DataTypeOf(type), RawData = UnsafeByteOperations.UnsafeWrap(bytes) };
        if (name.Length > 0)
        {
            tensor.Name = name;
        }

        return tensor;
    }

    private static byte[] IndexBytesOf(ReadOnlySpan<long> values)
    {
        byte[] bytes = new byte[values.Length * IndexBytes];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * IndexBytes), values[i]);
        }

        return bytes;
    }

    private static int BytesOf(ElementType type) => type switch
    {
        ElementType.Float64 or ElementType.Int64 or ElementType.UInt64 => 8,
        ElementType.Float32 or ElementType.Int32 or ElementType.UInt32 => 4,
        ElementType.Float16 or ElementType.Int16 or ElementType.UInt16 => 2,
        _ => 1,
    };

    /// <summary>The numbers in the type's own bits: what fp32 holds of them exactly comes back exactly.</summary>
    private static byte[] Bytes(ReadOnlySpan<float> values, ElementType type)
    {
        int size = BytesOf(type);
        byte[] bytes = new byte[values.Length * size];
        for (int i = 0; i < values.Length; i++)
        {
            Write(bytes.AsSpan(i * size, size), values[i], type);
        }

        return bytes;
    }

    private static void Write(Span<byte> bytes, float value, ElementType type)
    {
        switch (type)
        {
            case ElementType.Float32:
                BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
                break;
            case ElementType.Float16:
                BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)value);
                break;
            case ElementType.Float64:
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
                break;
            case ElementType.UInt64:
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)value);
                break;
            case ElementType.Bool:
                bytes[0] = value != 0 ? (byte)1 : (byte)0;
                break;
            default:
                // The low bytes of the 64 bits are the number in any narrower type, signed or not.
                Span<byte> whole = stackalloc byte[sizeof(long)];
                BinaryPrimitives.WriteInt64LittleEndian(whole, (long)value);
                whole[..bytes.Length].CopyTo(bytes);
                break;
        }
    }
}
