using System.Buffers.Binary;
using System.Collections.Immutable;

namespace EdgeSparse.Runtime.Inputs;

/// <summary>Unsigned bytes of an idx file, row-major.</summary>
/// <param name="Shape">One dimension for labels; count × rows × columns for images.</param>
public sealed record IdxArray(ImmutableArray<int> Shape, byte[] Data);

/// <summary>
/// The format of MNIST (yann.lecun.com/exdb/mnist): two zero bytes, the element type, the number of dimensions, the dimensions
/// as big-endian 32-bit numbers, then the elements. Gunzipped on the way when the content is gzip, whatever the file is called.
/// </summary>
public static class IdxFile
{
    private const byte UnsignedByte = 0x08;
    private const int HighestRank = 4;

    /// <summary>Reads an idx file of unsigned bytes with one to four dimensions.</summary>
    /// <exception cref="InputFormatException">The file is absent, no idx file of bytes, truncated, or longer than its header says.</exception>
    public static IdxArray Read(string path)
    {
        using InputStream input = InputStream.Open(path);
        return Read(input);
    }

    internal static IdxArray Read(InputStream input)
    {
        string path = input.Name;
        byte[] start = input.Take(4, "idx header");
        if (start[0] != 0 || start[1] != 0)
        {
            throw new InputFormatException($"{path}: no idx file: it does not begin with two zero bytes");
        }

        if (start[2] != UnsignedByte)
        {
            throw new InputFormatException($"{path}: idx element type 0x{start[2]:x2}; 0x08 (unsigned bytes) is supported");
        }

        int rank = start[3];
        if (rank is < 1 or > HighestRank)
        {
            throw new InputFormatException($"{path}: idx with {rank} dimensions; 1 to {HighestRank} are supported");
        }

        byte[] header = input.Take(4 * rank, "idx header");
        int[] shape = new int[rank];
        long elements = 1;
        for (int i = 0; i < rank; i++)
        {
            uint dimension = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4 * i));
            elements *= dimension;
            if (dimension == 0 || elements > Array.MaxLength)
            {
                throw new InputFormatException($"{path}: idx dimension {i} is {dimension}: empty or too large");
            }

            shape[i] = (int)dimension;
        }

        byte[] data = input.Take(elements, "idx content");
        input.ExpectEnd();
        return new IdxArray(ImmutableArray.Create(shape), data);
    }

    /// <summary>Images: count × rows × columns, 0 is black.</summary>
    /// <exception cref="InputFormatException">As <see cref="Read(string)"/>, or the file does not hold images.</exception>
    public static IdxArray ReadImages(string path) => Expect(Read(path), 3, path, "images (magic 0x00000803)");

    /// <summary>Labels: one dimension.</summary>
    /// <exception cref="InputFormatException">As <see cref="Read(string)"/>, or the file does not hold labels.</exception>
    public static IdxArray ReadLabels(string path) => Expect(Read(path), 1, path, "labels (magic 0x00000801)");

    /// <summary>The bytes that come before the elements.</summary>
    internal static byte[] HeaderOf(IdxArray array)
    {
        byte[] header = new byte[4 + (4 * array.Shape.Length)];
        header[2] = UnsignedByte;
        header[3] = (byte)array.Shape.Length;
        for (int i = 0; i < array.Shape.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * i)), array.Shape[i]);
        }

        return header;
    }

    private static IdxArray Expect(IdxArray array, int rank, string path, string what) =>
        array.Shape.Length == rank
            ? array
            : throw new InputFormatException($"{path}: expected {what}, found an idx file of {array.Shape.Length} dimensions");
}
