using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Verification;
using Google.Protobuf;
using DataType = EdgeSparse.Compiler.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeSparse.Compiler.Tests.Onnx;

public sealed class SparseInitializerTests
{
    private static readonly OnnxExportOptions Sparse = new(SparseInitializers: true);

    [Fact]
    public void Values_that_are_not_zero_stand_with_their_ascending_places()
    {
        Weight weight = new("fc.weight", new TensorShape(2, 8), [0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0]);
        ModelProto model = ModelProto.Parser.ParseFrom(OnnxExporter.ToBytes(Fc(weight), Sparse));
        SparseTensorProto sparse = Assert.Single(model.Graph.SparseInitializer);
        Assert.Empty(model.Graph.Initializer);
        Assert.Equal("fc.weight", sparse.Values.Name);
        Assert.Equal([2L, 8L], sparse.Dims);
        Assert.Equal([3f, -1f], MemoryMarshal.Cast<byte, float>(sparse.Values.RawData.Span).ToArray());
        Assert.Equal([2L, 11L], MemoryMarshal.Cast<byte, long>(sparse.Indices.RawData.Span).ToArray());
        Assert.Equal((int)DataType.Int64, sparse.Indices.DataType);
        Assert.Equal([2L], sparse.Indices.Dims);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.3)]
    public void Onnx_runtime_and_the_importer_read_the_same_weights(double density)
    {
        Graph graph = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 3, 9, 11))
            .Conv("conv", 16, Window2d.Square(3, 1, 1), density: density).Relu("relu").Flatten("flat").Linear("fc", 10, density: density).Build();
        byte[] bytes = OnnxExporter.ToBytes(graph, Sparse);
        Assert.Equal(2, ModelProto.Parser.ParseFrom(bytes).Graph.SparseInitializer.Count);
        Graph imported = OnnxImporter.Parse(bytes, "sparse.onnx");
        foreach (Weight weight in graph.Weights.Values)
        {
            Assert.Equal(weight.Values.ToArray(), imported.WeightOf(weight.Name).Values.ToArray());
        }

        using OnnxRuntimeModel sparse = new(bytes, threads: 1);
        using OnnxRuntimeModel dense = new(OnnxExporter.ToBytes(graph), threads: 1);
        float[] input = GraphBuilder.Sample(graph, 1);
        Assert.Equal(dense.Run(input), sparse.Run(input));
    }

    [Fact]
    public void Only_weights_that_become_smaller_are_sparse()
    {
        // 12 bytes a value that is not zero, against 4 a value: 5 of 16 pay, 6 do not.
        Assert.Single(Initializers(5).SparseInitializer);
        Assert.Empty(Initializers(6).SparseInitializer);
        Assert.Empty(Initializers(0).SparseInitializer);

        static GraphProto Initializers(int count) => ModelProto.Parser.ParseFrom(OnnxExporter.ToBytes(
            Fc(new Weight("fc.weight", new TensorShape(2, 8), [.. Enumerable.Range(0, 16).Select(i => i < count ? 1f : 0f)])), Sparse)).Graph;
    }

    [Fact]
    public void The_file_shrinks_with_the_weights_kept()
    {
        // 1,000 × 100 weights dense are 400,000 bytes; a tenth of them 120,000; a hundredth 12,000. The rest is the same.
        Assert.Equal(280_000, Size(0, default) - Size(10_000, Sparse), 100.0);
        Assert.Equal(388_000, Size(0, default) - Size(1_000, Sparse), 100.0);
        Assert.Equal(Size(10_000, default), Size(1_000, default));

        static long Size(int count, OnnxExportOptions? options) => OnnxExporter.ToBytes(
            Fc(new Weight("fc.weight", new TensorShape(1_000, 100), [.. Enumerable.Range(0, 100_000).Select(i => i < count ? 1f : 0f)])), options).Length;
    }

    [Fact]
    public void Places_of_several_dimensions_are_read_too()
    {
        OnnxModelBuilder model = new();
        model.Input("x", "N", 3).Node("Gemm", "x w", "y").Output("y");
        SparseTensorProto sparse = Tensor([3, 2], [5f, 7f], [0, 1, 2, 0]);
        sparse.Indices.Dims.Clear();
        sparse.Indices.Dims.Add([2, 2]);
        model.GraphProto.SparseInitializer.Add(sparse);
        Graph graph = OnnxImporter.Parse(model.Proto.ToByteArray(), "m");
        Assert.Equal([0, 0, 7, 5, 0, 0], graph.WeightOf(graph.PrunableNodes.Single().PrunableWeight!).Values.ToArray());
    }

    [Theory]
    [InlineData(new long[] { 1, 9 }, "sparse initializer 'w' has the index 9 where 6 elements are")]
    [InlineData(new long[] { -1, 2 }, "sparse initializer 'w' has the index -1 where 6 elements are")]
    [InlineData(new long[] { 2, 2 }, "sparse initializer 'w' has indices that do not ascend")]
    [InlineData(new long[] { 2 }, "sparse initializer 'w' has 2 values and 1 indices, which do not fit each other")]
    public void What_is_wrong_with_the_places_is_said(long[] places, string message) => Refused(Tensor([3, 2], [5f, 7f], places), message);

    [Fact]
    public void A_tensor_far_larger_than_its_values_is_refused() => Refused(
        Tensor([100_000, 20_000], [5f, 7f], [0, 1]),
        "sparse initializer 'w' brings the sparse initializers to 2000000000 elements, more than 2 values account for");

    [Fact]
    public void Dimensions_that_cannot_be_are_refused() =>
        Refused(Tensor([-3, 2], [5f, 7f], [0, 1]), "sparse initializer 'w' has the dimensions -3×2, which cannot be");

    private static void Refused(SparseTensorProto sparse, string message)
    {
        OnnxModelBuilder model = new();
        model.Input("x", "N", 3).Node("Gemm", "x w", "y").Output("y");
        model.GraphProto.SparseInitializer.Add(sparse);
        OnnxFormatException error = Assert.Throws<OnnxFormatException>(() => OnnxImporter.Parse(model.Proto.ToByteArray(), "m"));
        Assert.Equal($"ONNX model 'm': {message}", error.Message);
    }

    private static SparseTensorProto Tensor(long[] dims, float[] values, long[] places)
    {
        SparseTensorProto sparse = new()
        {
            Values = new TensorProto { Name = "w", DataType = (int)DataType.Float, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())) },
            Indices = new TensorProto { DataType = (int)DataType.Int64, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(places.AsSpan())) },
        };
        sparse.Values.Dims.Add(values.Length);
        sparse.Indices.Dims.Add(places.Length);
        sparse.Dims.Add(dims);
        return sparse;
    }

    private static Graph Fc(Weight weight) => new(
        "test",
        [new GraphValue("input", new TensorShape(TensorShape.Symbolic, weight.Shape[1]))],
        ["output"],
        [new Linear("fc", "input", "output", weight.Name, null)],
        System.Collections.Immutable.ImmutableDictionary<string, Weight>.Empty.Add(weight.Name, weight));
}
