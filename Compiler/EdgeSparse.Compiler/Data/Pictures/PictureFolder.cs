using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Data.Pictures;

/// <summary>
/// A folder <c>train/CLASS/*.png|jpg</c> with <c>test/</c> or <c>val/</c> beside it. Classes are the folders of train in
/// ordinal order. A few pictures of train decide what the pictures are: when all of these are grey there is one channel, and when
/// the first is a square of at most 64 pixels a side, that is the size when none is asked for; otherwise it is 224. Nothing but
/// names is read beforehand, so that a folder may be as large as the disk.
/// </summary>
internal static class PictureFolder
{
    private const int UsualSize = 224;
    private const int SmallSize = 64;
    private const int Looked = 16;
    internal static readonly string[] Extensions = [".png", ".jpg", ".jpeg"];

    public static bool IsIn(string folder) => Directory.Exists(Path.Combine(folder, "train"));

    /// <exception cref="DataException">A part is missing, has no pictures, or the test part has a class that train lacks.</exception>
    public static Dataset Read(string name, string folder, int? imageSize)
    {
        string trainFolder = Path.Combine(folder, "train");
        string testFolder = Path.Combine(folder, "test");
        testFolder = Directory.Exists(testFolder) ? testFolder : Path.Combine(folder, "val");
        if (!Directory.Exists(testFolder))
        {
            throw new DataException($"{folder}: has train/ but neither test/ nor val/");
        }

        ImmutableArray<string> classes = [.. ClassesOf(trainFolder)];
        List<(string Path, int Label)> train = PicturesOf(trainFolder, classes);
        List<(string Path, int Label)> test = PicturesOf(testFolder, classes);
        (int channels, int size, InputScaling scaling) = FormOf([.. train.Select(p => p.Path)], imageSize);
        return new Dataset(
            name,
            new TensorShape(channels, size, size),
            classes,
            scaling,
            new PictureSplit(train, channels, size),
            new PictureSplit(test, channels, size));
    }

    /// <summary>What the pictures decide: channels, side of the square, and the usual scaling.</summary>
    /// <param name="paths">All pictures; the first, and a few evenly spread over the rest, are looked at.</param>
    /// <param name="imageSize">The side asked for, or null.</param>
    internal static (int Channels, int Size, InputScaling Scaling) FormOf(IReadOnlyList<string> paths, int? imageSize)
    {
        (int width, int height, bool isGrey) = Picture.Describe(paths[0]);

        // Large collections of colour pictures have grey ones among them, perhaps as the first.
        for (int i = 1; i < Math.Min(Looked, paths.Count) && isGrey; i++)
        {
            isGrey = Picture.Describe(paths[(int)((long)i * paths.Count / Math.Min(Looked, paths.Count))]).IsGrey;
        }

        int size = imageSize ?? (width == height && width <= SmallSize ? width : UsualSize);
        return isGrey
            ? (1, size, new InputScaling([0f], [1f]))
            : (3, size, new InputScaling([0.485f, 0.456f, 0.406f], [0.229f, 0.224f, 0.225f]));
    }

    private static IEnumerable<string> ClassesOf(string folder) =>
        Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private static List<(string Path, int Label)> PicturesOf(string folder, ImmutableArray<string> classes)
    {
        List<(string Path, int Label)> pictures = [];
        foreach (string name in ClassesOf(folder))
        {
            int label = classes.IndexOf(name);
            if (label < 0)
            {
                throw new DataException($"{Path.Combine(folder, name)}: train/ has no class '{name}'");
            }

            pictures.AddRange(Directory.EnumerateFiles(Path.Combine(folder, name))
                .Where(path => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
                .Order(StringComparer.Ordinal)
                .Select(path => (path, label)));
        }

        return pictures.Count > 0
            ? pictures
            : throw new DataException($"{folder}: has no pictures; they are expected as CLASS/NAME.png or .jpg");
    }
}
