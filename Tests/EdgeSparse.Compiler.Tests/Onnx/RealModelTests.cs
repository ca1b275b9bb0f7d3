using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;

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
                AssertClose(published, GraphEvaluator.Run(graph, input), tolerance);
            }

            AssertClose(published, [.. original.Run(input).Select(v => (double)v)], tolerance);
            AssertClose(published, [.. exported.Run(input).Select(v => (double)v)], tolerance);
        }
    }

    [Theory]
    [InlineData("fast-neural-style-candy/candy.onnx", "ImageScaler")]
    [InlineData("silero-vad/silero_vad_16k_op15.onnx", "If")]
    public void Models_beyond_the_supported_operators_are_refused_by_the_first_one(string file, string operation)
    {
        string path = Model(file);
        string message = Assert.Throws<OnnxFormatException>(() => OnnxImporter.Read(path)).Message;
        Assert.StartsWith($"ONNX model '{Path.GetFileName(file)}': node '", message, StringComparison.Ordinal);
        Assert.Contains($"uses the operator {operation}, which is not supported; docs/onnx.md lists those that are", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("version-RFB-320.onnx")]
    [InlineData("version-RFB-320_without_postprocessing.onnx")]
    public void The_face_detectors_find_the_published_scores(string file)
    {
        Graph graph = OnnxImporter.Read(Model($"ultraface-rfb-320/{file}"));
        string folder = Path.GetDirectoryName(Model($"ultraface-rfb-320/{file}"))!;
        double[] input = [.. Floats(Path.Combine(folder, "sample-input.f32")).Select(v => (double)v)];
        IReadOnlyList<double[]> outputs = GraphEvaluator.Run(
            InferenceSimplification.Apply(graph), new Dictionary<string, double[]> { [graph.Inputs[0].Name] = input });
        Assert.Equal(["scores", "boxes"], graph.Outputs);
        AssertClose(Floats(Path.Combine(folder, "sample-scores.f32")), outputs[0], 1e-4);
        if (file == "version-RFB-320.onnx")
        {
            AssertClose(Floats(Path.Combine(folder, "sample-boxes.f32")), outputs[1], 1e-4);
        }
    }

    [Theory]
    [InlineData("light_shufflenet", 50)]
    [InlineData("light_squeezenet", 26)]
    public void Small_whole_graphs_give_the_published_outputs(string name, int products)
    {
        Graph graph = OnnxImporter.Read(Model($"onnx-light/{name}.onnx"));
        Assert.Equal(products, graph.Nodes.OfType<WeightedLayer>().Count());
        float[] input = [.. Enumerable.Range(0, 150528).Select(i => (float)(i / 150528.0))];
        TensorProto expected = TensorProto.Parser.ParseFrom(File.ReadAllBytes(Model($"onnx-light/{name}_output_0.pb")));
        float[] values = MemoryMarshal.Cast<byte, float>(expected.RawData.Span).ToArray();
        double[] outputs = GraphEvaluator.Run(InferenceSimplification.Apply(graph), input);
        Assert.All(values.Zip(outputs), p => Assert.Equal(p.First, p.Second, 1e-7 + (1e-3 * Math.Abs(p.First))));
    }

    [Theory]
    [InlineData("light_bvlc_alexnet", "Linear", 3, 60965224)]
    [InlineData("light_zfnet512", "Linear", 3, 87259432)]
    [InlineData("light_inception_v1", "Conv2d", 57, 6998552)]
    [InlineData("light_resnet50", "Conv2d", 53, 25610152)]
    public void Large_whole_graphs_import_with_all_their_weights(string name, string layer, int layers, int weights)
    {
        Graph graph = OnnxImporter.Read(Model($"onnx-light/{name}.onnx"));
        Assert.Equal(layers, graph.Nodes.Count(n => n.Operator == layer));
        Assert.Equal(weights, graph.Weights.Values.Sum(w => w.ElementCount));
        Assert.Equal(new TensorShape(1, 1000), graph.Shapes[graph.Outputs[0]]);
    }

    [Fact]
    public void A_network_of_half_precision_floats_computes_probabilities()
    {
        Graph graph = OnnxImporter.Read(Model("squeezenet-fp16/SqueezeNet_fp16.onnx"));
        Assert.Equal(ElementType.Float16, graph.Inputs[0].Type);
        float[] input = [.. Enumerable.Range(0, graph.Inputs[0].Shape.ElementCount).Select(i => (float)(Half)((i % 255) / 255.0))];
        double[] outputs = GraphEvaluator.Run(graph, input);
        Assert.Equal(1000, outputs.Length);
        Assert.Equal(1.0, outputs.Sum(), 1e-6);
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
