using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Data.Pictures;

/// <summary>
/// A folder <c>train/CLASS/*.png|jpg</c> with <c>test/</c> or <c>val/</c> beside it. Classes are the folders of train in
/// ordinal order. The first picture of the first class decides what the pictures are: a grey one makes one channel, and the
/// side of a square one of at most 64 pixels is the size when none is asked for; otherwise that is 224.
/// </summary>
internal static class PictureFolder
{
    private const int UsualSize = 224;
    private const int SmallSize = 64;
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
        (int channels, int size, InputScaling scaling) = FormOf(train[0].Path, imageSize);
        return new Dataset(
            name,
            new TensorShape(channels, size, size),
            classes,
            scaling,
            new PictureSplit(train, channels, size),
            new PictureSplit(test, channels, size));
    }

    /// <summary>What the first picture decides: channels, side of the square, and the usual scaling.</summary>
    internal static (int Channels, int Size, InputScaling Scaling) FormOf(string first, int? imageSize)
    {
        (int width, int height, bool isGrey) = Picture.Describe(first);
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
