using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Runtime;
using Google.Protobuf;
using DataType = EdgeSparse.Compiler.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeSparse.Compiler.Tests.Onnx;

/// <summary>Every kind of bad file is refused with one line that says what and where.</summary>
public sealed class BadModelTests
{
    [Fact]
    public void A_missing_file_is_named()
    {
        string path = Path.Combine(Path.GetTempPath(), "edgesparse-no-such-model.onnx");
        string message = Assert.ThrowsAny<EdgeSparseException>(() => OnnxImporter.Read(path)).Message;
        Assert.StartsWith($"cannot read the ONNX model '{path}': ", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is a text file, and no model at all")]
    [InlineData("%PDF-1.7")]
    public void Bytes_that_are_no_model_are_refused(string text)
    {
        string message = Assert.Throws<OnnxFormatException>(() => OnnxImporter.Parse(System.Text.Encoding.ASCII.GetBytes(text), "notes.txt")).Message;
        Assert.StartsWith("ONNX model 'notes.txt': is no ONNX model", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_cut_off_anywhere_is_refused()
    {
        byte[] whole = OnnxExporter.ToBytes(TestNetworks.All["mlp"]());
        for (int length = 0; length < whole.Length; length += 7)
        {
            Assert.Throws<OnnxFormatException>(() => OnnxImporter.Parse(whole.AsSpan(0, length), "cut.onnx"));
        }
    }

    [Theory]
    [InlineData(6)]
    [InlineData(26)]
    public void Another_opset_is_refused(int opset) => Assert.Equal(
        $"has the opset {opset}; supported are 7 to 25",
        new OnnxModelBuilder(opset).Input("x", 1, 3).Node("Relu", "x", "y").Output("y").ImportError());

    [Fact]
    public void An_unsupported_operator_is_named() => Assert.Equal(
        "node 'y' uses the operator LSTM, which is not supported; docs/onnx.md lists those that are",
        new OnnxModelBuilder().Input("x", 1, 3).Node("LSTM", "x", "y").Output("y").ImportError());

    [Fact]
    public void An_operator_of_another_domain_is_not_mistaken_for_the_standard_one()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", 1, 3).Node("Relu", "x", "y").Output("y");
        model.GraphProto.Node[0].Domain = "com.example";
        Assert.StartsWith("node 'y' uses the operator com.example.Relu, which is not supported;", model.ImportError(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_attribute_is_refused_with_the_known_ones() => Assert.Equal(
        "node 'y' (Flatten, opset 13) has the attribute 'order', which is not supported; supported are axis",
        new OnnxModelBuilder().Input("x", 1, 3).Node("Flatten", "x", "y", ("order", 1)).Output("y").ImportError());

    [Fact]
    public void An_attribute_of_the_wrong_type_is_refused() => Assert.Equal(
        "node 'y' (Flatten, opset 13) has the attribute 'axis' of type Float; it must be Int",
        new OnnxModelBuilder().Input("x", 1, 3).Node("Flatten", "x", "y", ("axis", 1f)).Output("y").ImportError());

    [Fact]
    public void A_missing_initializer_is_named() => Assert.Equal(
        "node 'y' (Gemm) reads 'w', which is neither an input nor an initializer, and no node writes it",
        new OnnxModelBuilder().Input("x", 1, 3).Node("Gemm", "x w", "y").Output("y").ImportError());

    [Fact]
    public void A_weight_that_is_an_activation_is_refused() => Assert.Equal(
        "node 'y' (Conv, opset 13) has the activation 'w' as its weight, where only a constant is supported",
        new OnnxModelBuilder().Input("x", 1, 1, 3, 3).Node("Relu", "x", "w").Node("Conv", "x w", "y").Output("y").ImportError());

    [Fact]
    public void A_weight_that_is_an_input_is_refused_with_the_inputs_name()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", 1, 1, 3, 3).Input("w", 1, 1, 3, 3).Node("Conv", "x w", "y").Output("y");
        ConstantNeededException error = Assert.Throws<ConstantNeededException>(() => model.Import());
        Assert.Equal("w", error.InputName);
        Assert.Equal(
            "ONNX model 'test.onnx': node 'y' (Conv, opset 13) has the activation 'w' as its weight, where only a constant is supported", error.Message);
    }

    [Fact]
    public void Names_written_twice_are_refused()
    {
        Assert.Equal(
            "has two initializers named 'w'",
            new OnnxModelBuilder().Input("x", 1, 3).Floats("w", [1], 1).Floats("w", [1], 1).Node("Relu", "x", "y").Output("y").ImportError());
        Assert.Equal("has two inputs named 'x'", new OnnxModelBuilder().Input("x", 1, 3).Input("x", 1, 3).Node("Relu", "x", "y").Output("y").ImportError());
        Assert.Equal(
            "node 'y' (Relu) writes 'y', which is written already",
            new OnnxModelBuilder().Input("x", 1, 3).Node("Relu", "x", "y").Node("Relu", "y", "y").Output("y").ImportError());
    }

    [Fact]
    public void Nodes_of_the_same_name_are_told_apart()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", 1, 3).Node("Relu", "x", "h").Node("Relu", "h", "y").Output("y");
        model.GraphProto.Node[0].Name = model.GraphProto.Node[1].Name = "same";
        Assert.Equal(["same", "same_2"], model.Import().Nodes.Select(n => n.Name));
    }

    [Fact]
    public void A_cycle_and_a_wrong_order_are_told_apart()
    {
        Assert.Equal(
            "node 'a' (Add) reads 'b', which depends on its own output: the graph has a cycle through 'b'",
            new OnnxModelBuilder().Input("x", 1, 3).Node("Add", "x b", "a").Node("Relu", "a", "b").Output("b").ImportError());
        Assert.Equal(
            "node 'a' (Relu) reads 'b', which 'b' writes only later; nodes must stand in topological order",
            new OnnxModelBuilder().Input("x", 1, 3).Node("Relu", "b", "a").Node("Relu", "x", "b").Output("a").ImportError());
    }

    [Theory]
    [InlineData(-5L)]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 31)]
    public void Impossible_dimensions_of_a_weight_are_refused(long dimension)
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", 1, 3).Random("w", 3, 3).Node("MatMul", "x w", "y").Output("y");
        model.GraphProto.Initializer[0].Dims[0] = dimension;
        Assert.Equal($"tensor 'w' has the dimensions {dimension}×3, which cannot be", model.ImportError());
    }

    [Fact]
    public void Dimensions_beyond_the_data_are_refused_without_allocating_them()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", 1, 3).Random("w", 3, 3).Node("MatMul", "x w", "y").Output("y");
        model.GraphProto.Initializer[0].Dims[0] = 700_000_000;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("tensor 'w' has 36 bytes of float for the dimensions 700000000×3", model.ImportError());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Fact]
    public void A_constant_that_thousands_of_nodes_scale_differently_is_refused()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", 1, 300).Random("w", 300, 300);
        for (int i = 0; i < 1000; i++)
        {
            model.Node("Gemm", "x w", $"y{i}", ("alpha", i / 1000f));
        }

