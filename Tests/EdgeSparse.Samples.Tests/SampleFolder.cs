using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Runtime.Tests.Inputs;

namespace EdgeSparse.Samples.Tests;

/// <summary>A folder of one test with files for the samples, gone at its end.</summary>
internal sealed class SampleFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("edgesparse-samples-").FullName;

    public string this[string name] => Path.Combine(Root, name);

    /// <summary>scores = (a + b, c + d) of the picture [[a, b], [c, d]]; a pixel becomes (pixel/255 − 0.5) / 0.25.</summary>
    public string WriteRowSums()
    {
        Graph graph = new(
            "row-sums",
            [new GraphValue("picture", new TensorShape(TensorShape.Symbolic, 1, 2, 2))],
            ["scores"],
            [new Flatten("flatten", "picture", "flat"), new Linear("sums", "flat", "scores", "w", null)],
            ImmutableDictionary<string, Weight>.Empty.Add("w", new Weight("w", new TensorShape(2, 4), [1, 1, 0, 0, 0, 0, 1, 1])));
        return Write("model.esb", SelfTestSection.AddGenerated(Packer.Pack(new InputScaling([0.5f], [0.25f]).ApplyTo(graph), new PackOptions { Lanes = 4 }).Bytes.ToArray()));
    }

    /// <param name="name">Of the file.</param>
    /// <param name="rows">Grey pixels, row after row.</param>
    public string WritePng(string name, params byte[][] rows) => Write(name, PngWriter.Encode(rows[0].Length, 8, 0, rows, _ => 0));

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], bytes);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
