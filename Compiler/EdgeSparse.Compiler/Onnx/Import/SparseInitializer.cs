using System.Buffers.Binary;
using EdgeSparse.Compiler.Onnx.Proto;
using Google.Protobuf;
using DataType = EdgeSparse.Compiler.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>
/// Sparse initializers (values and their places) as the dense ones that they stand for. Together they may be so large as
/// <see cref="ElementsPerValue"/> elements for each value that the file holds, and a million beside: a file of a few bytes must
/// not ask for gigabytes.
/// </summary>
internal static class SparseInitializer
{
    private const long ElementsPerValue = 256;
    private const long ElementsOfAnyFile = 1 << 20;

    /// <exception cref="OnnxFormatException">
    /// Values and indices do not fit each other or the dimensions, indices do not ascend, or the tensors are too large.
    /// </exception>
    public static List<TensorProto> Densified(GraphProto graph)
    {
        List<TensorProto> dense = [];
        long elements = 0;
        long values = 0;
        foreach (SparseTensorProto sparse in graph.SparseInitializer)
        {
            long count = ElementCount(sparse);
            values += sparse.Values?.Dims.FirstOrDefault() ?? 0;
            elements += count;
            if (elements > ElementsOfAnyFile + (ElementsPerValue * values))
            {
                throw Fail(sparse, $"brings the sparse initializers to {elements} elements, more than {values} values account for");
            }

            dense.Add(Densified(sparse, (int)count));
        }

        return dense;
    }

    private static TensorProto Densified(SparseTensorProto sparse, int count)
    {
        if (sparse.Values is not { Dims.Count: 1 } values || sparse.Indices is not { DataType: (int)DataType.Int64 } indices
            || indices.Dims.Count is < 1 or > 2)
        {
            throw Fail(sparse, "lacks values of one dimension or int64 indices of one or two");
        }

        int bytes = BytesOf((DataType)values.DataType)
            ?? throw Fail(sparse, $"holds values of type {(DataType)values.DataType}, which is not supported in a sparse tensor");
        ReadOnlyMemory<byte> kept = RawOf(values, bytes) ?? throw Fail(sparse, "lacks the bytes of its values");
        ReadOnlyMemory<byte> places = RawOf(indices, sizeof(long)) ?? throw Fail(sparse, "lacks the bytes of its indices");
        bool linear = indices.Dims.Count == 1;
        int rank = sparse.Dims.Count;
        int perValue = linear ? 1 : rank;
        if (kept.Length / bytes != values.Dims[0] || indices.Dims[0] != values.Dims[0] || (!linear && indices.Dims[1] != rank)
            || places.Length / sizeof(long) != values.Dims[0] * perValue)
        {
            throw Fail(sparse, $"has {kept.Length / bytes} values and {places.Length / sizeof(long)} indices, which do not fit each other");
        }

        byte[] all = new byte[(long)count * bytes];
        long last = -1;
        for (int i = 0; i < values.Dims[0]; i++)
        {
            long place = 0;
            for (int d = 0; d < perValue; d++)
            {
                long index = BinaryPrimitives.ReadInt64LittleEndian(places.Span[(((i * perValue) + d) * sizeof(long))..]);
                long length = linear ? count : sparse.Dims[d];
                place = index >= 0 && index < length
                    ? (place * length) + index
                    : throw Fail(sparse, $"has the index {index} where {length} elements are");
            }

            if (place <= last)
            {
                throw Fail(sparse, "has indices that do not ascend");
            }

            last = place;
            kept.Span.Slice(i * bytes, bytes).CopyTo(all.AsSpan((int)place * bytes));
        }

        TensorProto dense = new() { Name = values.Name, DataType = values.DataType, RawData = UnsafeByteOperations.UnsafeWrap(all) };
        dense.Dims.Add(sparse.Dims);
        return dense;
    }

    private static long ElementCount(SparseTensorProto sparse)
    {
        long count = 1;
        foreach (long dim in sparse.Dims)
        {
            if (dim is < 1 or > int.MaxValue || (count *= dim) > int.MaxValue)
            {
                throw Fail(sparse, $"has the dimensions {string.Join('×', sparse.Dims.Take(8))}, which cannot be");
            }
        }

        return count;
    }

    /// <summary>The elements' bytes, whichever field they are in; null when they are in none of those known, or outside the file.</summary>
    private static ReadOnlyMemory<byte>? RawOf(TensorProto tensor, int bytes)
    {
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
        {
            return null;
        }

        if (tensor.HasRawData)
        {
            return tensor.RawData.Length % bytes == 0 ? tensor.RawData.Memory : null;
        }

        return (DataType)tensor.DataType switch
        {
            DataType.Float => Joined(tensor.FloatData, bytes, (v, b) => BinaryPrimitives.WriteSingleLittleEndian(b, v)),
            DataType.Double => Joined(tensor.DoubleData, bytes, (v, b) => BinaryPrimitives.WriteDoubleLittleEndian(b, v)),
            DataType.Int64 => Joined(tensor.Int64Data, bytes, (v, b) => BinaryPrimitives.WriteInt64LittleEndian(b, v)),
            DataType.Float16 or DataType.Bfloat16 => Joined(tensor.Int32Data, bytes, (v, b) => BinaryPrimitives.WriteUInt16LittleEndian(b, (ushort)v)),
            _ => null,
        };
    }

    private delegate void WriteElement<T>(T value, Span<byte> bytes);

    private static byte[] Joined<T>(IList<T> values, int bytes, WriteElement<T> write)
    {
        byte[] all = new byte[values.Count * bytes];
        for (int i = 0; i < values.Count; i++)
        {
            write(values[i], all.AsSpan(i * bytes, bytes));
        }

        return all;
    }

    private static int? BytesOf(DataType type) => type switch
    {
        DataType.Double or DataType.Int64 or DataType.Uint64 => 8,
        DataType.Float or DataType.Int32 or DataType.Uint32 => 4,
        DataType.Float16 or DataType.Bfloat16 or DataType.Int16 or DataType.Uint16 => 2,
        DataType.Int8 or DataType.Uint8 or DataType.Bool => 1,
        _ => null,
    };

    private static OnnxFormatException Fail(SparseTensorProto sparse, string what) => new($"sparse initializer '{sparse.Values?.Name}' {what}");
}
