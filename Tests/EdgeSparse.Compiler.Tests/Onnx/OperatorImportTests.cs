using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Verification;
using DataType = EdgeSparse.Compiler.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeSparse.Compiler.Tests.Onnx;

/// <summary>What each operator of the file becomes. Where ONNX Runtime knows the model too, its results are the judge.</summary>
public sealed class OperatorImportTests
{
    [Fact]
    public void Gemm_takes_alpha_beta_and_both_orders_of_the_weight()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", "N", 2)
            .Floats("w", [2, 3], 1, 2, 3, 4, 5, 6).Floats("c", [1, 3], 10, 20, 30)
            .Node("Gemm", "x w c", "y", ("alpha", 2f), ("beta", 0.5f)).Output("y");
        Graph graph = model.Import();
        Assert.Equal([new Linear("y", "x", "y", "w", "c")], graph.Nodes);
        Assert.Equal(new TensorShape(3, 2), graph.WeightOf("w").Shape);
        Assert.Equal([2f, 8f, 4f, 10f, 6f, 12f], graph.WeightOf("w").Values.ToArray());
        Assert.Equal([5f, 10f, 15f], graph.WeightOf("c").Values.ToArray());
        AssertSameAsOnnxRuntime(model);
    }

    [Fact]
    public void Gemm_spreads_a_scalar_bias()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", 1, 2)
            .Random("w", 3, 2).Floats("c", [1], 4).Node("Gemm", "x w c", "y", ("transB", 1)).Output("y");
        Assert.Equal([4f, 4f, 4f], model.Import().WeightOf("c").Values.ToArray());
        AssertSameAsOnnxRuntime(model);
    }

    [Fact]
    public void MatMul_and_a_following_Add_become_one_linear_layer()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", "batch", 4)
            .Random("w", 4, 3).Random("b", 3).Node("MatMul", "x w", "product").Node("Add", "b product", "y").Output("y");
        Graph graph = model.Import();
        Assert.Equal([new Linear("product", "x", "y", "w", "b")], graph.Nodes);
        AssertSameAsOnnxRuntime(model);
    }

    [Fact]
    public void Constants_added_one_after_the_other_sum_up_in_the_bias()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", "batch", 1).Floats("w", [1, 1], 1).Floats("b", [1], 2).Floats("c", [], 3)
            .Node("Gemm", "x w b", "h").Node("Add", "h c", "y").Output("y");
        Linear linear = Assert.IsType<Linear>(Assert.Single(model.Import().Nodes));
        Assert.Equal([5f], model.Import().WeightOf(linear.Bias!).Values.ToArray());
        AssertSameAsOnnxRuntime(model);
    }

    [Fact]
    public void A_constant_added_where_the_product_has_another_reader_stays_a_sum()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", "batch", 4).Random("w", 4, 3).Random("b", 3)
            .Node("MatMul", "x w", "product").Node("Add", "product b", "y").Output("y").Output("product");
        Assert.Equal(
            [new Linear("product", "x", "product", "w", null), new Constant("b.value", "b.value", "b"),
                new Binary("y", "product", "b.value", "y", BinaryFunction.Add)],
            model.Import().Nodes);
    }

    [Fact]
    public void A_constant_of_one_value_a_channel_becomes_the_bias_of_a_convolution()
    {
        OnnxModelBuilder model = new OnnxModelBuilder(7).Input("x", 1, 2, 5, 5).Random("w", 3, 2, 3, 3).Random("c", 3, 1, 1)
            .Node("Conv", "x w", "h").Node("Add", "h c", "y").Output("y");
        Assert.Equal("c", Assert.IsType<Conv2d>(Assert.Single(model.Import().Nodes)).Bias);
        AssertSameAsOnnxRuntime(model);
    }

    [Theory]
    [InlineData("SAME_UPPER", 0, 1, 1, 1)]
    [InlineData("SAME_LOWER", 1, 1, 0, 1)]
    [InlineData("VALID", 0, 0, 0, 0)]
    [InlineData("NOTSET", 0, 0, 0, 0)]
    public void Auto_pad_becomes_padding(string autoPad, int top, int left, int bottom, int right)
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", 1, 2, 6, 7).Random("w", 3, 2, 3, 3)
            .Node("Conv", "x w", "y", ("auto_pad", autoPad), ("strides", new[] { 2, 2 })).Output("y");
        Conv2d conv = Assert.IsType<Conv2d>(Assert.Single(model.Import().Nodes));
        Assert.Equal(new Window2d(3, 3, 2, 2, top, left, bottom, right), conv.Window);
        AssertSameAsOnnxRuntime(model);
    }

    [Theory]
    [InlineData("SAME_UPPER")]
    [InlineData("SAME_LOWER")]
    public void Auto_pad_of_pools_agrees_with_onnx_runtime(string autoPad)
    {
        AssertSameAsOnnxRuntime(new OnnxModelBuilder(11).Input("x", 1, 2, 7, 8)
            .Node("MaxPool", "x", "h", ("auto_pad", autoPad), ("kernel_shape", new[] { 3, 2 }), ("strides", new[] { 2, 3 }))
            .Node("AveragePool", "h", "y", ("auto_pad", autoPad), ("kernel_shape", new[] { 2, 2 })).Output("y"));
    }

    // Opset 22, because for some sizes ONNX Runtime infers another shape than it computes under older opsets.
    [Theory]
    [InlineData("MaxPool")]
    [InlineData("AveragePool")]
    public void Ceil_mode_of_pools_agrees_with_onnx_runtime_for_all_small_sizes(string pool)
    {
        for (int size = 3; size <= 9; size++)
        {
            for (int stride = 1; stride <= 3; stride++)
            {
                for (int pad = 0; pad <= 1; pad++)
                {
                    AssertSameAsOnnxRuntime(new OnnxModelBuilder(22).Input("x", 1, 1, size, size)
                        .Node(
                            pool, "x", "y", ("ceil_mode", 1), ("kernel_shape", new[] { 3, 3 }),
                            ("strides", new[] { stride, stride }), ("pads", new[] { pad, pad, pad, pad })).Output("y"));
                }
            }
        }
    }

    [Fact]
    public void Batch_normalization_is_imported_with_its_statistics()
    {
        OnnxModelBuilder model = new OnnxModelBuilder(7).Input("x", "N", 2, 3, 3).Floats("s", [2], 1, 2).Floats("b", [2], 3, 4)
            .Floats("m", [2], 5, 6).Floats("v", [2], 7, 8)
            .Node("BatchNormalization", "x s b m v", "y", ("epsilon", 0.001f), ("momentum", 0.9f), ("spatial", 1)).Output("y");
        Assert.Equal([new BatchNorm("y", "x", "y", "s", "b", "m", "v", 0.001f)], model.Import().Nodes);
        AssertSameAsOnnxRuntime(new OnnxModelBuilder(15).Input("x", "N", 2, 3, 3).Floats("s", [2], 1, 2).Floats("b", [2], 3, 4)
            .Floats("m", [2], 5, 6).Floats("v", [2], 7, 8).Node("BatchNormalization", "x s b m v", "y").Output("y"));
    }

    [Theory]
    [InlineData(11, 1, 1, new[] { 1, 5 })]
    [InlineData(11, 1, 1, new[] { 1, 5, 1, 1 })]
    [InlineData(11, 1, 3, new[] { 1, 1, 1, 5 })]
    [InlineData(11, 2, 3, new[] { 1, 3, 1, 5 })]
    [InlineData(13, 1, 1, new[] { 1, 3, 4, 5 })]
    public void Softmax_axis_follows_the_opset(int opset, int axis, int expected, int[] shape)
    {
        OnnxModelBuilder model = new OnnxModelBuilder(opset).Input("x", [.. shape.Cast<object>()])
            .Node("Softmax", "x", "y", ("axis", axis)).Output("y");
        Assert.Equal(expected, Assert.IsType<Softmax>(Assert.Single(model.Import().Nodes)).Axis);
        AssertSameAsOnnxRuntime(model);
    }

    [Theory]
    [InlineData(11, 1)]
    [InlineData(13, -1)]
    public void Softmax_without_axis_takes_the_opsets_default(int opset, int expected)
    {
        OnnxModelBuilder model = new OnnxModelBuilder(opset).Input("x", 1, 5).Node("Softmax", "x", "y").Output("y");
        Assert.Equal(expected, Assert.IsType<Softmax>(Assert.Single(model.Import().Nodes)).Axis);
        AssertSameAsOnnxRuntime(model);
    }

    [Theory]
    [InlineData("Softmax", 1, "Reshape Softmax Reshape")]
    [InlineData("Softmax", 2, "Reshape Softmax Reshape")]
    [InlineData("LogSoftmax", 1, "Reshape Softmax Reshape")]
    [InlineData("LogSoftmax", 3, "Softmax")]
    public void Softmax_before_opset_13_takes_dimensions_together(string operation, int axis, string layers)
    {
        OnnxModelBuilder model = new OnnxModelBuilder(11).Input("x", "N", 3, 4, 5).Node(operation, "x", "y", ("axis", axis)).Output("y");
        Assert.Equal(layers, string.Join(' ', model.Import().Nodes.Select(n => n.Operator)));
        AssertSameAsOnnxRuntime(model);
    }

    [Theory]
    [InlineData(0L, -1L)]
    [InlineData(-1L, 12L)]
    [InlineData(0L, 12L)]
    public void A_reshape_to_batch_by_features_is_a_flatten(long first, long second)
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", "N", 3, 4).Integers("shape", first, second)
            .Node("Reshape", "x shape", "y").Output("y");
        Assert.Equal([new Flatten("y", "x", "y")], model.Import().Nodes);
        AssertSameAsOnnxRuntime(model);
    }

    [Fact]
    public void A_reshape_that_changes_nothing_leaves_no_trace()
    {
        Graph graph = new OnnxModelBuilder().Input("x", "N", 6).Integers("shape", -1, 6).Node("Relu", "x", "h")
            .Node("Reshape", "h shape", "g").Node("Relu", "g", "y").Output("y").Import();
        Assert.Equal([new Relu("h", "x", "h"), new Relu("y", "h", "y")], graph.Nodes);
    }

    [Theory]
    [InlineData(1L, -1L)]
    [InlineData(-1L, 6L)]
    [InlineData(4L, 3L)]
    public void A_reshape_that_mixes_samples_of_an_open_batch_is_refused(long first, long second)
    {
        string error = new OnnxModelBuilder().Input("x", "N", 3, 4).Integers("shape", first, second).Node("Reshape", "x shape", "y").Output("y").ImportError();
        Assert.Equal($"node 'y' (Reshape, opset 13) reshapes N×3×4 to [{first}, {second}], which does not fit for every batch; give a whole input shape (--input-shape)", error);
    }

    [Fact]
    public void A_reshaped_constant_is_a_constant()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", 1, 4).Random("w", 2, 2, 3).Integers("shape", 4, -1)
            .Node("Reshape", "w shape", "w2").Node("MatMul", "x w2", "y").Output("y");
        Assert.Equal(new TensorShape(3, 4), model.Import().WeightOf("w2").Shape);
        AssertSameAsOnnxRuntime(model);
    }

    [Fact]
    public void Flatten_of_an_open_batch_keeps_it_or_is_refused()
    {
        AssertSameAsOnnxRuntime(new OnnxModelBuilder().Input("x", "N", 1, 4).Node("Flatten", "x", "y", ("axis", 2)).Output("y"));
        Assert.Equal(
            "node 'y' (Flatten, opset 13) has the axis 2 for an input of shape N×3×4, which joins the open batch with others; give a whole input shape (--input-shape)",
            new OnnxModelBuilder().Input("x", "N", 3, 4).Node("Flatten", "x", "y", ("axis", 2)).Output("y").ImportError());
    }

    [Fact]
    public void Dropout_keeps_its_ratio_from_attribute_or_input()
    {
        Graph old = new OnnxModelBuilder(10).Input("x", "N", 3).Node("Dropout", "x", "y", ("ratio", 0.25f)).Output("y").Import();
        Graph recent = new OnnxModelBuilder(13).Input("x", "N", 3).Floats("r", [], 0.125f).Node("Dropout", "x r", "y").Output("y").Import();
        Assert.Equal([new Dropout("y", "x", "y", 0.25f)], old.Nodes);
        Assert.Equal([new Dropout("y", "x", "y", 0.125f)], recent.Nodes);
    }

    [Fact]
    public void Identities_leave_no_trace_even_at_an_output()
    {
        Graph graph = new OnnxModelBuilder().Input("x", "N", 3).Random("w", 3, 3).Node("Identity", "w", "w2").Node("Identity", "x", "x2")
            .Node("MatMul", "x2 w2", "h").Node("Identity", "h", "y").Output("y").Import();
        Assert.Equal([new Linear("h", "x", "y", "w2", null)], graph.Nodes);
    }

    [Fact]
    public void Constant_nodes_serve_as_weights_and_shapes()
    {
        TensorProto weight = OnnxModelBuilder.Tensor("", DataType.Float, 4, 1);
        weight.FloatData.Add([1f, 2f, 3f, 4f]);
        Graph graph = new OnnxModelBuilder().Input("x", "N", 2, 2)
            .Node("Constant", "", "shape", ("value_ints", new[] { 0, -1 })).Node("Reshape", "x shape", "flat")
            .Node("Constant", "", "w", ("value", weight)).Node("Constant", "", "b", ("value_floats", new[] { 5f }))
            .Node("Gemm", "flat w b", "y").Output("y").Import();
        Assert.Equal([1f, 2f, 3f, 4f], graph.WeightOf("w").Values.ToArray());
        Assert.Equal([5f], graph.WeightOf("b").Values.ToArray());
    }

    [Fact]
    public void Residual_sums_of_activations_stay_sums()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", "N", 3).Node("Relu", "x", "h").Node("Add", "h x", "y").Output("y");
        Assert.Equal([new Relu("h", "x", "h"), new Add("y", "h", "x", "y")], model.Import().Nodes);
        AssertSameAsOnnxRuntime(model);
    }

    [Fact]
    public void Clip_takes_its_bounds_from_attributes_before_opset_11_and_from_inputs_after()
    {
        OnnxModelBuilder old = new OnnxModelBuilder(10).Input("x", "N", 3).Node("Clip", "x", "y", ("min", -0.5f), ("max", 0.25f)).Output("y");
        OnnxModelBuilder recent = new OnnxModelBuilder(11).Input("x", "N", 3).Floats("low", [], -0.5f).Floats("high", [], 0.25f)
            .Node("Clip", "x low high", "y").Output("y");
        OnnxModelBuilder half = new OnnxModelBuilder().Input("x", "N", 3).Floats("high", [], 0.25f).Node("Clip", "x _ high", "y").Output("y");
        Assert.Equal([new Clip("y", "x", "y", -0.5f, 0.25f)], old.Import().Nodes);
        Assert.Equal([new Clip("y", "x", "y", -0.5f, 0.25f)], recent.Import().Nodes);
        Assert.Equal([new Clip("y", "x", "y", float.MinValue, 0.25f)], half.Import().Nodes);
        AssertSameAsOnnxRuntime(old);
        AssertSameAsOnnxRuntime(recent);
        AssertSameAsOnnxRuntime(half);
    }

    [Fact]
    public void Clip_with_crossed_bounds_gives_the_upper_one() => AssertSameAsOnnxRuntime(
        new OnnxModelBuilder().Input("x", "N", 3).Floats("low", [], 0.5f).Floats("high", [], -0.25f).Node("Clip", "x low high", "y").Output("y"));

    [Fact]
    public void Clip_by_what_the_network_computes_is_a_maximum_and_a_minimum() => AssertSameAsOnnxRuntime(
        new OnnxModelBuilder().Input("x", "N", 3).Node("ReduceMin", "x", "low").Node("Constant", "", "shape", ("value_ints", Array.Empty<int>()))
            .Node("Reshape", "low shape", "l").Node("Clip", "x l", "y").Output("y"), fixedBatch: true);

    [Fact]
    public void Clip_by_several_values_or_by_no_number_is_refused()
    {
        Assert.Equal(
            "node 'y' (Clip, opset 13) has 3 values in its min; only one is supported",
            new OnnxModelBuilder().Input("x", "N", 3).Floats("low", [3], 1, 2, 3).Node("Clip", "x low", "y").Output("y").ImportError());
        Assert.Equal(
            "layer 'y' (Clip) has a bound that is no number",
            new OnnxModelBuilder(7).Input("x", "N", 3).Node("Clip", "x", "y", ("min", float.NaN)).Output("y").ImportError());
    }

    [Fact]
    public void Activations_agree_with_onnx_runtime()
    {
        OnnxModelBuilder model = new OnnxModelBuilder(14).Input("x", "N", 50).Random("w", 50, 40).Node("MatMul", "x w", "h")
            .Node("LeakyRelu", "h", "a").Node("LeakyRelu", "a", "b", ("alpha", 0.3f)).Node("HardSwish", "b", "c").Node("Sigmoid", "c", "y").Output("y");
        Assert.Equal(
            [new LeakyRelu("a", "h", "a", 0.01f), new LeakyRelu("b", "a", "b", 0.3f), new HardSwish("c", "b", "c"), new Sigmoid("y", "c", "y")],
            model.Import().Nodes.Skip(1));
        AssertSameAsOnnxRuntime(model);
    }

    [Fact]
    public void HardSwish_before_its_opset_is_refused() => Assert.Equal(
        "node 'y' (HardSwish, opset 13) is an operator of opset 14; only from there on is it supported",
        new OnnxModelBuilder(13).Input("x", "N", 3).Node("HardSwish", "x", "y").Output("y").ImportError());

    [Theory]
    [InlineData("NOTSET", 3, 2, 0, 0, 0, 0)]
    [InlineData("VALID", 3, 2, 0, 0, 0, 0)]
    [InlineData("SAME_UPPER", 3, 2, 0, 0, 1, 1)]
    [InlineData("SAME_LOWER", 3, 2, 1, 1, 0, 0)]
    [InlineData("SAME_UPPER", 4, 2, 1, 1, 1, 1)]
    public void Auto_pad_of_transposed_convolutions_becomes_padding(string autoPad, int kernel, int stride, int top, int left, int bottom, int right)
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", 1, 2, 4, 5).Random("w", 2, 3, kernel, kernel).Random("b", 3)
            .Node("ConvTranspose", "x w b", "y", ("auto_pad", autoPad), ("strides", new[] { stride, stride })).Output("y");
        ConvTranspose2d conv = Assert.IsType<ConvTranspose2d>(Assert.Single(model.Import().Nodes));
        Assert.Equal(new Window2d(kernel, kernel, stride, stride, top, left, bottom, right), conv.Window);
        AssertSameAsOnnxRuntime(model);
    }

    [Theory]
    [InlineData(10, 8, 0, 0, 0, 0, 1, 0)]
    [InlineData(8, 9, 1, 0, 0, 0, 0, 1)]
    [InlineData(7, 5, 1, 2, 1, 1, 0, 0)]
    public void An_output_shape_becomes_padding_or_output_padding(
        int rows, int columns, int top, int left, int bottom, int right, int outputPadY, int outputPadX)
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", 1, 2, 4, 3).Random("w", 2, 3, 3, 2).Random("b", 3)
            .Node("ConvTranspose", "x w b", "y", ("output_shape", new[] { rows, columns }), ("strides", new[] { 2, 3 })).Output("y");
        ConvTranspose2d conv = Assert.IsType<ConvTranspose2d>(Assert.Single(model.Import().Nodes));
        Assert.Equal(new TensorShape(1, 3, rows, columns), model.Import().Shapes["y"]);
        Assert.Equal(
            (new Window2d(3, 2, 2, 3, top, left, bottom, right), outputPadY, outputPadX), (conv.Window, conv.OutputPadY, conv.OutputPadX));
        AssertSameAsOnnxRuntime(model);
    }

    [Fact]
    public void Auto_pad_of_a_transposed_convolution_with_gaps_between_its_kernels_is_refused() => Assert.Equal(
        "node 'y' (ConvTranspose, opset 13) has auto_pad = SAME_UPPER and a kernel that does not reach over its stride, which is not supported; give output_shape",
        new OnnxModelBuilder().Input("x", 1, 2, 4, 5).Random("w", 2, 3, 1, 1)
            .Node("ConvTranspose", "x w", "y", ("auto_pad", "SAME_UPPER"), ("strides", new[] { 2, 2 })).Output("y").ImportError());

    [Fact]
    public void An_output_shape_beyond_the_output_padding_is_refused() => Assert.Equal(
        "layer 'y' (ConvTranspose2d) has the output padding 2×0; it must be below the larger of stride and dilation",
        new OnnxModelBuilder().Input("x", 1, 2, 4, 3).Random("w", 2, 3, 3, 2)
            .Node("ConvTranspose", "x w", "y", ("output_shape", new[] { 11, 8 }), ("strides", new[] { 2, 3 })).Output("y").ImportError());

    [Fact]
    public void A_constant_added_to_a_transposed_convolution_becomes_its_bias()
    {
        OnnxModelBuilder model = new OnnxModelBuilder().Input("x", 1, 4, 3, 3).Random("w", 4, 3, 2, 2).Random("bias", 6, 1, 1)
            .Node("ConvTranspose", "x w", "h", ("group", 2), ("strides", new[] { 2, 2 }), ("output_padding", new[] { 1, 0 }))
            .Node("Add", "h bias", "y").Output("y");
        Assert.Equal(
            [new ConvTranspose2d("h", "x", "y", "w", "bias", new Window2d(2, 2, 2, 2), 2, 1, 0)], model.Import().Nodes);
        AssertSameAsOnnxRuntime(model);
    }

    private static void AssertSameAsOnnxRuntime(OnnxModelBuilder model, bool fixedBatch = false)
    {
        Graph graph = fixedBatch
            ? model.Import(new OnnxImportOptions(ImmutableDictionary<string, TensorShape>.Empty.Add("", new TensorShape(1, 3))))
            : model.Import();
        using OnnxRuntimeModel reference = new(model.ToBytes(), threads: 1);
        float[] input = GraphBuilder.Sample(graph, seed: 7);
        double[] ours = GraphEvaluator.Run(graph, input);
        float[] theirs = reference.Run(input);
        TensorShape shape = graph.Shapes[graph.Outputs[0]];
        Assert.Equal((shape.IsBatchSymbolic ? shape.WithBatch(1) : shape).Dims, Assert.Single(reference.OutputShapes));
        Assert.All(ours.Zip(theirs), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * Math.Max(1, Math.Abs(pair.First))));
    }
}
