using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;

namespace EdgeSparse.Cli.Tests;

public sealed class ConformanceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Passing_tests_end_with_success()
    {
        Write("test_relu", [0, 2]);
        ToolResult result = Tool.Run("conformance", folder.Root).Succeeds();
        Assert.Contains("passed       1 of 1, 100.00 %", result.Output);
        JsonNode json = Tool.Run("conformance", folder.Root, "--json").Succeeds().Json;
        Assert.Equal((1, 0, 0), ((int)json["passed"]!, (int)json["failed"]!, (int)json["unsupported"]!));
        Assert.Equal("test_relu", (string)json["tests"]![0]!["name"]!);
        Assert.Equal("passed", (string)json["tests"]![0]!["result"]!);
        Assert.Empty(json["reasons"]!.AsArray());
    }

    [Fact]
    public void A_failing_test_ends_with_exit_code_1_and_what_differs()
    {
        Write("test_right", [0, 2]);
        Write("test_wrong", [0, 2.5f]);
        ToolResult result = Tool.Run("conformance", folder.Root);
        Assert.Equal(1, result.ExitCode);
        Assert.Matches("test_wrong +output .y. has 2 as element 1, not 2.5\n", result.Output);
        Assert.Contains("failed       1\n", result.Output);
        Tool.Run("conformance", folder.Root, "--rtol", "0.3").Succeeds();
        Tool.Run("conformance", folder.Root, "--filter", "right").Succeeds();
        Assert.Equal("test_right\ntest_wrong\n", Tool.Run("conformance", folder.Root, "--list").Succeeds().Output);
    }

    [Fact]
    public void What_holds_no_tests_is_one_line()
    {
        Tool.Run("conformance", "/nowhere").FailsWith(1, "edgesparse: error: there is no folder '/nowhere'");
        Write("test_right", [0, 2]);
        Tool.Run("conformance", folder.Root, "--filter", "left").FailsWith(1, "edgesparse: error: none of the 1 tests has 'left' in its name");
    }

    /// <summary>A test of max(x, 0) on (−1, 2).</summary>
    private void Write(string name, float[] expected)
    {
        Graph graph = new(
            "relu", [new GraphValue("x", new TensorShape(1, 2))], ["y"], [new Relu("y", "x", "y")], ImmutableDictionary<string, Weight>.Empty);
        string data = Path.Combine(folder.Root, name, "test_data_set_0");
        Directory.CreateDirectory(data);
        OnnxExporter.Write(graph, Path.Combine(folder.Root, name, "model.onnx"));
        File.WriteAllBytes(Path.Combine(data, "input_0.pb"), Tensor([-1, 2]));
        File.WriteAllBytes(Path.Combine(data, "output_0.pb"), Tensor(expected));
    }

    /// <summary>A TensorProto: dims 1 and the length, data_type float, raw_data.</summary>
    private static byte[] Tensor(float[] values)
    {
        ReadOnlySpan<byte> raw = MemoryMarshal.AsBytes(values.AsSpan());
        return [0x08, 1, 0x08, (byte)values.Length, 0x10, 1, 0x4A, (byte)raw.Length, .. raw];
    }
}
