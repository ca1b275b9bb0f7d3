using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Compiler.Data;

/// <summary>
/// Inputs without labels in <c>.npy</c> files, each N × features, N × rows × columns or N × channels × rows × columns; unsigned bytes
/// are pixels, other types are taken as they are.
/// </summary>
internal static class NumPyInputs
{
    /// <summary>The files of a folder, in ordinal order.</summary>
    public static IReadOnlyList<string> FilesIn(string folder) =>
        [.. Directory.EnumerateFiles(folder).Where(f => f.EndsWith(".npy", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];

    /// <param name="name">What messages call the set.</param>
    /// <param name="paths">At least one; their samples follow one another.</param>
    /// <exception cref="DataException">A file is damaged, empty, or its samples are not like the first one's.</exception>
    public static Dataset Read(string name, IReadOnlyList<string> paths)
    {
        try
        {
            NpyArray[] arrays = [.. paths.Select(NpyFile.Read)];
            TensorShape shape = NumPyDataset.SampleShapeOf(arrays[0].Shape, paths[0]);
            bool pixels = arrays[0].ElementType == NpyElement.UInt8;
            for (int i = 1; i < arrays.Length; i++)
            {
                TensorShape other = NumPyDataset.SampleShapeOf(arrays[i].Shape, paths[i]);
                if (other != shape || (arrays[i].ElementType == NpyElement.UInt8) != pixels)
                {
                    throw new DataException($"{paths[i]}: its samples are {other}{(arrays[i].ElementType == NpyElement.UInt8 ? " pixels" : "")}, those of '{Path.GetFileName(paths[0])}' {shape}{(pixels ? " pixels" : "")}");
                }
            }

            int[] labels = new int[arrays.Sum(a => a.Shape[0])];
            DataSplit all = pixels
                ? new PixelSplit([.. arrays.SelectMany(a => a.Data)], labels, shape.ElementCount)
                : new FeatureSplit([.. arrays.SelectMany(a => a.ToFloats())], labels, shape.ElementCount);
            int channels = shape.Rank == 3 ? shape[0] : 1;
            InputScaling scaling = new([.. Enumerable.Repeat(0f, channels)], [.. Enumerable.Repeat(1f, channels)]);
            return InputSplits.Of(name, shape, scaling, all);
        }
        catch (InputFormatException error)
        {
            throw new DataException(error.Message, error);
        }
    }
}
