using System.Text.Json;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Inputs;
using EdgeSparse.Targets.Processes;

namespace EdgeSparse.Firmware.Tests;

/// <summary>
/// Whole networks that others made: imported and packed, they give in the runtime what ONNX Runtime gives and what is published,
/// and as firmware what they give in the runtime.
/// </summary>
public class RealModelTests(FirmwareFixture firmware)
{
    /// <summary>Of an output's largest magnitude.</summary>
    private const double RelativeTolerance = 1e-4;

    /// <summary>Half of the last place of a float16, in which squeezenet-fp16 gives its output in ONNX Runtime.</summary>
    private const double HalfRounding = 1.0 / 2048;

    // Each sample costs a run of three runtimes; the first ones of the small networks' 150 say enough.
    private const int MostSamples = 20;

    public static TheoryData<string> Files => [.. RealModel.All.Select(m => m.File)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_network_of_others_runs_as_in_ONNX_Runtime_and_as_firmware(string file)
    {
        RealModel real = RealModel.All.Single(m => m.File == file);
        float[] inputs = real.ReadInputs();
        byte[] blob = Pack(real.Path);
        List<float[][]> results = InRuntime(real, blob, inputs);
        AsFirmware(blob, inputs, results);
    }

    private static byte[] Pack(string path)
    {
        Graph graph = InferenceSimplification.Apply(OnnxImporter.Read(path));
        return Packer.Pack(graph, new PackOptions()).Bytes.ToArray();
    }

    /// <summary>The session's outputs, compared with ONNX Runtime's and the published ones.</summary>
    private static List<float[][]> InRuntime(RealModel real, byte[] blob, float[] inputs)
    {
        using OnnxRuntimeModel reference = new(real.Path, threads: 1);
        using Model model = Model.FromBytes(blob);
        using Session session = model.CreateSession();
        Assert.Equal(reference.InputShape, model.Inputs[0].Shape);
        Assert.Equal(reference.OutputShapes, model.Outputs.Select(o => o.Shape));
        double tolerance = RelativeTolerance + (model.Outputs[0].Type == ElementType.Float16 ? HalfRounding : 0);
        float[][] published = [.. real.Expected.Select((_, i) => real.ReadExpected(i))];
        int elements = model.Inputs[0].ElementCount;
        List<float[][]> results = [];
        for (int i = 0; i < Math.Min(inputs.Length / elements, MostSamples); i++)
        {
            float[] input = inputs[(i * elements)..((i + 1) * elements)];
            float[][] outputs = Run(model, session, input);
            ReadOnlySpan<float> expected = reference.Run(input);
            for (int o = 0; o < outputs.Length; o++)
            {
                AssertClose(expected[..outputs[o].Length], outputs[o], tolerance, $"sample {i}, output {o} of ONNX Runtime");
                expected = expected[outputs[o].Length..];
                if (o < published.Length)
                {
                    AssertClose(published[o].AsSpan(i * outputs[o].Length, outputs[o].Length), outputs[o], tolerance, $"sample {i}, published output {o}");
                }
            }

            results.Add(outputs);
        }

        return results;
    }

    private static float[][] Run(Model model, Session session, float[] input)
    {
        session.SetInput(0, input);
        session.Run();
        float[][] outputs = [.. model.Outputs.Select(o => new float[o.ElementCount])];
        for (int o = 0; o < outputs.Length; o++)
        {
            session.GetOutput(o, outputs[o]);
        }

        return outputs;
    }

    private void AsFirmware(byte[] blob, float[] inputs, List<float[][]> expected)
    {
        string blobPath = firmware.Write(".esb", blob);
        string inputPath = firmware.NewFile(".npy");
        using (Model model = Model.FromBytes(blob))
        using (FileStream stream = File.Create(inputPath))
        {
            TensorInfo input = model.Inputs[0];
            NpyFile.Write(stream, inputs.AsSpan(0, expected.Count * input.ElementCount), [expected.Count, .. input.Shape.Skip(1)]);
        }

        ProcessResult result = firmware.Run(blobPath, "--input", inputPath, "--json");
        File.Delete(blobPath);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        using JsonDocument json = JsonDocument.Parse(result.Output);
        JsonElement[] samples = [.. json.RootElement.GetProperty("samples").EnumerateArray()];
        Assert.Equal(expected.Count, samples.Length);
        for (int i = 0; i < samples.Length; i++)
        {
            JsonElement[] outputs = [samples[i].GetProperty("scores")];
            if (samples[i].TryGetProperty("furtherOutputs", out JsonElement further))
            {
                outputs = [.. outputs, .. further.EnumerateArray()];
            }

            Assert.Equal(expected[i].Length, outputs.Length);
            for (int o = 0; o < outputs.Length; o++)
            {
                float[] values = [.. outputs[o].EnumerateArray().Select(v => v.GetSingle())];
                AssertClose(expected[i][o], values, 1e-5, $"sample {i}, output {o} of the firmware");
            }
        }
    }

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double relative, string what)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: {actual.Length} values, not {expected.Length}");
        double scale = 0;
        foreach (float value in expected)
        {
            scale = Math.Max(scale, Math.Abs((double)value));
        }

        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs((double)expected[i] - actual[i]) <= relative * scale, $"{what}: value {i} is {actual[i]}, not {expected[i]}, of up to {scale}");
        }
    }
}