        Assert.Matches(
            "^node 'y[0-9]+' \\(Gemm, opset 13\\) brings the weights to [0-9]+, more than a file of [0-9]+ bytes accounts for$",
            model.Output("y0").ImportError());
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_refused() => Assert.Equal(
        "node 'y' (MatMul, opset 13) has NaN as element 1 of 'w'; weights must be finite",
        new OnnxModelBuilder().Input("x", 1, 2).Floats("w", [2, 1], 1, float.NaN).Node("MatMul", "x w", "y").Output("y").ImportError());

    [Fact]
    public void Integer_weights_are_refused() => Assert.Equal(
        "tensor 'w' holds int64; float, double, float16 and bfloat16 are supported here",
        new OnnxModelBuilder().Input("x", 1, 2).Integers("b", 1).Integers("w", 1, 2).Node("BatchNormalization", "x w w w w", "y").Output("y").ImportError());

    [Fact]
    public void Inputs_of_text_are_refused() => Assert.Equal(
        "input 'x' has the element type String; floats, integers and bool are supported",
        new OnnxModelBuilder().InputOf(DataType.String, "x", 1, 2).Node("Relu", "x", "y").Output("y").ImportError());

    [Fact]
    public void An_open_dimension_besides_the_batch_asks_for_the_shape()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", "N", 3, "height", null).Node("Relu", "x", "y").Output("y");
        Assert.Equal("input 'x' has the open dimension 'height' in place 2; give its whole shape, for example x=1x3x224x224", model.ImportError());
        OnnxImportOptions options = new(ImmutableDictionary<string, TensorShape>.Empty.Add("x", new TensorShape(1, 3, 8, 9)));
        Assert.Equal(new TensorShape(1, 3, 8, 9), model.Import(options).Shapes["y"]);
    }

    [Fact]
    public void A_given_shape_must_fit_the_file()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", "N", 3).Node("Relu", "x", "y").Output("y");
        string Error(string name, params int[] dims) =>
            model.ImportError(new OnnxImportOptions(ImmutableDictionary<string, TensorShape>.Empty.Add(name, new TensorShape(dims))));
        Assert.Equal("has no input 'z'; it has x", Error("z", 1, 3));
        Assert.Equal("input 'x' has the fixed dimension 3 in place 1, but 4 is given for it", Error("x", 1, 4));
        Assert.Equal("input 'x' has 2 dimensions, but the shape given for it is 1×3×1", Error("x", 1, 3, 1));
    }

    [Fact]
    public void A_window_out_of_range_is_refused() => Assert.Equal(
        "node 'y' (MaxPool, opset 13) has 2147483647 in pads; supported are 0 to 16384",
        new OnnxModelBuilder().Input("x", 1, 3, 8, 8)
            .Node("MaxPool", "x", "y", ("kernel_shape", new[] { 2, 2 }), ("pads", new[] { int.MaxValue, 0, 0, 0 })).Output("y").ImportError());

    [Fact]
    public void A_mistake_that_only_shapes_reveal_names_the_layer() => Assert.Equal(
        "layer 'y' (Linear) has 4 inputs, but its input has the shape N×3",
        new OnnxModelBuilder().Input("x", "N", 3).Random("w", 4, 2).Node("MatMul", "x w", "y").Output("y").ImportError());

    [Fact]
    public void An_output_that_nothing_writes_is_named() => Assert.Equal(
        "output 'z' is written by no node",
        new OnnxModelBuilder().Input("x", "N", 3).Node("Relu", "x", "y").Output("z").ImportError());

    [Fact]
    public void Further_outputs_that_are_read_are_refused()
    {
        OnnxModelBuilder model = new OnnxModelBuilder(17).Input("x", "N", 3, 8).Random("s", 8)
            .Node("LayerNormalization", "x s", "y").Node("Add", "y mean", "z").Output("z");
        model.GraphProto.Node[0].Output.Add("mean");
        Assert.Equal("node 'y' (LayerNormalization, opset 17) has a further output 'mean' that is read; only the first is supported", model.ImportError());
    }

    [Fact]
    public void Indices_of_maxima_need_a_whole_shape()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", "N", 3, 8, 8)
            .Node("MaxPool", "x", "y", ("kernel_shape", new[] { 2, 2 })).Node("Cast", "indices", "z", ("to", 1)).Output("z");
        model.GraphProto.Node[0].Output.Add("indices");
        Assert.Equal(
            "node 'y' (MaxPool, opset 13) gives indices into an open batch of N×3×8×8; give a whole input shape (--input-shape)", model.ImportError());
    }

    [Fact]
    public void Outputs_without_elements_are_refused() => Assert.Equal(
        "output 'y' has no elements (1×0), which is not supported",
        new OnnxModelBuilder().Input("x", 1, 3).Integers("s", 5).Integers("e", 9).Integers("a", 1).Node("Slice", "x s e a", "y").Output("y").ImportError());

    [Fact]
    public void Parts_without_elements_of_an_open_batch_are_refused() => Assert.Equal(
        "node 'y' (Slice, opset 13) takes nothing of an open batch; give a whole input shape (--input-shape)",
        new OnnxModelBuilder().Input("x", "N", 3).Integers("s", 5).Integers("e", 9).Integers("a", 1).Node("Slice", "x s e a", "y").Output("y").ImportError());

    [Fact]
    public void Names_that_would_break_the_line_do_not()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", "N", 3).Node("Relu", "x", "y").Output("y");
        model.GraphProto.Node[0].OpType = "Evil\u001b[31m\nOperator" + new string('!', 5000);
        string error = model.ImportError();
        Assert.StartsWith("node 'y' uses the operator Evil?[31m?Operator!!!", error, StringComparison.Ordinal);
        Assert.InRange(error.Length, 100, 900);
    }

    [Fact]
    public void Graphs_nested_too_deep_are_refused()
    {
        GraphProto inner = new() { Name = "innermost" };
        for (int i = 0; i < 500; i++)
        {
            NodeProto node = new() { OpType = "If" };
            node.Attribute.Add(new AttributeProto { Name = "then_branch", G = inner });
            inner = new GraphProto { Name = "outer" };
            inner.Node.Add(node);
        }

        byte[] bytes = new ModelProto { IrVersion = 7, Graph = inner }.ToByteArray();
        string message = Assert.Throws<OnnxFormatException>(() => OnnxImporter.Parse(bytes, "deep.onnx")).Message;
        Assert.StartsWith("ONNX model 'deep.onnx': is no ONNX model, or is damaged or cut off", message, StringComparison.Ordinal);
    }
}
