using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;

namespace EdgeSparse.Compiler.Tests.Packing;

/// <summary>A small blob read with nothing but docs/format.md in hand.</summary>
public sealed class BlobBytesTests
{
    /// <summary>y = x · [[1, 0, 2], [0, 0, 3]]ᵀ + [5, 6].</summary>
    private static readonly byte[] Blob = Pack();

    [Fact]
    public void The_header_has_magic_version_sizes_and_digest()
    {
        Assert.Equal([0x89, 0x45, 0x53, 0x42, 0x0D, 0x0A, 0x1A, 0x0A], Blob[..8]);
        Assert.Equal((3, 64, 7), (U32(8), U32(12), U32(48)));
        Assert.Equal(Blob.Length, (int)U64(32));
        UInt128 digest = XxHash128.HashToUInt128(Blob.AsSpan(32));
        Assert.Equal(((ulong)digest, (ulong)(digest >> 64)), (U64(16), U64(24)));
    }

    [Fact]
    public void Sections_follow_each_other_at_multiples_of_64_with_zeros_between()
    {
        int end = 64 + (7 * 32);
        for (int kind = 1; kind <= 7; kind++)
        {
            Assert.Equal(kind, U32(64 + ((kind - 1) * 32)));
            int start = Section(kind);
            Assert.Equal((end + 63) / 64 * 64, start);
            Assert.All(Blob[end..start], b => Assert.Equal(0, b));
            end = start + (int)U64(64 + ((kind - 1) * 32) + 16);
        }

        Assert.Equal(Blob.Length, end);
    }

    [Fact]
    public void The_weight_lies_as_rows_of_values_and_columns()
    {
        int weight = Section(3);
        int data = Section(6);
        Assert.Equal("w", Name(weight));
        Assert.Equal((2, 2, 3, 1, 3), (U32(weight + 8), U32(weight + 12), U32(weight + 16), U32(weight + 20), (int)U64(weight + 24)));
        Assert.Equal((2, 2, 3, 1, 1), (U32(weight + 32), U32(weight + 36), U32(weight + 40), U32(weight + 44), U32(weight + 48)));
        int values = data + (int)U64(weight + 64);
        int indices = data + (int)U64(weight + 80);
        int pointers = data + (int)U64(weight + 96);
        int bias = data + (int)U64(weight + 112);
        Assert.Equal((12UL, 6UL, 12UL, 8UL), (U64(weight + 72), U64(weight + 88), U64(weight + 104), U64(weight + 120)));
        Assert.Equal((0, 1, 1, 0), (U32(weight + 160), U32(weight + 164), U32(weight + 168), U32(weight + 172)));
        Assert.Equal([1, 2, 3], Floats(values, 3));
        Assert.Equal((0, 2, 2), (Blob[indices], Blob[indices + 2], Blob[indices + 4]));
        Assert.Equal((0, 2, 3), (U32(pointers), U32(pointers + 4), U32(pointers + 8)));
        Assert.Equal([5, 6], Floats(bias, 2));
    }

    [Fact]
    public void The_plan_is_one_fully_connected_step_between_two_vectors()
    {
        int step = Section(4);
        Assert.Equal("fc", Name(step));
        Assert.Equal((1, 0, 0, -1, 1, 0), (U32(step + 8), U32(step + 12), U32(step + 16), U32(step + 20), U32(step + 24), U32(step + 28)));
        int x = Section(2);
        int y = x + 128;
        Assert.Equal(("x", 3, 1, 1), (Name(x), U32(x + 8), U32(x + 12), U32(x + 16)));

        // Planar: one lane, a grid of one region, the pixels of a channel side by side, no halo and no frame.
        Assert.Equal((1, 1, 1, 1, 1), (U32(x + 20), U32(x + 24), U32(x + 28), U32(x + 32), U32(x + 36)));
        Assert.Equal((0, 1, 1), (U32(x + 40), U32(x + 44), U32(x + 48)));
        Assert.Equal((0, 0, 0, 0, 0), (U32(x + 52), U32(x + 56), U32(x + 60), U32(x + 64), U32(x + 68)));
        Assert.Equal(("y", 2), (Name(y), U32(y + 8)));
        Assert.Equal((0UL, 32UL, 128UL, 32UL), (U64(x + 72), U64(x + 80), U64(y + 72), U64(y + 80)));
        Assert.Equal(256UL, U64(40));
        int input = Section(5);
        int output = input + 96;
        Assert.Equal((1, 0, 2, 1, 3), (U32(input), U32(input + 12), U32(input + 16), U32(input + 20), U32(input + 24)));
        Assert.Equal((2, 1, 2, 1, 2), (U32(output), U32(output + 12), U32(output + 16), U32(output + 20), U32(output + 24)));
    }

    private static byte[] Pack()
    {
        Graph graph = GraphMaker.Make(
            new TensorShape(1, 3), ["y"], [new Linear("fc", "x", "y", "w", "b")],
            new Weight("w", new TensorShape(2, 3), [1, 0, 2, 0, 0, 3]), new Weight("b", new TensorShape(2), [5, 6]));
        PackOptions options = new();
        return Packer.Pack(graph, options with { Lanes = 8, Formats = options.Formats.Add("fc", WeightLayout.Csr) }).Bytes.ToArray();
    }

    private static int Section(int kind) => (int)U64(64 + ((kind - 1) * 32) + 8);

    private static string Name(int record) => Encoding.UTF8.GetString(Blob, Section(1) + U32(record), U32(record + 4));

    private static int U32(int offset) => BinaryPrimitives.ReadInt32LittleEndian(Blob.AsSpan(offset));

    private static ulong U64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Blob.AsSpan(offset));

    private static float[] Floats(int offset, int count) =>
        [.. Enumerable.Range(0, count).Select(i => BinaryPrimitives.ReadSingleLittleEndian(Blob.AsSpan(offset + (i * 4))))];
}
