using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Onnx.Proto;
using Google.Protobuf;

namespace EdgeSparse.Compiler.Tests.Onnx;

public sealed class ExternalDataTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("edgesparse-external-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Weights_beside_the_model_are_read_from_their_offset()
    {
        File.WriteAllBytes(Path.Combine(folder, "weights.bin"), [9, 9, 9, 9, .. MemoryMarshal.AsBytes(new[] { 1f, 2f, 3f }.AsSpan())]);
        Graph graph = OnnxImporter.Read(Model(("location", "weights.bin"), ("offset", "4"), ("length", "12")));
        Assert.Equal([1f, 2f, 3f], graph.WeightOf("w").Values.ToArray());
    }

    [Fact]
    public void Weights_may_lie_in_a_folder_below()
    {
        Directory.CreateDirectory(Path.Combine(folder, "data"));
        File.WriteAllBytes(Path.Combine(folder, "data", "w"), new byte[12]);
        Assert.Equal([0f, 0f, 0f], OnnxImporter.Read(Model(("location", "data/w"))).WeightOf("w").Values.ToArray());
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../weights.bin")]
    [InlineData("a/../../weights.bin")]
    [InlineData("..\\weights.bin")]
    [InlineData("./weights.bin")]
    [InlineData("a//b")]
    public void A_path_that_leads_elsewhere_is_refused(string location) => Assert.Equal(
        $"tensor 'w' lies in '{location}', which is not a plain path inside the model's folder", Error(Model(("location", location))));

    [Fact]
    public void A_link_is_refused()
    {
        File.CreateSymbolicLink(Path.Combine(folder, "link"), "/etc/passwd");
        Assert.Equal(
            "tensor 'w' lies in 'link', which leads through a link; put the file itself into the model's folder",
            Error(Model(("location", "link"))));
    }

    [Fact]
    public void A_folder_that_is_a_link_is_refused()
    {
        Directory.CreateSymbolicLink(Path.Combine(folder, "etc"), "/etc");
        Assert.StartsWith("tensor 'w' lies in 'etc/passwd', which leads through a link", Error(Model(("location", "etc/passwd"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Data_cut_off_are_refused()
    {
        File.WriteAllBytes(Path.Combine(folder, "short"), new byte[11]);
        Assert.Equal("tensor 'w' needs 12 bytes from byte 0 of 'short', which has 11", Error(Model(("location", "short"))));
        Assert.Equal("tensor 'w' has 8 bytes in 'short', but its dimensions need 12", Error(Model(("location", "short"), ("length", "8"))));
        Assert.Equal(
            "tensor 'w' needs 12 bytes from byte 9223372036854775807 of 'short', which has 11",
            Error(Model(("location", "short"), ("offset", "9223372036854775807"))));
        Assert.Equal("tensor 'w' has '-1' as the offset of its external data, which is no number", Error(Model(("location", "short"), ("offset", "-1"))));
    }

    [Fact]
    public void A_missing_data_file_is_named() =>
        Assert.StartsWith("tensor 'w' lies in 'gone', which cannot be read: ", Error(Model(("location", "gone"))), StringComparison.Ordinal);

    [Fact]
    public void A_model_in_memory_has_no_folder()
    {
        byte[] bytes = File.ReadAllBytes(Model(("location", "weights.bin")));
        string message = Assert.Throws<OnnxFormatException>(() => OnnxImporter.Parse(bytes, "memory")).Message;
        Assert.Equal("ONNX model 'memory': tensor 'w' lies in another file, which only a model read from a file can have", message);
    }

    private static string Error(string path)
    {
        string message = Assert.Throws<OnnxFormatException>(() => OnnxImporter.Read(path)).Message;
        return message["ONNX model 'model.onnx': ".Length..];
    }

    private string Model(params (string Key, string Value)[] external)
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", "N", 3).Floats("w", [3, 1], 0, 0, 0).Node("MatMul", "x w", "y").Output("y");
        TensorProto tensor = model.GraphProto.Initializer[0];
        tensor.ClearRawData();
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Add(external.Select(e => new StringStringEntryProto { Key = e.Key, Value = e.Value }));
        string path = Path.Combine(folder, "model.onnx");
        File.WriteAllBytes(path, model.Proto.ToByteArray());
        return path;
    }
}
