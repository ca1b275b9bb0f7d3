using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Files;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("edgesparse-safetensors-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Weights_come_back_as_they_were_written()
    {
        Graph graph = Network(seed: 1);
        SafetensorsFile.Write(graph, At("w"));
        Graph loaded = WeightsFile.LoadInto(Network(seed: 2), At("w"));
        foreach (Weight weight in graph.Weights.Values)
        {
            Assert.Equal(weight.Values.ToArray(), loaded.WeightOf(weight.Name).Values.ToArray());
            Assert.Equal(weight.Shape, loaded.WeightOf(weight.Name).Shape);
            Assert.False(loaded.WeightOf(weight.Name).Mask.HasValue);
        }
    }

    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        Graph graph = new Graph(
            "g",
            [new GraphValue("x", new TensorShape(1, 2))],
            ["y"],
            [new Linear("fc", "x", "y", "w", "b")],
            new[] { new Weight("w", new TensorShape(1, 2), [1f, -2f]), new Weight("b", new TensorShape(1), [0.5f]) }
                .ToImmutableDictionary(w => w.Name)).WithMetadata("edgesparse.input.mean", "0.5");
        SafetensorsFile.Write(graph, At("w"));
        byte[] bytes = File.ReadAllBytes(At("w"));

        const string Header = """{"__metadata__":{"edgesparse.input.mean":"0.5"},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[4,12]}}""";
        int padded = (Header.Length + 7) / 8 * 8;
        Assert.Equal((ulong)padded, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        Assert.Equal(Header.PadRight(padded), Encoding.UTF8.GetString(bytes, 8, padded));
        Assert.Equal([0, 0, 0, 0x3F, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0], bytes[(8 + padded)..]);
    }

    [Fact]
    public void Other_float_types_are_widened_or_rounded_to_fp32_and_step_counters_are_left_out()
    {
        Write(
            """
            {"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[],"data_offsets":[4,6]},
            "c":{"dtype":"F64","shape":[1,1],"data_offsets":[6,14]},"bn.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[14,22]}}
            """,
            [0, 0x3E, 0, 0xC0, 0xC0, 0x3F, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 9, 0, 0, 0, 0, 0, 0, 0]);
        IReadOnlyDictionary<string, Weight> read = SafetensorsFile.Read(At("w"));
        Assert.Equal(["a", "b", "c"], read.Keys.Order());
        Assert.Equal([1.5f, -2f], read["a"].Values.ToArray());
        Assert.Equal([1.5f], read["b"].Values.ToArray());
        Assert.Equal([1.5f], read["c"].Values.ToArray());
        Assert.Equal(new TensorShape(1, 1), read["c"].Shape);
    }

    [Theory]
    [InlineData("[]", 0, "its header is no JSON object")]
    [InlineData("{", 0, "its header is not valid JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "its header is not valid JSON")]
    [InlineData("""{"a":1}""", 0, "tensor 'a' is not described by dtype, shape and data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "tensor 'a' is not described by dtype, shape and data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}}""", 4, "tensor 'a' is not described by dtype, shape and data_offsets")]
    [InlineData("""{"a":{"dtype":"F8","shape":[1],"data_offsets":[0,4]}}""", 4, "tensor 'a' has the unknown type 'F8'")]
    [InlineData("""{"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}""", 4, "tensor 'a' has the type I32; F32, F64, F16 and BF16 are supported")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "tensor 'a' has the shape [2] of F32 in the bytes 0 to 4, which cannot be")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "tensor 'a' has the shape [4294967296, 4294967296] of F32 in the bytes 0 to 0, which cannot be")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""", 0, "tensor 'a' is empty")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "tensor 'a' begins at byte 4 where 0 is expected: tensors overlap or leave a gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 3, "its tensors need 4 bytes, but 3 follow the header: it is cut off or damaged")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "its tensors need 4 bytes, but 5 follow the header: it is cut off or damaged")]
    public void A_bad_header_is_refused(string header, int dataBytes, string expected)
    {
        Write(header, new byte[dataBytes]);
        string message = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Read(At("w"))).Message;
        Assert.StartsWith($"'{At("w")}' is no safetensors file that can be used: {expected}", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_file_cut_off_anywhere_is_refused()
    {
        SafetensorsFile.Write(Network(seed: 1), At("w"));
        byte[] whole = File.ReadAllBytes(At("w"));
        for (int length = 0; length < whole.Length; length += 11)
        {
            File.WriteAllBytes(At("w"), whole[..length]);
            Assert.Throws<SafetensorsException>(() => SafetensorsFile.Read(At("w")));
        }
    }

    [Fact]
    public void Changed_bytes_give_weights_or_a_typed_error_and_nothing_else()
    {
        SafetensorsFile.Write(Network(seed: 1), At("w"));
        byte[] whole = File.ReadAllBytes(At("w"));
        Random random = new(5);
        for (int round = 0; round < 500; round++)
        {
            byte[] bytes = [.. whole];
            bytes[random.Next(Math.Min(bytes.Length, 600))] = (byte)random.Next(256);
            File.WriteAllBytes(At("w"), bytes);
            Exception? error = Record.Exception(() => SafetensorsFile.Read(At("w")));
            Assert.True(error is null or SafetensorsException, $"round {round}: {error}");
        }
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_refused()
    {
        Write("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", [0, 0, 0, 0, 0, 0, 0xC0, 0x7F]);
        Assert.EndsWith(
            "tensor 'a' has NaN as element 1; weights must be finite",
            Assert.Throws<SafetensorsException>(() => SafetensorsFile.Read(At("w"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Names_and_shapes_must_be_the_networks()
    {
        Graph small = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 6)).Linear("fc1", 5).Build();
        Graph other = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 7)).Linear("fc1", 5).Build();
        Graph large = Network(seed: 1);
        SafetensorsFile.Write(small, At("small"));
        SafetensorsFile.Write(large, At("large"));
        string Error(Graph graph, string file) => Assert.Throws<WeightsException>(() => WeightsFile.LoadInto(graph, At(file))).Message;
        Assert.Equal($"'{At("small")}' lacks 'fc2.bias', 'fc2.weight' of the network 'test'; it has 'fc1.bias', 'fc1.weight'", Error(large, "small"));
        Assert.Equal($"'{At("large")}' has 'fc2.bias', 'fc2.weight', which the network 'test' has not", Error(small, "large"));
        Assert.Equal($"'{At("small")}' has other shapes than the network 'test': 'fc1.weight' of shape 5×6, not 5×7", Error(other, "small"));
    }

    [Fact]
    public void A_missing_file_is_named() => Assert.StartsWith(
        $"cannot read '{At("gone")}': ", Assert.ThrowsAny<EdgeSparseException>(() => SafetensorsFile.Read(At("gone"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("resnet-cifar10/resnet20.safetensors", "layer3.2.conv2.weight", 64 * 64 * 3 * 3)]
    [InlineData("woodfisher/resnet20_cifar10.safetensors", "conv1.weight", 16 * 3 * 3 * 3)]
    public void Files_that_others_wrote_are_read(string file, string tensor, int elements)
    {
        string path = SharedModels.Path(file);
        IReadOnlyDictionary<string, Weight> read = SafetensorsFile.Read(path);
        Assert.Equal(elements, read[tensor].ElementCount);
        Assert.DoesNotContain(read.Keys, name => name.Contains("num_batches_tracked", StringComparison.Ordinal));
    }

    private static Graph Network(int seed) => new GraphBuilder(new TensorShape(TensorShape.Symbolic, 6), seed)
        .Linear("fc1", 5, density: 0.5).Relu("relu").Linear("fc2", 4).Build();

    private void Write(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)json.Length);
        File.WriteAllBytes(At("w"), [.. length, .. json, .. data]);
    }

    private string At(string name) => Path.Combine(folder, name);
}
