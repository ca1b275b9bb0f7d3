using System.Buffers.Binary;
using System.IO.Compression;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Compiler.Tests.Data;

/// <summary>A folder of a test's own to lay data sets in, gone at its end.</summary>
internal sealed class DataFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("edgesparse-data-").FullName;

    /// <summary>Looks here alone, whatever the machine's environment says.</summary>
    public DataLocations Locations => new(Root) { FromVariable = null, Cache = Path.Combine(Root, "cache") };

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        string path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public string WriteGzip(string name, ReadOnlySpan<byte> bytes) => Write(name, Gzip(bytes));

    public static byte[] Gzip(ReadOnlySpan<byte> bytes)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    public string WriteFloats(string name, float[] values, params int[] shape)
    {
        using MemoryStream stream = new();
        NpyFile.Write(stream, values, shape);
        return Write(name, stream.ToArray());
    }

    /// <summary>The bytes of an idx file.</summary>
    public static byte[] Idx(int[] shape, params byte[] data)
    {
        byte[] bytes = [0, 0, 8, (byte)shape.Length, .. new byte[4 * shape.Length], .. data];
        for (int i = 0; i < shape.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 + (4 * i)), shape[i]);
        }

        return bytes;
    }

    /// <summary>The bytes of a NumPy file of one-byte or eight-byte whole numbers.</summary>
    public static byte[] Npy(string descriptor, string shape, byte[] data)
    {
        byte[] header = [.. System.Text.Encoding.Latin1.GetBytes($"{{'descr': '{descriptor}', 'fortran_order': False, 'shape': {shape}, }}\n")];
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. data];
    }

    public static float[] Read(DataSplit split, int index, int size)
    {
        float[] sample = new float[size];
        split.Read(index, sample);
        return sample;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
