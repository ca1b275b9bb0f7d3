using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Verification;

namespace EdgeSparse.Compiler.Tests.Onnx;

/// <summary>Models that others trained and exported, with outputs that an independent double-precision program computed.</summary>
public sealed class RealModelTests
{
    [Theory]
    [InlineData("iris-mlp/Network.onnx", 150, "Linear Relu Linear Relu Linear")]
    [InlineData("cifar10-convnet/ImageClassifier.onnx", 8, null)]
    [InlineData("mnist-cntk/mnist.onnx", 20, "Conv2d Relu MaxPool Conv2d Relu MaxPool Flatten Linear")]
    public void Imported_models_compute_the_published_outputs(string file, int samples, string? layers)
    {
        string path = Model(file);
        Graph graph = OnnxImporter.Read(path);
        if (layers is not null)
        {
            Assert.Equal(layers, string.Join(' ', graph.Nodes.Select(n => n.Operator)));
        }

        float[] inputs = Floats(Path.Combine(Path.GetDirectoryName(path)!, "sample-inputs.f32"));
        float[] expected = Floats(Path.Combine(Path.GetDirectoryName(path)!, "sample-expected.f32"));
        int outputs = expected.Length / samples;
        using OnnxRuntimeModel original = new(path, threads: 1);
        using OnnxRuntimeModel exported = new(OnnxExporter.ToBytes(InferenceSimplification.Apply(graph)), threads: 1);
        for (int i = 0; i < samples; i++)
        {
            float[] input = inputs[(i * inputs.Length / samples)..((i + 1) * inputs.Length / samples)];
            float[] published = expected[(i * outputs)..((i + 1) * outputs)];
            double tolerance = 1e-4 * Math.Max(1, published.Max(Math.Abs));
            if (i % 4 == 0)
            {
                // Slow, and the two below have seen every sample.
                AssertClose(published, ReferenceEvaluator.Run(graph, input), tolerance);
            }

            AssertClose(published, [.. original.Run(input).Select(v => (double)v)], tolerance);
            AssertClose(published, [.. exported.Run(input).Select(v => (double)v)], tolerance);
        }
    }

    [Theory]
    [InlineData("fast-neural-style-candy/candy.onnx", "ImageScaler")]
    [InlineData("silero-vad/silero_vad_16k_op15.onnx", "Shape")]
    [InlineData("squeezenet-fp16/SqueezeNet_fp16.onnx", "Concat")]
    public void Models_beyond_the_supported_operators_are_refused_by_the_first_one(string file, string operation)
    {
        string path = Model(file);
        string message = Assert.Throws<OnnxFormatException>(() => OnnxImporter.Read(path)).Message;
        Assert.StartsWith($"ONNX model '{Path.GetFileName(file)}': node '", message, StringComparison.Ordinal);
        Assert.Contains($"uses the operator {operation}, which is not supported; supported are Add, AveragePool,", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private static void AssertClose(float[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    private static string Model(string file)
    {
        string? data = Environment.GetEnvironmentVariable("EDGESPARSE_DATA");
        string path = Path.Combine(data ?? "", "models", file);
        Assert.SkipUnless(data is not null && File.Exists(path), $"EDGESPARSE_DATA has no models/{file}");
        return path;
    }

    private static float[] Floats(string path) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path)).ToArray();
}
