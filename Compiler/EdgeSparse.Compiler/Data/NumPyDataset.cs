using System.Collections.Immutable;
using System.Globalization;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Compiler.Data;

/// <summary>
/// A folder of NumPy files: <c>train-x.npy</c>, <c>train-y.npy</c>, <c>test-x.npy</c> and <c>test-y.npy</c>, or the pair
/// <c>x.npy</c> and <c>y.npy</c>, of which every sixth sample (5, 11, 17, …) is the test set. x is N × features, N × rows ×
/// columns or N × channels × rows × columns; unsigned bytes are pixels, other types are taken as they are. y is N whole numbers.
/// </summary>
internal static class NumPyDataset
{
    private const int TestEvery = 6;
    private const int MostClasses = 1_000_000;

    public static bool IsIn(string folder) => HasFourFiles(folder) || File.Exists(Path.Combine(folder, "x.npy"));

    /// <exception cref="DataException">A file is absent or damaged, shapes do not fit together, or labels are no classes.</exception>
    public static Dataset Read(string name, string folder)
    {
        try
        {
            Samples train;
            Samples test;
            if (HasFourFiles(folder))
            {
                train = Samples.Read(folder, "train-x.npy", "train-y.npy");
                test = Samples.Read(folder, "test-x.npy", "test-y.npy");
                if (train.Shape != test.Shape || train.IsPixels != test.IsPixels)
                {
                    throw new DataException($"{folder}: samples of train-x.npy are {train.Text}, those of test-x.npy {test.Text}");
                }
            }
            else
            {
                Samples all = Samples.Read(folder, "x.npy", "y.npy");
                if (all.Labels.Length < TestEvery)
                {
                    throw new DataException($"{folder}: {all.Labels.Length} samples in x.npy; at least {TestEvery} make a training and a test set");
                }

                train = all.Where(i => i % TestEvery != TestEvery - 1);
                test = all.Where(i => i % TestEvery == TestEvery - 1);
            }

            int classes = Math.Max(train.Labels.Max(), test.Labels.Max()) + 1;
            int channels = train.Shape.Rank == 3 ? train.Shape[0] : 1;
            return new Dataset(
                name,
                train.Shape,
                [.. Enumerable.Range(0, classes).Select(c => c.ToString(CultureInfo.InvariantCulture))],
                new InputScaling([.. Enumerable.Repeat(0f, channels)], [.. Enumerable.Repeat(1f, channels)]),
                train.ToSplit(),
                test.ToSplit());
        }
        catch (InputFormatException error)
        {
            throw new DataException(error.Message, error);
        }
    }

    /// <summary>The shape of one sample of an array.</summary>
    /// <exception cref="DataException">The array has too few or too many dimensions.</exception>
    internal static TensorShape SampleShapeOf(ImmutableArray<int> shape, string path) => shape.Length switch
    {
        2 => new TensorShape(shape[1]),
        3 => new TensorShape(1, shape[1], shape[2]),
        4 => new TensorShape(shape[1], shape[2], shape[3]),
        _ => throw new DataException(
            $"{path}: has {shape.Length} dimensions; N × features, N × rows × columns or N × channels × rows × columns are read"),
    };

    private static bool HasFourFiles(string folder) => File.Exists(Path.Combine(folder, "train-x.npy"));

    private sealed record Samples(TensorShape Shape, NpyArray Array, int[] Labels)
    {
        public bool IsPixels => Array.ElementType == NpyElement.UInt8;

        public string Text => $"{Shape} of {(IsPixels ? "pixels" : "numbers")}";

        public static Samples Read(string folder, string xName, string yName)
        {
            string xPath = Path.Combine(folder, xName);
            string yPath = Path.Combine(folder, yName);
            NpyArray x = NpyFile.Read(xPath);
            NpyArray y = NpyFile.Read(yPath);
            ImmutableArray<int> shape = x.Shape;
            TensorShape sample = SampleShapeOf(shape, xPath);
            if (y.Shape.Length == 0 || y.Count != y.Shape[0])
            {
                throw new DataException($"{yPath}: has the shape {string.Join('×', y.Shape)}; labels are one whole number a sample");
            }

            return y.Count == shape[0]
                ? new Samples(sample, x, LabelsOf(y, yPath))
                : throw new DataException($"{yPath}: {y.Count} labels for the {shape[0]} samples of {xName}");
        }

        public Samples Where(Func<int, bool> chosen)
        {
            int bytes = Array.Data.Length / Labels.Length;
            int[] kept = [.. Enumerable.Range(0, Labels.Length).Where(chosen)];
            byte[] data = new byte[kept.Length * bytes];
            for (int i = 0; i < kept.Length; i++)
            {
                Array.Data.AsSpan(kept[i] * bytes, bytes).CopyTo(data.AsSpan(i * bytes));
            }

            return this with { Array = Array with { Data = data }, Labels = [.. kept.Select(i => Labels[i])] };
        }

        public DataSplit ToSplit() => IsPixels
            ? new PixelSplit(Array.Data, Labels, Shape.ElementCount)
            : new FeatureSplit(Array.ToFloats(), Labels, Shape.ElementCount);

        private static int[] LabelsOf(NpyArray y, string path)
        {
            if (y.ElementType is NpyElement.Float16 or NpyElement.Float32 or NpyElement.Float64)
            {
                throw new DataException($"{path}: labels of type {y.ElementType}; they are whole numbers");
            }

            // Exact: every label that is allowed is a whole number that fp32 holds.
            float[] values = y.ToFloats();
            int[] labels = new int[values.Length];
            for (int i = 0; i < labels.Length; i++)
            {
                labels[i] = LabelCheck.Within((long)values[i], MostClasses, i, path);
            }

            return labels;
        }
    }
}
