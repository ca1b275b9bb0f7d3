using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Onnx.Proto;
using DataType = EdgeSparse.Compiler.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>
/// A constant of the model: an initializer, the value of a Constant node, or one of these in another shape. Values are decoded
/// when they are asked for, and never more of them than the file holds.
/// </summary>
internal sealed class ConstantTensor
{
    private readonly TensorProto proto;
    private readonly ExternalData external;

    private ConstantTensor(TensorProto proto, ExternalData external, ImmutableArray<int> dims)
    {
        this.proto = proto;
        this.external = external;
        Dims = dims;
        ElementCount = (int)dims.Aggregate(1L, (product, d) => product * d);
    }

    /// <summary>Dimensions, outermost first; empty for a scalar; a dimension may be 0.</summary>
    public ImmutableArray<int> Dims { get; }

    public int ElementCount { get; }

    private DataType Type => (DataType)proto.DataType;

    /// <exception cref="OnnxFormatException">A dimension is negative, or the product is not what 32 bits can count.</exception>
    public static ConstantTensor From(TensorProto proto, ExternalData external)
    {
        long count = 1;
        var dims = ImmutableArray.CreateBuilder<int>(proto.Dims.Count);
        foreach (long dim in proto.Dims)
        {
            if (dim is < 0 or > int.MaxValue || (count *= dim) > int.MaxValue)
            {
                throw new OnnxFormatException($"tensor '{proto.Name}' has the dimensions {string.Join('×', proto.Dims.Take(8))}, which cannot be");
            }

            dims.Add((int)dim);
        }

        return new ConstantTensor(proto, external, dims.DrainToImmutable());
    }

    /// <summary>The same values, row-major, in other dimensions of the same product.</summary>
    public ConstantTensor Reshaped(ImmutableArray<int> dims) => new(proto, external, dims);

    /// <summary>The values of a float, double, float16 or bfloat16 tensor as fp32.</summary>
    /// <exception cref="OnnxFormatException">It has another type, or its data do not match its dimensions.</exception>
    public float[] Floats() => Type switch
    {
        DataType.Float => Decode(proto.FloatData, v => v, 4, BinaryPrimitives.ReadSingleLittleEndian),
        DataType.Double => Decode(proto.DoubleData, v => (float)v, 8, b => (float)BinaryPrimitives.ReadDoubleLittleEndian(b)),
        DataType.Float16 => Decode(
            proto.Int32Data, v => (float)BitConverter.UInt16BitsToHalf((ushort)v), 2, b => (float)BinaryPrimitives.ReadHalfLittleEndian(b)),
        DataType.Bfloat16 => Decode(
            proto.Int32Data, v => BFloat16((ushort)v), 2, b => BFloat16(BinaryPrimitives.ReadUInt16LittleEndian(b))),
        _ => throw Fail($"holds {TypeName}; float, double, float16 and bfloat16 are supported here"),
    };

    /// <summary>The values of an int64, int32 or bool tensor.</summary>
    /// <exception cref="OnnxFormatException">It has another type, or its data do not match its dimensions.</exception>
    public long[] Integers() => Type switch
    {
        DataType.Int64 => Decode(proto.Int64Data, v => v, 8, BinaryPrimitives.ReadInt64LittleEndian),
        DataType.Int32 => Decode(proto.Int32Data, v => (long)v, 4, b => (long)BinaryPrimitives.ReadInt32LittleEndian(b)),
        DataType.Bool => Decode(proto.Int32Data, v => (long)v, 1, b => (long)b[0]),
        _ => throw Fail($"holds {TypeName}; int64, int32 and bool are supported here"),
    };

    private string TypeName => Enum.IsDefined(Type) ? Type.ToString().ToLowerInvariant() : $"the unknown type {proto.DataType}";

    private delegate T ReadElement<T>(ReadOnlySpan<byte> bytes);

    private T[] Decode<TField, T>(
        Google.Protobuf.Collections.RepeatedField<TField> field, Func<TField, T> convert, int elementBytes, ReadElement<T> read)
    {
        if (proto.DataLocation == TensorProto.Types.DataLocation.External)
        {
            return DecodeRaw(external.Read(proto, (long)ElementCount * elementBytes).Span, elementBytes, read);
        }

        if (proto.HasRawData)
        {
            return DecodeRaw(proto.RawData.Span, elementBytes, read);
        }

        if (field.Count != ElementCount)
        {
            throw Fail($"has {field.Count} values of {TypeName} for the dimensions {Describe(Dims)}");
        }

        T[] values = new T[ElementCount];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = convert(field[i]);
        }

        return values;
    }

    private T[] DecodeRaw<T>(ReadOnlySpan<byte> raw, int elementBytes, ReadElement<T> read)
    {
        if (raw.Length != (long)ElementCount * elementBytes)
        {
            throw Fail($"has {raw.Length} bytes of {TypeName} for the dimensions {Describe(Dims)}");
        }

        T[] values = new T[ElementCount];
        if (BitConverter.IsLittleEndian && values is float[] floats && Type == DataType.Float)
        {
            raw.CopyTo(MemoryMarshal.AsBytes(floats.AsSpan()));
            return values;
        }

        for (int i = 0; i < values.Length; i++)
        {
            values[i] = read(raw.Slice(i * elementBytes, elementBytes));
        }

        return values;
    }

    /// <summary>For example <c>10×3</c>, or <c>scalar</c>.</summary>
    public static string Describe(ImmutableArray<int> dims) => dims.IsEmpty ? "scalar" : string.Join('×', dims);

    private static float BFloat16(ushort bits) => BitConverter.Int32BitsToSingle(bits << 16);

    private OnnxFormatException Fail(string what) => new($"tensor '{proto.Name}' {what}");
}
