using System.Formats.Tar;
using System.IO.Compression;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Verification;

/// <summary>Where ONNX's backend tests lie: a folder or a gzipped tar archive of such, at any depth.</summary>
public static class NodeTestSource
{
    private const string ModelFile = "model.onnx";

    /// <summary>All tests, in the order of their names.</summary>
    /// <param name="path">A folder, or a file that ends in <c>.tar.gz</c> or <c>.tgz</c>.</param>
    /// <exception cref="EdgeSparseException">It cannot be read, holds no test, or one of its tests has no model or no data.</exception>
    public static IReadOnlyList<NodeTest> Read(string path)
    {
        List<NodeTest> tests;
        try
        {
            tests = Directory.Exists(path) ? FromFolder(path)
                : path.EndsWith(".tar.gz", StringComparison.Ordinal) || path.EndsWith(".tgz", StringComparison.Ordinal) ? FromArchive(path)
                : throw new EdgeSparseException(
                    File.Exists(path) ? $"'{path}' is neither a folder nor a .tar.gz archive of tests" : $"there is no folder '{path}'");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or FormatException)
        {
            throw new EdgeSparseException($"cannot read the tests in '{path}': {error.Message}", error);
        }

        return tests.Count > 0 ? tests : throw new EdgeSparseException($"'{path}' holds no test: none of its folders has a {ModelFile}");
    }

    private static List<NodeTest> FromFolder(string path) =>
    [
        .. Directory.EnumerateFiles(path, ModelFile, SearchOption.AllDirectories)
            .Select(f => Path.GetDirectoryName(f)!)
            .OrderBy(Path.GetFileName, StringComparer.Ordinal)
            .Select(NodeTest.Read),
    ];

    private static List<NodeTest> FromArchive(string path)
    {
        Dictionary<string, byte[]> files = new(StringComparer.Ordinal);
        using GZipStream gzip = new(File.OpenRead(path), CompressionMode.Decompress);
        using TarReader tar = new(gzip);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is { } data && (entry.Name.EndsWith(".pb", StringComparison.Ordinal) || Path.GetFileName(entry.Name) == ModelFile))
            {
                using MemoryStream bytes = new();
                data.CopyTo(bytes);
                files[entry.Name] = bytes.ToArray();
            }
        }

        return
        [
            .. files.Keys
                .Where(f => Path.GetFileName(f) == ModelFile)
                .Select(f => f[..^ModelFile.Length])
                .OrderBy(Name, StringComparer.Ordinal)
                .Select(folder => NodeTest.From(
                    Name(folder),
                    files.Where(f => f.Key.StartsWith(folder, StringComparison.Ordinal)).ToDictionary(f => f.Key[folder.Length..], f => f.Value))),
        ];
    }

    private static string Name(string folder) => Path.GetFileName(folder.TrimEnd('/'));
}
