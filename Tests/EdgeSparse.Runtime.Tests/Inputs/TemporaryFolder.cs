using System.IO.Compression;

namespace EdgeSparse.Runtime.Tests.Inputs;

/// <summary>A folder of a test's own, gone at its end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("edgesparse-test-").FullName;

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        string path = Path.Combine(Root, name);
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

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
