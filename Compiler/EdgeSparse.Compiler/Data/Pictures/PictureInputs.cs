using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Data.Pictures;

/// <summary>Pictures without labels: all of a folder, not of those in it. They decide as in <see cref="PictureFolder"/>.</summary>
internal static class PictureInputs
{
    /// <summary>The pictures of a folder, in ordinal order.</summary>
    public static IReadOnlyList<string> FilesIn(string folder) =>
    [
        .. Directory.EnumerateFiles(folder)
            .Where(path => PictureFolder.Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal),
    ];

    /// <exception cref="DataException">A picture that is looked at cannot be read.</exception>
    public static Dataset Read(string name, IReadOnlyList<string> paths, int? imageSize)
    {
        (int channels, int size, InputScaling scaling) = PictureFolder.FormOf(paths, imageSize);
        return InputSplits.Of(name, new TensorShape(channels, size, size), scaling, new PictureSplit([.. paths.Select(p => (p, 0))], channels, size));
    }
}
