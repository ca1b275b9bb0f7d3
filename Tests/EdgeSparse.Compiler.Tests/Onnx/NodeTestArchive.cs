using System.Formats.Tar;
using System.IO.Compression;
using EdgeSparse.Compiler.Verification;

namespace EdgeSparse.Compiler.Tests.Onnx;

/// <summary>The official tests of single operators, where EDGESPARSE_DATA has them.</summary>
internal static class NodeTestArchive
{
    /// <summary>Why there are no tests; null when there are.</summary>
    public static string? Missing => File is null ? "EDGESPARSE_DATA has no onnx-node-tests/node-tests.tar.gz" : null;

    /// <summary>All tests by name.</summary>
    public static IReadOnlyDictionary<string, NodeTest> Tests { get; } = Read();

    private static string? File
    {
        get
        {
            string path = Path.Combine(Environment.GetEnvironmentVariable("EDGESPARSE_DATA") ?? "", "onnx-node-tests", "node-tests.tar.gz");
            return System.IO.File.Exists(path) ? path : null;
        }
    }

    private static SortedDictionary<string, NodeTest> Read()
    {
        SortedDictionary<string, NodeTest> tests = new(StringComparer.Ordinal);
        if (File is not { } archive)
        {
            return tests;
        }

        SortedDictionary<string, Dictionary<string, byte[]>> files = new(StringComparer.Ordinal);
        using GZipStream gzip = new(System.IO.File.OpenRead(archive), CompressionMode.Decompress);
        using TarReader tar = new(gzip);
        while (tar.GetNextEntry() is { } entry)
        {
            // node/NAME/...
            string[] parts = entry.Name.Split('/', 3);
            if (entry.DataStream is null || parts.Length < 3)
            {
                continue;
            }

            using MemoryStream bytes = new();
            entry.DataStream.CopyTo(bytes);
            if (!files.TryGetValue(parts[1], out Dictionary<string, byte[]>? own))
            {
                files.Add(parts[1], own = []);
            }

            own.Add(parts[2], bytes.ToArray());
        }

        foreach ((string name, Dictionary<string, byte[]> own) in files)
        {
            tests.Add(name, NodeTest.From(name, own));
        }

        return tests;
    }
}
