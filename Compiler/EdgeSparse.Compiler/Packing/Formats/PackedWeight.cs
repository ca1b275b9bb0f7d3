using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>A weight in one of the blob's formats; the fields are those of <see cref="WeightRecord"/>.</summary>
internal sealed record PackedWeight(string Name, WeightFormat Format, TensorShape Shape, int Rows, int Columns, int Groups, long NonZeros)
{
    public int Lanes { get; init; }

    public int Window { get; init; }

    public int BlockRows { get; init; }

    public int BlockColumns { get; init; }

    public int Chunks { get; init; } = 1;

    public int IndexUnit { get; init; } = 1;

    public int ColumnStride { get; init; }

    public byte[] Values { get; init; } = [];

    public byte[] Indices { get; init; } = [];

    public byte[] Pointers { get; init; } = [];

    public byte[] Bias { get; init; } = [];

    public byte[] RowMap { get; init; } = [];

    public byte[] Windows { get; init; } = [];

    public long Bytes => (long)Values.Length + Indices.Length + Pointers.Length + Bias.Length + RowMap.Length + Windows.Length;

    /// <summary>The little-endian bytes of numbers, as they lie in the blob.</summary>
    /// <exception cref="PackingException">More bytes than an array can hold.</exception>
    public static byte[] BytesOf<T>(string layer, ReadOnlySpan<T> numbers)
        where T : unmanaged
    {
        long bytes = (long)numbers.Length * Unsafe.SizeOf<T>();
        return bytes <= Array.MaxLength
            ? MemoryMarshal.AsBytes(numbers).ToArray()
            : throw new PackingException($"layer '{layer}' needs {bytes} bytes for one part of its weights; {Array.MaxLength} are possible");
    }
}
