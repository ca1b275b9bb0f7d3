using EdgeSparse.Compiler.Files.PyTorch;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Files;

/// <summary>Trained weights for a network: a safetensors file, or a state dictionary of PyTorch's, told apart by their content.</summary>
public static class WeightsFile
{
    /// <summary>Reads all tensors as fp32, under the names that the file gives them.</summary>
    /// <exception cref="SafetensorsException">It is neither, or is a safetensors file that cannot be used.</exception>
    /// <exception cref="PyTorchFileException">It is a PyTorch file that cannot be used.</exception>
    /// <exception cref="EdgeSparseException">It cannot be read.</exception>
    public static IReadOnlyDictionary<string, Weight> Read(string path) =>
        IsPyTorch(path) ? PyTorchFile.Read(path) : SafetensorsFile.Read(path);

    /// <summary>
    /// The graph with the values of a file in all its weights, found by name or by a usual other name of a PyTorch state
    /// dictionary (<see cref="StateDictionary"/>), pruned ones as zeros (<see cref="PrunedWeights"/>), and without masks.
    /// </summary>
    /// <exception cref="WeightsException">A mask is none, a name is missing or too many, or a shape is not the network's.</exception>
    /// <exception cref="EdgeSparseException">The file cannot be read.</exception>
    public static Graph LoadInto(Graph graph, string path)
    {
        IReadOnlyDictionary<string, Weight> read = StateDictionary.Named(PrunedWeights.Merge(Read(path), path), graph);
        string[] missing = [.. graph.Weights.Keys.Where(name => !read.ContainsKey(name)).Order(StringComparer.Ordinal)];
        if (missing.Length > 0)
        {
            throw new WeightsException($"'{path}' lacks {List(missing)} of the network '{graph.Name}'; it has {List(read.Keys)}");
        }

        string[] extra = [.. read.Keys.Where(name => !graph.Weights.ContainsKey(name)).Order(StringComparer.Ordinal)];
        if (extra.Length > 0)
        {
            throw new WeightsException($"'{path}' has {List(extra)}, which the network '{graph.Name}' has not");
        }

        string[] wrong = [.. read.Values
            .Where(w => w.Shape != graph.WeightOf(w.Name).Shape)
            .OrderBy(w => w.Name, StringComparer.Ordinal)
            .Select(w => $"'{w.Name}' of shape {w.Shape}, not {graph.WeightOf(w.Name).Shape}")];
        if (wrong.Length > 0)
        {
            throw new WeightsException($"'{path}' has other shapes than the network '{graph.Name}': {Shorten(wrong)}");
        }

        return graph.WithWeights(read.Values);
    }

    private static bool IsPyTorch(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            Span<byte> start = stackalloc byte[16];
            return PyTorchFile.Begins(start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EdgeSparseException($"cannot read '{path}': {error.Message}", error);
        }
    }

    private static string List(IEnumerable<string> names) =>
        Shorten([.. names.Order(StringComparer.Ordinal).Select(n => $"'{n}'")]);

    /// <summary>The first few, and how many more there are.</summary>
    private static string Shorten(string[] all)
    {
        const int Shown = 5;
        string shown = string.Join(", ", all.Take(Shown));
        return all.Length == 0 ? "no tensor" : all.Length > Shown ? $"{shown} and {all.Length - Shown} more" : shown;
    }
}
