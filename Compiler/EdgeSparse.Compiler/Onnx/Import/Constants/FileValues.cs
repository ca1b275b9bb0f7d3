using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Runtime;
using DataType = EdgeSparse.Compiler.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>Values that the file holds, in any of the ways it may; never more are made than it holds.</summary>
internal sealed class FileValues(TensorProto proto, ExternalData external, ImmutableArray<int> dims, int count) : TensorValues
{
    private delegate T ReadElement<T>(ReadOnlySpan<byte> bytes);

    public override ElementType Type =>
        ElementTypes.Of(proto.DataType) ?? throw Fail($"holds {TypeName}, which is not supported");

    private DataType FileType => (DataType)proto.DataType;

    private string TypeName => Enum.IsDefined(FileType) ? FileType.ToString().ToLowerInvariant() : $"the unknown type {proto.DataType}";

    public override float[] Floats() => FileType switch
    {
        DataType.Float => Decode(proto.FloatData, v => v, 4, BinaryPrimitives.ReadSingleLittleEndian),
        DataType.Double => Decode(proto.DoubleData, v => (float)v, 8, b => (float)BinaryPrimitives.ReadDoubleLittleEndian(b)),
        DataType.Float16 => Decode(
            proto.Int32Data, v => (float)BitConverter.UInt16BitsToHalf((ushort)v), 2, b => (float)BinaryPrimitives.ReadHalfLittleEndian(b)),
        DataType.Bfloat16 => Decode(
            proto.Int32Data, v => BFloat16((ushort)v), 2, b => BFloat16(BinaryPrimitives.ReadUInt16LittleEndian(b))),
        _ => throw Fail($"holds {TypeName}; float, double, float16 and bfloat16 are supported here"),
    };

    public override long[] Integers() => FileType switch
    {
        DataType.Int64 => Decode(proto.Int64Data, v => v, 8, BinaryPrimitives.ReadInt64LittleEndian),
        DataType.Uint64 => Decode(proto.Uint64Data, v => (long)v, 8, b => (long)BinaryPrimitives.ReadUInt64LittleEndian(b)),
        DataType.Uint32 => Decode(proto.Uint64Data, v => (long)v, 4, b => (long)BinaryPrimitives.ReadUInt32LittleEndian(b)),
        DataType.Int32 => Decode(proto.Int32Data, v => (long)v, 4, b => (long)BinaryPrimitives.ReadInt32LittleEndian(b)),
        DataType.Int16 => Decode(proto.Int32Data, v => (long)v, 2, b => (long)BinaryPrimitives.ReadInt16LittleEndian(b)),
        DataType.Uint16 => Decode(proto.Int32Data, v => (long)v, 2, b => (long)BinaryPrimitives.ReadUInt16LittleEndian(b)),
        DataType.Int8 => Decode(proto.Int32Data, v => (long)v, 1, b => (long)(sbyte)b[0]),
        DataType.Uint8 or DataType.Bool => Decode(proto.Int32Data, v => (long)v, 1, b => (long)b[0]),
        _ => throw Fail($"holds {TypeName}; integers and bool are supported here"),
    };

    private T[] Decode<TField, T>(
        Google.Protobuf.Collections.RepeatedField<TField> field, Func<TField, T> convert, int elementBytes, ReadElement<T> read)
    {
        if (proto.DataLocation == TensorProto.Types.DataLocation.External)
        {
            return DecodeRaw(external.Read(proto, (long)count * elementBytes).Span, elementBytes, read);
        }

        if (proto.HasRawData)
        {
            return DecodeRaw(proto.RawData.Span, elementBytes, read);
        }

        if (field.Count != count)
        {
            throw Fail($"has {field.Count} values of {TypeName} for the dimensions {ConstantTensor.Describe(dims)}");
        }

        T[] values = new T[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = convert(field[i]);
        }

        return values;
    }

    private T[] DecodeRaw<T>(ReadOnlySpan<byte> raw, int elementBytes, ReadElement<T> read)
    {
        if (raw.Length != (long)count * elementBytes)
        {
            throw Fail($"has {raw.Length} bytes of {TypeName} for the dimensions {ConstantTensor.Describe(dims)}");
        }

        T[] values = new T[count];
        if (BitConverter.IsLittleEndian && values is float[] floats && FileType == DataType.Float)
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

    private static float BFloat16(ushort bits) => BitConverter.Int32BitsToSingle(bits << 16);

    private OnnxFormatException Fail(string what) => new($"tensor '{proto.Name}' {what}");
}
