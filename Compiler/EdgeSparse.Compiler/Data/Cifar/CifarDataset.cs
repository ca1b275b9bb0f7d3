using System.Collections.Immutable;
using EdgeSparse.Compiler.Data.Downloads;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Compiler.Data.Cifar;

/// <summary>CIFAR-10 and CIFAR-100 in their binary version (www.cs.toronto.edu/~kriz/cifar.html).</summary>
internal sealed record CifarDataset(
    ImmutableArray<CifarLayout> Layouts, int LabelBytes, int TrainFileImages, int TestFileImages, ImmutableArray<string> ClassNames)
{
    private const int Pixels = 3 * 32 * 32;

    public static CifarDataset Ten { get; } = new(CifarLayout.Of10, 1, 10_000, 10_000, CifarClassNames.Ten);

    /// <summary>A record has two labels, coarse and fine; the fine one is the class.</summary>
    public static CifarDataset Hundred { get; } = new(CifarLayout.Of100, 2, 50_000, 10_000, CifarClassNames.Hundred);

    /// <summary>Which of the two a folder holds: the one that is whole, else the one of which something is there, else null.</summary>
    public static CifarDataset? Of(string folder) =>
        new[] { Ten, Hundred }.FirstOrDefault(set => CifarLayout.FindIn(folder, set.Layouts)?.IsWholeIn(folder) == true)
            ?? new[] { Ten, Hundred }.FirstOrDefault(set => set.IsIn(folder));

    public bool IsIn(string folder) => CifarLayout.FindIn(folder, Layouts) is not null;

    /// <param name="folder">Holds the files in one of the <see cref="Layouts"/>.</param>
    /// <param name="known">Refuses a file of the right length with other bytes.</param>
    /// <exception cref="DataException">A file is absent, of the wrong length or damaged, or a label is out of range.</exception>
    public Dataset Read(string name, string folder, KnownContent known, IProgressSink progress)
    {
        CifarLayout layout = CifarLayout.FindIn(folder, Layouts)
            ?? throw new DataException($"{folder}: {Layouts[0].Train[0]} is missing");
        using IProgressTask task = progress.Begin($"reading {name}", layout.Train.Length + 1, "files");
        byte[] trainPixels = new byte[layout.Train.Length * TrainFileImages * Pixels];
        int[] trainLabels = new int[layout.Train.Length * TrainFileImages];
        byte[] testPixels = new byte[TestFileImages * Pixels];
        int[] testLabels = new int[TestFileImages];
        try
        {
            Parallel.For(0, layout.Train.Length + 1, k =>
            {
                bool test = k == layout.Train.Length;
                int images = test ? TestFileImages : TrainFileImages;
                string path = layout.PathOf(folder, test ? layout.Test : layout.Train[k]);
                byte[] records = ReadRecords(path, layout.Packing, images);
                known.Check(path, records);
                Split(
                    records,
                    (test ? testPixels : trainPixels).AsSpan(test ? 0 : k * images * Pixels, images * Pixels),
                    (test ? testLabels : trainLabels).AsSpan(test ? 0 : k * images, images),
                    path);
                task.Advance();
            });
        }
        catch (AggregateException errors)
        {
            // Several files may be wrong: the first in their order is told.
            Exception first = errors.InnerExceptions.OrderBy(e => e.Message, StringComparer.Ordinal).First();
            throw first is DataException or InputFormatException ? new DataException(first.Message, first) : errors;
        }

        return new Dataset(
            name,
            new TensorShape(3, 32, 32),
            ClassNames,
            new InputScaling([0.4914f, 0.4822f, 0.4465f], [0.2470f, 0.2435f, 0.2616f]),
            new PixelSplit(trainPixels, trainLabels, Pixels),
            new PixelSplit(testPixels, testLabels, Pixels));
    }

    /// <summary>The records of a file in the official layout, however they are packed.</summary>
    /// <exception cref="InputFormatException">The file is absent or does not hold exactly so many images.</exception>
    public byte[] ReadRecords(string path, CifarPacking packing, int images)
    {
        using InputStream input = InputStream.Open(path);
        byte[] content = input.Take((long)images * (LabelBytes + Pixels), $"content of {images} images");
        input.ExpectEnd();
        return packing == CifarPacking.Records ? content : MedianEdgeImages.ToRecords(content);
    }

    private void Split(ReadOnlySpan<byte> records, Span<byte> pixels, Span<int> labels, string path)
    {
        for (int i = 0; i < labels.Length; i++)
        {
            ReadOnlySpan<byte> record = records.Slice(i * (LabelBytes + Pixels), LabelBytes + Pixels);
            labels[i] = LabelCheck.Within(record[LabelBytes - 1], ClassNames.Length, i, path);
            record[LabelBytes..].CopyTo(pixels[(i * Pixels)..]);
        }
    }
}
