using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Packing;

/// <summary>Models that others trained and exported, packed and run, give what ONNX Runtime makes of their files.</summary>
public sealed class RealModelPackingTests
{
    [Theory]
    [InlineData("iris-mlp/Network.onnx", 1e-4)]
    [InlineData("cifar10-convnet/ImageClassifier.onnx", 1e-4)]
    [InlineData("mnist-cntk/mnist.onnx", 1e-4)]
    [InlineData("onnx-light/light_bvlc_alexnet.onnx", 1e-3)]
    [InlineData("onnx-light/light_inception_v1.onnx", 1e-3)]
    [InlineData("onnx-light/light_resnet50.onnx", 1e-3)]
    [InlineData("onnx-light/light_shufflenet.onnx", 1e-3)]
    [InlineData("onnx-light/light_squeezenet.onnx", 1e-3)]
    [InlineData("onnx-light/light_zfnet512.onnx", 1e-3)]
    [InlineData("ultraface-rfb-320/version-RFB-320.onnx", 1e-3)]
    [InlineData("ultraface-rfb-320/version-RFB-320_without_postprocessing.onnx", 1e-3)]
    public void Packed_models_give_what_onnx_runtime_does(string file, double tolerance)
    {
        string path = Model(file);
        Graph graph = OnnxImporter.Read(path);
        using OnnxRuntimeModel reference = new(path, threads: 1);
        using EdgeSparse.Runtime.Model model = EdgeSparse.Runtime.Model.FromBytes(Packer.Pack(graph, new PackOptions { Lanes = 16 }).Bytes.Span);
        using Session session = model.CreateSession();
        Random random = new(31);
        float[] input = new float[model.Inputs[0].ElementCount];
        for (int i = 0; i < input.Length; i++)
        {
            input[i] = random.NextSingle();
        }

        session.SetInput(0, input);
        session.Run();
        float[] expected = reference.Run(input);
        float[] actual = new float[model.Outputs.Sum(o => o.ElementCount)];
        int at = 0;
        for (int o = 0; o < model.Outputs.Count; o++)
        {
            session.GetOutput(o, actual.AsSpan(at, model.Outputs[o].ElementCount));
            at += model.Outputs[o].ElementCount;
        }

        Assert.Equal(expected.Length, actual.Length);
        double scale = Math.Max(1e-3, expected.Max(Math.Abs));
        for (int i = 0; i < actual.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * scale, $"element {i} is {actual[i]}, not {expected[i]}");
        }
    }

    private static string Model(string file)
    {
        string? data = Environment.GetEnvironmentVariable("EDGESPARSE_DATA");
        string path = Path.Combine(data ?? "", "models", file);
        Assert.SkipUnless(data is not null && File.Exists(path), $"EDGESPARSE_DATA has no models/{file}");
        return path;
    }
}
