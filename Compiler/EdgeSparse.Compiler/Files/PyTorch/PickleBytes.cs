using System.Buffers.Binary;
using System.Text;

namespace EdgeSparse.Compiler.Files.PyTorch;

/// <summary>The bytes of a pickle, read once from the front; more than the limit are never read.</summary>
/// <param name="stream">Stands at the first byte.</param>
/// <param name="limit">Most bytes to read.</param>
internal sealed class PickleBytes(Stream stream, long limit)
{
    /// <summary>The program of a checkpoint of 10,000 tensors has about 2 MiB.</summary>
    public const long Largest = 16L << 20;

    // Names of tensors, keys of storages and such: no text that matters is longer.
    private const int LongestText = 64 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private long left = Math.Min(limit, Largest);

    /// <exception cref="PyTorchFileException">There is none left.</exception>
    public byte Byte()
    {
        Span<byte> one = stackalloc byte[1];
        Fill(one);
        return one[0];
    }

    public ushort UInt16()
    {
        Span<byte> bytes = stackalloc byte[2];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    public int Int32()
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes);
        return BinaryPrimitives.ReadInt32LittleEndian(bytes);
    }

    public uint UInt32() => (uint)Int32();

    /// <summary>The one number of a pickle that is big-endian.</summary>
    public double Double()
    {
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes);
        return BinaryPrimitives.ReadDoubleBigEndian(bytes);
    }

    public void Skip(int count)
    {
        Span<byte> some = stackalloc byte[count];
        Fill(some);
    }

    /// <summary>A number of at most 255 little-endian bytes with its sign; null where a long does not hold it.</summary>
    public long? Number(byte length)
    {
        Span<byte> bytes = stackalloc byte[length];
        Fill(bytes);
        if (length > sizeof(long))
        {
            return null;
        }

        long value = length > 0 && (bytes[^1] & 0x80) != 0 ? -1 : 0;
        for (int i = length - 1; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        return value;
    }

    public string Text(long length)
    {
        if (length is < 0 or > LongestText)
        {
            throw new PyTorchFileException($"its pickle has a text of {length} bytes; at most {LongestText} are read");
        }

        byte[] bytes = new byte[length];
        Fill(bytes);
        return Decoded(bytes);
    }

    /// <summary>Up to the next line feed.</summary>
    public string Line()
    {
        List<byte> line = [];
        for (byte next = Byte(); next != '\n'; next = Byte())
        {
            line.Add(next);
            if (line.Count > LongestText)
            {
                throw new PyTorchFileException("its pickle has a name without an end");
            }
        }

        return Decoded([.. line]);
    }

    private static string Decoded(byte[] bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new PyTorchFileException("its pickle has a text that is no UTF-8", error);
        }
    }

    private void Fill(Span<byte> bytes)
    {
        left -= bytes.Length;
        if (left < 0)
        {
            throw limit > Largest
                ? new PyTorchFileException($"its pickle has more than {Largest} bytes")
                : new PyTorchFileException("its pickle ends in the middle: it is cut off or damaged");
        }

        stream.ReadExactly(bytes);
    }
}
