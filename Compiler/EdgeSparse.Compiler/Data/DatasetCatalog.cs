using System.Collections.Immutable;
using EdgeSparse.Compiler.Data.Cifar;
using EdgeSparse.Compiler.Data.Downloads;
using EdgeSparse.Compiler.Data.Pictures;
using EdgeSparse.Compiler.Data.Synthetic;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Compiler.Reporting;

namespace EdgeSparse.Compiler.Data;

/// <summary>The data sets that EdgeSparse knows by name, and the way to open one or a folder of one's own.</summary>
public static class DatasetCatalog
{
    private static readonly ImmutableArray<string> Digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    private static readonly ImmutableArray<string> Clothes =
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    public static IReadOnlyList<DatasetEntry> Entries { get; } =
    [
        new("mnist", "handwritten digits, 60,000 + 10,000, 28×28 grey", Digits, OfficialSources.Mnist),
        new("fashion-mnist", "clothes, 60,000 + 10,000, 28×28 grey", Clothes, OfficialSources.FashionMnist),
        new("cifar-10", "photos of 10 classes, 50,000 + 10,000, 32×32 colour", CifarClassNames.Ten, OfficialSources.Cifar10),
        new("cifar-100", "photos of 100 classes, 50,000 + 10,000, 32×32 colour", CifarClassNames.Hundred, OfficialSources.Cifar100),
        new(SyntheticDigits.Name, "digits drawn by a procedure, 60,000 + 10,000, 28×28 grey; nothing to download", Digits, []),
    ];

    /// <summary>Opens a set by its name, or a folder by its path.</summary>
    /// <param name="nameOrPath">
    /// A name of <see cref="Entries"/>; or a folder with idx files named as MNIST's, with CIFAR's files, with NumPy files
    /// (<c>train-x.npy</c>, <c>train-y.npy</c>, <c>test-x.npy</c>, <c>test-y.npy</c>, or <c>x.npy</c> and <c>y.npy</c>, of which
    /// every sixth sample is for test), or with pictures (<c>train/CLASS/*.png|jpg</c> and <c>test/</c> or <c>val/</c>). Without labels:
    /// a <c>.npy</c> file, or a folder of such or of pictures.
    /// </param>
    /// <param name="locations">Where to look for a name.</param>
    /// <param name="progress">Shows long reading; null shows nothing.</param>
    /// <param name="imageSize">Side of the square that pictures of a folder are brought to; null leaves it to the pictures.</param>
    /// <exception cref="DataException">The set is unknown, absent or damaged; the message says where it was looked for.</exception>
    public static Dataset Open(string nameOrPath, DataLocations locations, IProgressSink? progress = null, int? imageSize = null)
    {
        progress ??= IProgressSink.Silent;
        if (nameOrPath == SyntheticDigits.Name)
        {
            return SyntheticDigits.Create();
        }

        if (Entries.FirstOrDefault(entry => entry.Name == nameOrPath) is { } known)
        {
            string folder = FolderOf(known, locations) ?? throw Absent(known, locations);
            KnownContent content = KnownContent.Of(known);
            return CifarOf(known) is { } cifar
                ? cifar.Read(known.Name, folder, content, progress)
                : IdxDataset.Read(known.Name, folder, known.ClassNames, content);
        }

        return File.Exists(nameOrPath) && nameOrPath.EndsWith(".npy", StringComparison.OrdinalIgnoreCase)
            ? NumPyInputs.Read(Path.GetFileNameWithoutExtension(nameOrPath), [nameOrPath])
            : Directory.Exists(nameOrPath)
            ? OpenFolder(nameOrPath, progress, imageSize)
            : throw new DataException(
                $"no data set or folder '{nameOrPath}'{NearMatch.Advice(nameOrPath, [.. Entries.Select(entry => entry.Name)])}");
    }

    /// <summary>The entry of a name.</summary>
    /// <exception cref="DataException">No set has the name; the message gives a near one.</exception>
    public static DatasetEntry EntryOf(string name) => Entries.FirstOrDefault(entry => entry.Name == name)
        ?? throw new DataException($"no data set '{name}'{NearMatch.Advice(name, [.. Entries.Select(entry => entry.Name)])}");

    /// <summary>The first folder of the locations that holds some file of a set, whole or not; null when none does.</summary>
    public static string? FolderOf(DatasetEntry entry, DataLocations locations) =>
        locations.Find(entry.Name, folder => CifarOf(entry) is { } cifar ? cifar.IsIn(folder) : IdxDataset.IsIn(folder));

    internal static DataException Absent(DatasetEntry entry, DataLocations locations) => new(
        $"data set '{entry.Name}' is not in {string.Join(", ", locations.Folders)}; get it with: edgesparse data get {entry.Name}");

    internal static CifarDataset? CifarOf(DatasetEntry entry) => entry.Name switch
    {
        "cifar-10" => CifarDataset.Ten,
        "cifar-100" => CifarDataset.Hundred,
        _ => null,
    };

    private static Dataset OpenFolder(string folder, IProgressSink progress, int? imageSize)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        return PictureFolder.IsIn(folder) ? PictureFolder.Read(name, folder, imageSize)
            : NumPyDataset.IsIn(folder) ? NumPyDataset.Read(name, folder)
            : IdxDataset.IsIn(folder) ? IdxDataset.Read(name, folder, Digits, KnownContent.Anything)
            : CifarDataset.Of(folder) is { } cifar ? cifar.Read(name, folder, KnownContent.Anything, progress)
            : NumPyInputs.FilesIn(folder) is { Count: > 0 } arrays ? NumPyInputs.Read(name, arrays)
            : PictureInputs.FilesIn(folder) is { Count: > 0 } pictures ? PictureInputs.Read(name, pictures, imageSize)
            : throw new DataException(
                $"{folder}: no data set: expected train/CLASS/*.png|jpg with test/ or val/, or x.npy and y.npy, or files named as MNIST's or CIFAR's; or, without labels, *.npy, *.png or *.jpg");
    }
}
