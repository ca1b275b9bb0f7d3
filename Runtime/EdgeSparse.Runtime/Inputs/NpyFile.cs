using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeSparse.Runtime.Inputs;

/// <summary>NumPy's <c>.npy</c>, format versions 1 to 3, gzipped or not.</summary>
public static class NpyFile
{
    private const int MostHeaderBytes = 1 << 16;

    /// <summary>What every file begins with.</summary>
    internal static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <exception cref="InputFormatException">The file is absent, truncated, longer than it says, or of a kind that is not read.</exception>
    public static NpyArray Read(string path)
    {
        using InputStream input = InputStream.Open(path);
        return Read(input);
    }

    /// <param name="stream">Read to its end; stays open.</param>
    /// <param name="name">Of the array in messages.</param>
    /// <exception cref="InputFormatException">As for a file.</exception>
    public static NpyArray Read(Stream stream, string name) => Read(InputStream.Over(stream, name));

    /// <summary>Writes fp32 in version 1.0.</summary>
    /// <param name="stream">Stays open.</param>
    /// <param name="values">Row-major.</param>
    /// <param name="shape">Outermost first; its product is the number of values.</param>
    public static void Write(Stream stream, ReadOnlySpan<float> values, params ReadOnlySpan<int> shape)
    {
        long elements = 1;
        StringBuilder text = new("{'descr': '<f4', 'fortran_order': False, 'shape': (");
        for (int i = 0; i < shape.Length; i++)
        {
            elements *= shape[i];
            text.Append(i > 0 ? ", " : "").Append(shape[i].ToString(CultureInfo.InvariantCulture));
        }

        if (elements != values.Length)
        {
            throw new ArgumentException($"{values.Length} values do not fill a shape of {elements}", nameof(shape));
        }

        text.Append(shape.Length == 1 ? ",), }" : "), }");

        // The elements begin at a multiple of 64: 10 bytes before the text, spaces and a line end after it.
        int length = ((10 + text.Length + 1 + 63) / 64 * 64) - 10;
        text.Append(' ', length - 1 - text.Length).Append('\n');
        Span<byte> start = stackalloc byte[10];
        Magic.CopyTo(start);
        start[6] = 1;
        start[7] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(start[8..], (ushort)length);
        stream.Write(start);
        stream.Write(Encoding.Latin1.GetBytes(text.ToString()));
        stream.Write(MemoryMarshal.AsBytes(values));
    }

    internal static NpyArray Read(InputStream input)
    {
        byte[] start = input.Take(8, "NumPy header");
        if (!start.AsSpan().StartsWith(Magic))
        {
            throw new InputFormatException($"{input.Name}: no NumPy file: it does not begin with \\x93NUMPY");
        }

        if (start[6] is < 1 or > 3)
        {
            throw new InputFormatException($"{input.Name}: NumPy format version {start[6]}; 1 to 3 are read");
        }

        uint length = start[6] == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(input.Take(2, "NumPy header"))
            : BinaryPrimitives.ReadUInt32LittleEndian(input.Take(4, "NumPy header"));
        if (length > MostHeaderBytes)
        {
            throw new InputFormatException($"{input.Name}: a NumPy header of {length} bytes; at most {MostHeaderBytes} are read");
        }

        string text = Encoding.Latin1.GetString(input.Take(length, "NumPy header"));
        (NpyElement type, bool bigEndian, ImmutableArray<int> shape) = NpyHeader.Parse(input.Name, text);
        long bytes = NpyArray.SizeOf(type);
        foreach (int dim in shape)
        {
            bytes *= dim;
            if (bytes == 0 || bytes > Array.MaxLength)
            {
                throw new InputFormatException($"{input.Name}: an array that is empty or over {Array.MaxLength} bytes");
            }
        }

        byte[] data = input.Take(bytes, "array");
        input.ExpectEnd();
        if (bigEndian)
        {
            Reverse(data, NpyArray.SizeOf(type));
        }

        return new NpyArray(shape, type, data);
    }

    private static void Reverse(byte[] data, int size)
    {
        for (int i = 0; i < data.Length; i += size)
        {
            data.AsSpan(i, size).Reverse();
        }
    }
}
