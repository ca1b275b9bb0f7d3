using EdgeSparse.Compiler.Data.Cifar;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Compiler.Data.Downloads;

/// <summary>Compares the files of a set with the official ones.</summary>
public static class DatasetChecker
{
    /// <summary>Checks the set in the first of the locations that has it.</summary>
    /// <param name="name">One of <see cref="DatasetCatalog.Entries"/>.</param>
    /// <returns>One entry a file; none for a set that needs no files.</returns>
    /// <exception cref="DataException">The name is unknown, or no location has the set.</exception>
    public static IReadOnlyList<FileCheck> Check(string name, DataLocations locations, IProgressSink progress)
    {
        DatasetEntry entry = DatasetCatalog.EntryOf(name);
        if (entry.Sources.IsEmpty)
        {
            return [];
        }

        string folder = DatasetCatalog.FolderOf(entry, locations) ?? throw DatasetCatalog.Absent(entry, locations);
        return DatasetCatalog.CifarOf(entry) is { } cifar
            ? CheckCifar(cifar, entry, folder, progress)
            : CheckFiles(entry, folder, progress);
    }

    private static List<FileCheck> CheckFiles(DatasetEntry entry, string folder, IProgressSink progress)
    {
        List<FileCheck> checks = [];
        using IProgressTask task = progress.Begin($"checking {entry.Name}", entry.Sources.Length, "files");
        foreach (DatasetFile file in entry.Sources.SelectMany(source => source.Files))
        {
            string plain = Path.Combine(folder, file.Path);
            string path = File.Exists(plain) ? plain : plain + ".gz";
            checks.Add(!File.Exists(path)
                ? new FileCheck(path, FileState.Absent, $"{path}: is missing")
                : ContentDigest.Fault(path, file) is { } fault
                    ? new FileCheck(path, FileState.Damaged, fault)
                    : new FileCheck(path, FileState.Right, ""));
            task.Advance();
        }

        return checks;
    }

    private static List<FileCheck> CheckCifar(CifarDataset cifar, DatasetEntry entry, string folder, IProgressSink progress)
    {
        CifarLayout layout = CifarLayout.FindIn(folder, cifar.Layouts) ?? cifar.Layouts[0];
        KnownContent known = KnownContent.Of(entry);
        List<FileCheck> checks = [];
        using IProgressTask task = progress.Begin($"checking {entry.Name}", layout.Train.Length + 1, "files");
        foreach (string file in layout.Files)
        {
            string path = layout.PathOf(folder, file);
            checks.Add(File.Exists(path) ? Check(path, file) : new FileCheck(path, FileState.Absent, $"{path}: is missing"));
            task.Advance();
        }

        return checks;

        FileCheck Check(string path, string file)
        {
            try
            {
                known.Check(path, cifar.ReadRecords(path, layout.Packing, file == layout.Test ? cifar.TestFileImages : cifar.TrainFileImages));
                return new FileCheck(path, FileState.Right, "");
            }
            catch (Exception error) when (error is DataException or InputFormatException)
            {
                return new FileCheck(path, FileState.Damaged, error.Message);
            }
        }
    }
}
