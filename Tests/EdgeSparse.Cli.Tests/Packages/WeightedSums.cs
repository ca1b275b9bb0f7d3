using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Cli.Tests.Packages;

/// <summary>A network that anybody can reckon: scores = (x₀ + 2x₂, 3x₁).</summary>
internal static class WeightedSums
{
    /// <summary>What the firmware prints for <see cref="WriteSample"/>.</summary>
    public const string Answer = "0: class 0  0:70 1:60\n";

    public static void WriteModel(string path) => File.WriteAllBytes(path, OnnxExporter.ToBytes(new Graph(
        "sums",
        [new GraphValue("x", new TensorShape(1, 3))],
        ["scores"],
        [new Linear("sums", "x", "scores", "w", null)],
        ImmutableDictionary<string, Weight>.Empty.Add("w", new Weight("w", new TensorShape(2, 3), [1, 0, 2, 0, 3, 0])))));

    /// <summary>10, 20, 30 as .npy.</summary>
    public static void WriteSample(string path)
    {
        using FileStream stream = File.Create(path);
        NpyFile.Write(stream, [10, 20, 30], 1, 3);
    }
}
