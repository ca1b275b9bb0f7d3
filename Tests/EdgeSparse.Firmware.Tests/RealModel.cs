using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Onnx.Import;
using EdgeSparse.Compiler.Onnx.Proto;

namespace EdgeSparse.Firmware.Tests;

/// <summary>A network that others made, with inputs and, where there are any, the outputs that they or an independent program give.</summary>
/// <param name="File">Under <c>models/</c> of the folder that EDGESPARSE_DATA names.</param>
/// <param name="Inputs">Where the inputs come from.</param>
/// <param name="Expected">Files beside the model, one an output; none where nothing is published.</param>
internal sealed record RealModel(string File, SampleSource Inputs, params string[] Expected)
{
    /// <summary>Elements of the large networks' input.</summary>
    private const int PictureElements = 3 * 224 * 224;

    public static readonly RealModel[] All =
    [
        new("mnist-cntk/mnist.onnx", SampleSource.File, "sample-expected.f32"),
        new("cifar10-convnet/ImageClassifier.onnx", SampleSource.File, "sample-expected.f32"),
        new("iris-mlp/Network.onnx", SampleSource.File, "sample-expected.f32"),
        new("ultraface-rfb-320/version-RFB-320.onnx", SampleSource.File, "sample-scores.f32", "sample-boxes.f32"),
        new("ultraface-rfb-320/version-RFB-320_without_postprocessing.onnx", SampleSource.File, "sample-scores.f32"),
        new("squeezenet-fp16/SqueezeNet_fp16.onnx", SampleSource.Random),
        new("onnx-light/light_bvlc_alexnet.onnx", SampleSource.Ramp, "light_bvlc_alexnet_output_0.pb"),
        new("onnx-light/light_zfnet512.onnx", SampleSource.Ramp, "light_zfnet512_output_0.pb"),
        new("onnx-light/light_squeezenet.onnx", SampleSource.Ramp, "light_squeezenet_output_0.pb"),
        new("onnx-light/light_inception_v1.onnx", SampleSource.Ramp, "light_inception_v1_output_0.pb"),
        new("onnx-light/light_resnet50.onnx", SampleSource.Ramp, "light_resnet50_output_0.pb"),
        new("onnx-light/light_shufflenet.onnx", SampleSource.Ramp, "light_shufflenet_output_0.pb"),
    ];

    /// <summary>Skips the calling test where the file is not there.</summary>
    public string Path => Find(File);

    /// <summary>One sample after another.</summary>
    public float[] ReadInputs()
    {
        string folder = System.IO.Path.GetDirectoryName(Path)!;
        switch (Inputs)
        {
            case SampleSource.File:
                return Directory.GetFiles(folder, "sample-input*.f32") is [string only] ? ReadFloats(only) : throw new InvalidOperationException(folder);
            case SampleSource.Ramp:
                return [.. Enumerable.Range(0, PictureElements).Select(i => (float)(i / (double)PictureElements))];
            default:
                Random random = new(20);
                return [.. Enumerable.Range(0, PictureElements).Select(_ => (float)(Half)(random.NextSingle() * 255))];
        }
    }

    /// <summary>One published output over all samples.</summary>
    public float[] ReadExpected(int output)
    {
        string path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, Expected[output]);
        return path.EndsWith(".pb", StringComparison.Ordinal)
            ? ConstantTensor.From(TensorProto.Parser.ParseFrom(System.IO.File.ReadAllBytes(path)), new ExternalData(folder: null)).Floats()
            : ReadFloats(path);
    }

    private static string Find(string file)
    {
        string? data = Environment.GetEnvironmentVariable("EDGESPARSE_DATA");
        string path = System.IO.Path.Combine(data ?? "", "models", file);
        Assert.SkipUnless(data is not null && System.IO.File.Exists(path), $"EDGESPARSE_DATA has no models/{file}");
        return path;
    }

    private static float[] ReadFloats(string path) => MemoryMarshal.Cast<byte, float>(System.IO.File.ReadAllBytes(path)).ToArray();
}

/// <summary>Where inputs come from.</summary>
internal enum SampleSource
{
    /// <summary>A file beside the model.</summary>
    File,

    /// <summary>Element i is i by the number of elements, as the makers of the onnx-light models have it.</summary>
    Ramp,

    /// <summary>Seeded, from 0 to 255.</summary>
    Random,
}
