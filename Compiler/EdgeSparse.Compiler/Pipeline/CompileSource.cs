using System.Collections.Immutable;
using System.Security.Cryptography;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Zoo;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>Where a trained network comes from.</summary>
public abstract record CompileSource
{
    /// <exception cref="EdgeSparseException">It cannot be read, or is not what it should be.</exception>
    internal abstract SourceNetwork Read();
}

/// <summary>An ONNX file.</summary>
/// <param name="Path">Of the file.</param>
/// <param name="InputShapes">Shapes of inputs that the file leaves open.</param>
public sealed record OnnxSource(string Path, ImmutableDictionary<string, TensorShape>? InputShapes = null) : CompileSource
{
    internal override SourceNetwork Read()
    {
        Graph graph = OnnxImporter.Read(Path, new OnnxImportOptions(InputShapes));
        return new SourceNetwork(graph, System.IO.Path.GetFileName(Path), SourceNetwork.DigestOf(Path), new FileInfo(Path).Length);
    }
}

/// <summary>A network of the zoo and a file with all its weights, safetensors or a state dictionary of PyTorch's.</summary>
/// <param name="Network">Its name in the zoo.</param>
/// <param name="WeightsPath">The file.</param>
public sealed record ZooSource(string Network, string WeightsPath) : CompileSource
{
    // Of the starting weights, all of which are replaced.
    private const int Seed = 1;

    internal override SourceNetwork Read()
    {
        Graph graph = WeightsFile.LoadInto(ModelZoo.Create(Network, Seed), WeightsPath);
        return new SourceNetwork(graph, Network, SourceNetwork.DigestOf(WeightsPath), null);
    }
}

/// <summary>A network that was read.</summary>
/// <param name="Name">Of the ONNX file without its folders, or in the zoo.</param>
/// <param name="Digest"><c>sha256:…</c> of the file with its weights.</param>
/// <param name="OnnxBytes">Length of the ONNX file, if it is one.</param>
internal sealed record SourceNetwork(Graph Graph, string Name, string Digest, long? OnnxBytes)
{
    public static string DigestOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return $"sha256:{Convert.ToHexStringLower(SHA256.HashData(file))}";
    }
}
