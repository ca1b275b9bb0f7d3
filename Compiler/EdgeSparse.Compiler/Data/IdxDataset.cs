using System.Collections.Immutable;
using EdgeSparse.Compiler.Data.Downloads;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Compiler.Data;

/// <summary>MNIST and sets of the same four idx files.</summary>
internal static class IdxDataset
{
    public const string TrainImages = "train-images-idx3-ubyte";
    public const string TrainLabels = "train-labels-idx1-ubyte";
    public const string TestImages = "t10k-images-idx3-ubyte";
    public const string TestLabels = "t10k-labels-idx1-ubyte";

    private static readonly string[] Files = [TrainImages, TrainLabels, TestImages, TestLabels];

    /// <summary>Whether a folder holds any of the files, so that it is this set, whole or not.</summary>
    public static bool IsIn(string folder) => Files.Any(file => FindFile(folder, file) is not null);

    /// <param name="folder">Holds the four files, gzipped or not.</param>
    /// <param name="known">Refuses a file of the right length with other bytes.</param>
    /// <exception cref="DataException">A file is absent or damaged, or images and labels do not fit together.</exception>
    public static Dataset Read(string name, string folder, ImmutableArray<string> classNames, KnownContent known)
    {
        (DataSplit train, int rows, int columns) = ReadSplit(folder, TrainImages, TrainLabels, classNames.Length, known);
        (DataSplit test, int testRows, int testColumns) = ReadSplit(folder, TestImages, TestLabels, classNames.Length, known);
        if ((rows, columns) != (testRows, testColumns))
        {
            throw new DataException($"{folder}: training images are {rows}×{columns}, test images {testRows}×{testColumns}");
        }

        // Zero mean and unit deviation keep black pixels at zero, and a runtime can skip zeros.
        return new Dataset(name, new TensorShape(1, rows, columns), classNames, new InputScaling([0f], [1f]), train, test);
    }

    private static (PixelSplit Split, int Rows, int Columns) ReadSplit(string folder, string imageFile, string labelFile, int classes, KnownContent known)
    {
        string imagePath = Existing(folder, imageFile);
        string labelPath = Existing(folder, labelFile);
        try
        {
            IdxArray images = IdxFile.ReadImages(imagePath);
            IdxArray labels = IdxFile.ReadLabels(labelPath);
            known.Check(imagePath, IdxFile.HeaderOf(images), images.Data);
            known.Check(labelPath, IdxFile.HeaderOf(labels), labels.Data);
            if (images.Shape[0] != labels.Shape[0])
            {
                throw new DataException($"{labelPath}: {labels.Shape[0]} labels for the {images.Shape[0]} images of {imageFile}");
            }

            int[] classOf = LabelCheck.Widen(labels.Data, classes, labelPath);
            return (new PixelSplit(images.Data, classOf, images.Shape[1] * images.Shape[2]), images.Shape[1], images.Shape[2]);
        }
        catch (InputFormatException error)
        {
            throw new DataException(error.Message, error);
        }
    }

    private static string Existing(string folder, string file) =>
        FindFile(folder, file) ?? throw new DataException($"{folder}: {file}.gz (or {file}) is missing");

    private static string? FindFile(string folder, string file)
    {
        string plain = Path.Combine(folder, file);
        return File.Exists(plain) ? plain : File.Exists(plain + ".gz") ? plain + ".gz" : null;
    }
}
