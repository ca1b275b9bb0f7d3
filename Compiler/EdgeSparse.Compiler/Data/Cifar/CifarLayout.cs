using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Data.Cifar;

/// <summary>The files of a CIFAR set in one of the ways that it is kept.</summary>
/// <param name="Folder">Below the set's folder; empty for the folder itself.</param>
/// <param name="Train">Names of the training files, in order.</param>
/// <param name="Test">Name of the test file.</param>
/// <param name="Packing">How the files hold their records.</param>
internal sealed record CifarLayout(string Folder, ImmutableArray<string> Train, string Test, CifarPacking Packing)
{
    public static ImmutableArray<CifarLayout> Of10 { get; } =
    [
        Ten("cifar-10-batches-bin", "data_batch_{0}.bin", "test_batch.bin", CifarPacking.Records),
        Ten("", "data_batch_{0}.bin", "test_batch.bin", CifarPacking.Records),
        Ten("", "train-{0}.bin", "test.bin", CifarPacking.Records),
        Ten("", "train-{0}.med.gz", "test.med.gz", CifarPacking.MedianEdgeResiduals),
    ];

    public static ImmutableArray<CifarLayout> Of100 { get; } =
    [
        new("cifar-100-binary", ["train.bin"], "test.bin", CifarPacking.Records),
        new("", ["train.bin"], "test.bin", CifarPacking.Records),
    ];

    public IEnumerable<string> Files => Train.Append(Test);

    /// <summary>The first layout that is whole in a folder, else the first of which some file is there, else null.</summary>
    public static CifarLayout? FindIn(string folder, ImmutableArray<CifarLayout> layouts) =>
        layouts.FirstOrDefault(layout => layout.IsWholeIn(folder))
            ?? layouts.FirstOrDefault(layout => layout.Files.Any(file => layout.Exists(folder, file)));

    public bool IsWholeIn(string folder) => Files.All(file => Exists(folder, file));

    public string PathOf(string folder, string file) => Path.Combine(folder, Folder, file);

    private bool Exists(string folder, string file) => File.Exists(PathOf(folder, file));

    private static CifarLayout Ten(string folder, string train, string test, CifarPacking packing) =>
        new(folder, [.. Enumerable.Range(1, 5).Select(k => string.Format(null, train, k))], test, packing);
}

internal enum CifarPacking
{
    /// <summary>The official binary version: labels and three planes, image after image.</summary>
    Records,

    /// <summary>Lossless and half as large: see <see cref="MedianEdgeImages"/>.</summary>
    MedianEdgeResiduals,
}
