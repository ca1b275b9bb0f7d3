using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Files;

/// <summary>
/// Weights in the safetensors format: a 64-bit little-endian length, so many bytes of JSON that describe each tensor, then the
/// tensors' bytes, row-major, little-endian. Masks are not stored: a pruned weight is zero.
/// </summary>
public static class SafetensorsFile
{
    // PyTorch's BatchNorm counts its training steps; nothing at inference depends on that.
    private const string StepCounter = "num_batches_tracked";

    /// <summary>Writes all weights of a graph as F32, sorted by name, and its metadata. The same graph gives the same bytes.</summary>
    /// <exception cref="EdgeSparseException">The file cannot be written; nothing is left behind.</exception>
    public static void Write(Graph graph, string path)
    {
        Weight[] weights = [.. graph.Weights.Values.OrderBy(w => w.Name, StringComparer.Ordinal)];
        byte[] header = SafetensorsHeader.Format(weights, graph.Metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (Weight weight in weights)
            {
                WriteValues(stream, weight.Values.Span);
            }
        });
    }

    /// <summary>Reads all tensors of F32, F64, F16 or BF16 as fp32.</summary>
    /// <exception cref="SafetensorsException">It is no safetensors file, damaged, or has tensors of other types.</exception>
    /// <exception cref="EdgeSparseException">It cannot be read.</exception>
    public static IReadOnlyDictionary<string, Weight> Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return Read(stream);
        }
        catch (Exception error) when (error is SafetensorsException or GraphException)
        {
            throw new SafetensorsException($"'{path}' is no safetensors file that can be used: {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EdgeSparseException($"cannot read '{path}': {error.Message}", error);
        }
    }

    private static ImmutableDictionary<string, Weight> Read(FileStream stream)
    {
        long length = stream.Length;
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        if (length < prefix.Length)
        {
            throw new SafetensorsException($"it has only {length} bytes");
        }

        stream.ReadExactly(prefix);
        ulong headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerBytes > (ulong)Math.Min(length - prefix.Length, SafetensorsHeader.LargestHeader))
        {
            throw new SafetensorsException($"its header should have {headerBytes} bytes, but the file has {length}");
        }

        byte[] header = new byte[headerBytes];
        stream.ReadExactly(header);
        var weights = ImmutableDictionary.CreateBuilder<string, Weight>();
        foreach (SafetensorsEntry entry in SafetensorsHeader.Parse(header, length - prefix.Length - header.Length))
        {
            // Entries cover the data without a gap, in this order, so that reading goes straight on.
            byte[] bytes = new byte[entry.End - entry.Begin];
            stream.ReadExactly(bytes);
            if (!entry.Name.EndsWith(StepCounter, StringComparison.Ordinal))
            {
                weights.Add(entry.Name, new Weight(entry.Name, Shape(entry), Values(entry, bytes)));
            }
        }

        return weights.ToImmutable();
    }

    private static TensorShape Shape(SafetensorsEntry entry) =>
        entry.Dims.Contains(0)
            ? throw new SafetensorsException($"tensor '{entry.Name}' is empty")
            : new TensorShape([.. entry.Dims.Select(d => (int)d)]);

    private static float[] Values(SafetensorsEntry entry, byte[] bytes)
    {
        float[] values = entry.Type switch
        {
            "F32" => Decode(bytes, 4, BinaryPrimitives.ReadSingleLittleEndian),
            "F64" => Decode(bytes, 8, b => (float)BinaryPrimitives.ReadDoubleLittleEndian(b)),
            "F16" => Decode(bytes, 2, b => (float)BinaryPrimitives.ReadHalfLittleEndian(b)),
            "BF16" => Decode(bytes, 2, b => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(b) << 16)),
            _ => throw new SafetensorsException($"tensor '{entry.Name}' has the type {entry.Type}; F32, F64, F16 and BF16 are supported"),
        };
        int odd = Array.FindIndex(values, v => !float.IsFinite(v));
        return odd < 0 ? values : throw new SafetensorsException($"tensor '{entry.Name}' has {values[odd]} as element {odd}; weights must be finite");
    }

    private delegate float ReadElement(ReadOnlySpan<byte> bytes);

    private static float[] Decode(byte[] bytes, int elementBytes, ReadElement read)
    {
        float[] values = new float[bytes.Length / elementBytes];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = read(bytes.AsSpan(i * elementBytes, elementBytes));
        }

        return values;
    }

    private static void WriteValues(Stream stream, ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            stream.Write(MemoryMarshal.AsBytes(values));
            return;
        }

        Span<byte> bytes = stackalloc byte[sizeof(float)];
        foreach (float value in values)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            stream.Write(bytes);
        }
    }
}
