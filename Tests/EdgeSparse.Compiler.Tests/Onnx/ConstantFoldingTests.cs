using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Runtime;
using DataType = EdgeSparse.Compiler.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeSparse.Compiler.Tests.Onnx;

/// <summary>What only depends on constants and shapes is computed at import.</summary>
public sealed class ConstantFoldingTests
{
    [Fact]
    public void An_open_batch_travels_through_a_shape_subgraph_into_a_reshape()
    {
        Graph graph = new OnnxModelBuilder().Input("x", "N", 3, 4).Integers("zero", 0).Integers("rest", -1)
            .Node("Shape", "x", "s").Node("Gather", "s zero", "n").Node("Cast", "n", "n32", ("to", 6)).Node("Cast", "n32", "n64", ("to", 7))
            .Node("Concat", "n64 rest", "t", ("axis", 0)).Node("Reshape", "x t", "y").Output("y").Import();
        Assert.Equal([new Flatten("y", "x", "y")], graph.Nodes);
        Assert.Equal(new TensorShape(TensorShape.Symbolic, 12), graph.Shapes["y"]);
    }

    [Fact]
    public void An_open_batch_is_chosen_where_the_target_is_not_minus_one()
    {
        // What PyTorch writes for x.expand(batch, -1, 4): where the target is −1, the shape's own.
        Graph graph = new OnnxModelBuilder().Input("x", "N", 3, 1).Integers("minus", -1, -1, -1).Integers("four", 4).Integers("two", 2).Integers("zero", 0)
            .Node("Shape", "x", "s").Node("Slice", "s zero two", "front").Node("Concat", "front four", "t", ("axis", 0))
            .Node("Equal", "t minus", "open").Node("Where", "open s t", "u").Node("Expand", "x u", "y").Output("y").Import();
        Assert.Equal([new Expand("y", "x", "y", new TensorShape(TensorShape.Symbolic, 3, 4))], graph.Nodes);
    }

    [Fact]
    public void Arithmetic_with_an_open_batch_asks_for_the_input_shape() => Assert.Equal(
        "node 'm' (Mul, opset 13) computes with the open batch dimension; give a whole input shape (--input-shape)",
        new OnnxModelBuilder().Input("x", "N", 3, 4).Integers("zero", 0).Integers("two", 2).Node("Shape", "x", "s").Node("Gather", "s zero", "n")
            .Node("Mul", "n two", "m").Node("Reshape", "x m", "y").Output("y").ImportError());

    [Fact]
    public void Integers_of_64_bits_stay_exact_where_they_move()
    {
        // The end of the slice is the largest integer; as a double it would be another one.
        Graph graph = new OnnxModelBuilder().Input("x", 1, 6).Integers("ends", 5, long.MaxValue).Integers("starts", 2).Integers("axes", 1).Integers("pick", 1)
            .Node("Gather", "ends pick", "end").Node("Slice", "x starts end axes", "y").Output("y").Import();
        Assert.Equal([SliceRange.Whole(1), new SliceRange(2, 1, 4)], Assert.IsType<Slice>(Assert.Single(graph.Nodes)).Ranges);
    }

    [Fact]
    public void Integers_that_fp32_or_double_cannot_hold_are_not_computed_with()
    {
        Assert.Equal(
            "node 's' (Add, opset 13) computes with an integer beyond 2^53, which is not supported",
            new OnnxModelBuilder().Input("x", 1, 6).Integers("a", long.MaxValue).Node("Add", "a a", "s").Node("Reshape", "x s", "y").Output("y").ImportError());
        Assert.Equal(
            "node 'y' (Add, opset 13) computes with an integer constant that fp32 cannot hold",
            new OnnxModelBuilder().InputOf(DataType.Int64, "x", 1).Integers("a", (1 << 24) + 1).Node("Add", "x a", "y").Output("y").ImportError());
    }

    [Fact]
    public void A_weight_that_is_computed_of_others_is_one_weight()
    {
        Graph graph = new OnnxModelBuilder().Input("x", 1, 2).Floats("a", [2, 2], 1, 2, 3, 4).Floats("half", [], 0.5f)
            .Node("Mul", "a half", "w").Node("Transpose", "w", "wt").Node("MatMul", "x wt", "y").Output("y").Import();
        Assert.Equal([new Linear("y", "x", "y", "wt", null)], graph.Nodes);
        Assert.Equal([0.5f, 1f, 1.5f, 2f], graph.WeightOf("wt").Values.ToArray());
    }

    [Fact]
    public void A_constant_output_is_a_constant_layer()
    {
        Graph graph = new OnnxModelBuilder().Input("x", 2, 5).Node("Shape", "x", "y").Output("y").Import();
        Assert.Equal([new Constant("y", "y", "y.constant", ElementType.Int64)], graph.Nodes);
        Assert.Equal([2f, 5f], graph.WeightOf("y.constant").Values.ToArray());
    }

    [Fact]
    public void An_input_that_is_an_output_is_copied()
    {
        Graph graph = new OnnxModelBuilder().Input("x", "N", 5).Node("Identity", "x", "y").Output("y").Import();
        Assert.Equal([new Reshape("y", "x", "y", new TensorShape(TensorShape.Symbolic, 5))], graph.Nodes);
    }

    [Fact]
    public void More_than_a_quarter_of_a_billion_repeated_numbers_are_refused_before_they_are_made()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", 1, 30000).Integers("s", 30000, 20000).Node("ConstantOfShape", "s", "w")
            .Node("MatMul", "x w", "y").Output("y");
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("repeats numbers to 600000000 elements; at most 268435456 are supported", model.ImportError());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Fact]
    public void Quantised_activations_run_in_single_precision_and_say_so()
    {
        TensorProto zero = OnnxModelBuilder.Tensor("z", DataType.Uint8);
        zero.Int32Data.Add(128);
        Graph graph = new OnnxModelBuilder().Input("x", "N", 3).Floats("s", [], 0.1f).With(m => m.GraphProto.Initializer.Add(zero))
            .Node("Relu", "x", "h").Node("QuantizeLinear", "h s z", "q").Node("DequantizeLinear", "q s z", "d").Node("Neg", "d", "y").Output("y").Import();
        Assert.Equal(["Relu", "Pointwise"], graph.Nodes.Select(n => n.Operator));
        Assert.Equal("1 quantisations of activations left out; computed in fp32", graph.Metadata["edgesparse.import.fp32"]);
    }
}
