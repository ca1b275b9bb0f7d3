using System.Formats.Tar;
using System.IO.Compression;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Onnx.Import;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Runtime;
using Google.Protobuf;

namespace EdgeSparse.Compiler.Tests.Onnx;

/// <summary>The official tests of single operators: what imports must compute the official output, all else be refused by name.</summary>
public sealed class NodeConformanceTests
{
    [Fact]
    public void Official_node_tests_that_import_compute_the_official_outputs()
    {
        string? data = Environment.GetEnvironmentVariable("EDGESPARSE_DATA");
        string archive = Path.Combine(data ?? "", "onnx-node-tests", "node-tests.tar.gz");
        Assert.SkipUnless(data is not null && File.Exists(archive), "EDGESPARSE_DATA has no onnx-node-tests/node-tests.tar.gz");

        List<string> passed = [];
        List<string> packed = [];
        List<string> refused = [];
        foreach ((string test, Dictionary<string, byte[]> files) in Tests(archive))
        {
            ModelProto model = ModelProto.Parser.ParseFrom(files["model.onnx"]);
            if (model.Graph.Node.Any(n => !OperatorTable.Names.Contains(n.OpType)))
            {
                continue;
            }

            try
            {
                Graph graph = WithConstants(model, files);
                float[] input = Floats(files["test_data_set_0/input_0.pb"]);
                float[] expected = Floats(files["test_data_set_0/output_0.pb"]);
                AssertClose(test, expected, ReferenceEvaluator.Run(graph, input));
                passed.Add(test);
                if (Packed(graph, input, expected.Length) is { } blobOutput)
                {
                    AssertClose($"{test}, packed", expected, blobOutput);
                    packed.Add(test);
                }
            }
            catch (OnnxFormatException error)
            {
                refused.Add($"{test}: {error.Message}");
            }
        }

        // Fewer would mean that something stopped importing or packing; a wrong result fails above.
        Assert.Equal(63, passed.Count);
        Assert.InRange(packed.Count, 26, 63);
        Assert.Equal(47, refused.Count);
        Assert.All(refused, r => Assert.Contains("support", r, StringComparison.Ordinal));
    }

    /// <summary>The tests feed weights as inputs; here all inputs but the first become initializers.</summary>
    private static Graph WithConstants(ModelProto model, Dictionary<string, byte[]> files)
    {
        for (int i = 1; i < model.Graph.Input.Count; i++)
        {
            TensorProto tensor = TensorProto.Parser.ParseFrom(files[$"test_data_set_0/input_{i}.pb"]);
            tensor.Name = model.Graph.Input[i].Name;
            model.Graph.Initializer.Add(tensor);
        }

        while (model.Graph.Output.Count > 1)
        {
            model.Graph.Output.RemoveAt(1);
        }

        return OnnxImporter.Parse(model.ToByteArray(), "test");
    }

    /// <summary>The output of the graph as a blob; null where a blob cannot hold it.</summary>
    private static double[]? Packed(Graph graph, float[] input, int outputs)
    {
        try
        {
            using var model = Model.FromBytes(Packer.Pack(graph, new PackOptions()).Bytes.Span);
            using Session session = model.CreateSession();
            float[] output = new float[outputs];
            session.Run(input, output);
            return [.. output.Select(v => (double)v)];
        }
        catch (PackingException)
        {
            return null;
        }
    }

    private static void AssertClose(string test, float[] expected, double[] actual)
    {
        Assert.True(expected.Length == actual.Length, $"{test}: {actual.Length} outputs, not {expected.Length}");
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-5 + (1e-3 * Math.Abs(expected[i])), $"{test}: output {i} is {actual[i]}, not {expected[i]}");
        }
    }

    private static float[] Floats(byte[] tensor) =>
        ConstantTensor.From(TensorProto.Parser.ParseFrom(tensor), new ExternalData(folder: null)).Floats();

    private static SortedDictionary<string, Dictionary<string, byte[]>> Tests(string archive)
    {
        SortedDictionary<string, Dictionary<string, byte[]>> tests = new(StringComparer.Ordinal);
        using GZipStream gzip = new(File.OpenRead(archive), CompressionMode.Decompress);
        using TarReader tar = new(gzip);
        while (tar.GetNextEntry() is { } entry)
        {
            string[] parts = entry.Name.Split('/', 3);
            if (entry.DataStream is null || parts.Length < 3)
            {
                continue;
            }

            using MemoryStream bytes = new();
            entry.DataStream.CopyTo(bytes);
            if (!tests.TryGetValue(parts[1], out Dictionary<string, byte[]>? files))
            {
                tests.Add(parts[1], files = []);
            }

            files.Add(parts[2], bytes.ToArray());
        }

        return tests;
    }
}
