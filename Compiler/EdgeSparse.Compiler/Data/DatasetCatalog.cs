using System.Collections.Immutable;
using EdgeSparse.Compiler.Data.Synthetic;
using EdgeSparse.Compiler.Reporting;

namespace EdgeSparse.Compiler.Data;

/// <summary>The data sets that EdgeSparse knows by name, and the way to open one.</summary>
public static class DatasetCatalog
{
    private static readonly ImmutableArray<string> Digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    private static readonly ImmutableArray<string> Clothes =
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    public static IReadOnlyList<DatasetEntry> Entries { get; } =
    [
        new("mnist", "handwritten digits, 60,000 + 10,000, 28×28 grey", Digits),
        new("fashion-mnist", "clothes, 60,000 + 10,000, 28×28 grey", Clothes),
        new(SyntheticDigits.Name, "digits drawn by a procedure, 60,000 + 10,000, 28×28 grey; nothing to download", Digits),
    ];

    /// <summary>Opens a set by name.</summary>
    /// <param name="nameOrPath">A name of <see cref="Entries"/>.</param>
    /// <param name="locations">Where to look for it.</param>
    /// <param name="progress">Shows long reading; null shows nothing.</param>
    /// <param name="imageSize">Side of the square that an image folder's pictures are brought to.</param>
    /// <exception cref="DataException">The set is unknown, absent or damaged; the message says where it was looked for.</exception>
    public static Dataset Open(string nameOrPath, DataLocations locations, IProgressSink? progress = null, int? imageSize = null)
    {
        DatasetEntry entry = Entries.FirstOrDefault(e => e.Name == nameOrPath)
            ?? throw new DataException($"no data set '{nameOrPath}': known are {string.Join(", ", Entries.Select(e => e.Name))}");
        if (entry.Name == SyntheticDigits.Name)
        {
            return SyntheticDigits.Create();
        }

        string folder = locations.Find(entry.Name, IdxDataset.IsIn)
            ?? throw new DataException(
                $"data set '{entry.Name}' is not in {string.Join(", ", locations.Folders)}; get it with: edgesparse data get {entry.Name}");
        return IdxDataset.Read(entry.Name, folder, entry.ClassNames);
    }
}
