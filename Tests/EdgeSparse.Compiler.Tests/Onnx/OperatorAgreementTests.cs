using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Tests.Graphs;
using EdgeSparse.Compiler.Verification;
using DataType = EdgeSparse.Compiler.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeSparse.Compiler.Tests.Onnx;

/// <summary>Models of one or a few operators: import and evaluation give what ONNX Runtime gives.</summary>
public sealed class OperatorAgreementTests
{
    internal static readonly ImmutableSortedDictionary<string, Func<OnnxModelBuilder>> Models = new Dictionary<string, Func<OnnxModelBuilder>>
    {
        ["functions of one element"] = () => Chain(20, "Abs", "Exp", "Log", "Sqrt", "Reciprocal", "Tanh", "Erf", "Softplus", "Mish", "Gelu", "Neg", "Selu", "Elu", "HardSigmoid"),
        ["functions that make steps"] = () => Image(13).Floats("ten", [], 10).Node("Mul", "x ten", "h").Node("Floor", "h", "f").Node("Ceil", "h", "c")
            .Node("Round", "h", "r").Node("Sign", "h", "s").Node("Sum", "f c r s", "y").Output("y"),
        ["approximate gelu"] = () => Image(20).Node("Gelu", "x", "y", ("approximate", "tanh")).Output("y"),
        ["broadcast arithmetic"] = () => Image(13).Random("a", 3, 1, 1).Random("b", 5).Floats("c", [], 3).Node("Mul", "x a", "h").Node("Sub", "b h", "i")
            .Node("Div", "i c", "j").Node("Pow", "j c", "k").Node("Max", "k a b", "l").Node("Min", "l c", "m").Node("Mean", "m a x", "y").Output("y"),
        ["remainders"] = () => Image(13).Floats("a", [], 0.3f).Node("Mod", "x a", "h", ("fmod", 1)).Node("Add", "h x", "y").Output("y"),
        ["comparisons choose"] = () => Image(16).Floats("a", [], 0.1f).Node("Greater", "x a", "g").Node("LessOrEqual", "x a", "l").Node("Not", "g", "n")
            .Node("And", "n l", "both").Node("Or", "both g", "any").Node("Xor", "any g", "odd").Node("Neg", "x", "z").Node("Where", "odd x z", "y").Output("y"),
        ["slopes of channels"] = () => Image(16).Random("a", 3, 1, 1).Node("PRelu", "x a", "y").Output("y"),
        ["one slope"] = () => Image(16).Floats("a", [1], 0.2f).Node("PRelu", "x a", "y").Output("y"),
        ["reductions by attribute"] = () => Image(12).Node("ReduceMean", "x", "h", ("axes", new[] { -1 }), ("keepdims", 0))
            .Node("ReduceProd", "h", "y", ("axes", new[] { 1 })).Output("y"),
        ["reductions by input"] = () => Image(18).Integers("axes", 2, -1).Node("ReduceMax", "x axes", "a").Node("ReduceMin", "x axes", "b")
            .Node("ReduceSum", "x axes", "c", ("keepdims", 0)).Integers("two", 2, 3).Node("Unsqueeze", "c two", "d").Node("Sum", "a b d", "y").Output("y"),
        ["extremes"] = () => Image(13).Node("ArgMax", "x", "a", ("axis", 2)).Node("ArgMin", "x", "b", ("axis", -2), ("select_last_index", 1))
            .Node("Cast", "a", "c", ("to", 1)).Node("Cast", "b", "d", ("to", 1)).Node("Sub", "c d", "y").Output("y"),
        ["the largest"] = () => Image(11).Integers("k", 3).Node("TopK", "x k", "y", ("axis", 3)).With(m => m.GraphProto.Node[^1].Output.Add("i")).Output("y"),
        ["places computed"] = () => Image(13).Node("ArgMax", "x", "a", ("axis", 3), ("keepdims", 0)).Integers("n", -5).Node("Add", "a n", "i").Random("t", 5, 2)
            .Node("Gather", "t i", "g").Node("ArgMin", "x", "b", ("axis", 2), ("keepdims", 0)).Node("Gather", "g b", "y", ("axis", 2)).Output("y"),
        ["matrices of both sides"] = () => Image(13).Node("Transpose", "x", "t", ("perm", new[] { 0, 1, 3, 2 })).Node("MatMul", "x t", "p").Random("v", 4)
            .Node("MatMul", "p v", "y").Output("y"),
        ["a constant on the left"] = () => Image(13).Random("a", 6, 4).Node("MatMul", "a x", "y").Output("y"),
        ["gemm with a matrix bias"] = () => new OnnxModelBuilder().Input("x", 1, 3).Random("w", 1, 5).Random("c", 3, 5)
            .Node("Gemm", "x w c", "y", ("transA", 1), ("alpha", 0.5f), ("beta", 2f)).Output("y"),
        ["convolution of one dimension"] = () => new OnnxModelBuilder().Input("x", 1, 4, 17).Random("w", 6, 2, 3).Random("b", 6)
            .Node("Conv", "x w b", "h", ("group", 2), ("strides", new[] { 2 }), ("pads", new[] { 1, 0 }), ("dilations", new[] { 2 })).Random("u", 6, 3, 4)
            .Node("ConvTranspose", "h u", "i", ("strides", new[] { 3 }), ("output_padding", new[] { 1 })).Node("MaxPool", "i", "y", ("kernel_shape", new[] { 3 }), ("ceil_mode", 1), ("strides", new[] { 2 })).Output("y"),
        ["convolutions of three dimensions"] = () => new OnnxModelBuilder().Input("x", 1, 4, 5, 6, 7).Random("w", 6, 2, 3, 2, 3).Random("b", 6)
            .Node("Conv", "x w b", "h", ("group", 2), ("strides", new[] { 2, 1, 2 }), ("pads", new[] { 1, 0, 2, 2, 1, 0 }), ("dilations", new[] { 1, 2, 1 }))
            .Random("u", 6, 2, 2, 3, 1).Node("ConvTranspose", "h u", "y", ("group", 2), ("strides", new[] { 3, 1, 2 }), ("pads", new[] { 1, 0, 0, 0, 1, 0 }), ("output_padding", new[] { 2, 0, 1 })).Output("y"),
        ["indices of maxima"] = () => new OnnxModelBuilder().Input("x", 1, 3, 7, 6)
            .Node("MaxPool", "x", "m", ("kernel_shape", new[] { 3, 2 }), ("strides", new[] { 2, 3 }), ("pads", new[] { 1, 1, 1, 1 })).With(m => m.GraphProto.Node[^1].Output.Add("i"))
            .Node("Cast", "i", "f", ("to", 1)).Node("Add", "m f", "y").Output("y"),
        ["indices of maxima down the columns"] = () => new OnnxModelBuilder().Input("x", 1, 2, 5, 6)
            .Node("MaxPool", "x", "m", ("kernel_shape", new[] { 2, 2 }), ("dilations", new[] { 2, 3 }), ("storage_order", 1)).With(m => m.GraphProto.Node[^1].Output.Add("i"))
            .Node("Cast", "i", "f", ("to", 1)).Node("Sub", "m f", "y").Output("y"),
        ["indices of maxima in rows"] = () => new OnnxModelBuilder().Input("x", 1, 2, 9).Node("MaxPool", "x", "m", ("kernel_shape", new[] { 3 }), ("strides", new[] { 2 }))
            .With(m => m.GraphProto.Node[^1].Output.Add("i")).Node("Cast", "i", "y", ("to", 1)).Output("y"),
        ["masks of infinities"] = () => Image(18).Floats("mask", [5], 0, float.NegativeInfinity, 0, 0, float.NegativeInfinity).Floats("inf", [], float.NegativeInfinity)
            .Node("Add", "x mask", "a").Node("Softmax", "a", "s").Node("Greater", "x s", "c").Node("Where", "c x inf", "w").Floats("most", [], float.PositiveInfinity)
            .Node("ReduceMax", "w", "r").Node("Max", "r inf", "m").Node("Min", "m most", "n").Node("Clip", "n inf most", "o").Integers("p", 0, 0, 1, 2, 0, 0, 0, 1).Node("Pad", "x p inf", "q")
            .Node("MaxPool", "q", "v", ("kernel_shape", new[] { 3, 3 })).Node("Add", "v o", "t").Node("ReduceSum", "s", "u").Node("Mul", "t u", "y").Output("y"),
        ["parts without elements"] = () => Split(Image(13), "x", 2, ("axis", 3), [0, 5]).Node("Abs", "p0", "a").Floats("one", [1], 1).Node("Add", "a one", "b")
            .Integers("s", 7).Integers("e", 9).Integers("ax", 3).Node("Slice", "x s e ax", "z").Node("Concat", "b p1 z", "h", ("axis", 3)).Integers("axes", 3)
            .Node("ReduceSum", "z axes", "n").Node("Add", "h n", "y").Output("y"),
        ["pools of three dimensions"] = () => new OnnxModelBuilder().Input("x", 1, 2, 6, 7, 8)
            .Node("AveragePool", "x", "h", ("kernel_shape", new[] { 2, 3, 2 }), ("pads", new[] { 1, 1, 0, 0, 1, 1 }), ("strides", new[] { 2, 1, 2 }))
            .Node("MaxPool", "h", "i", ("kernel_shape", new[] { 2, 2, 2 })).Node("GlobalMaxPool", "i", "y").Output("y"),
        ["normalisations"] = () => Image(21).Random("s", 3).Random("t", 3).Node("InstanceNormalization", "x s t", "h").Node("GroupNormalization", "h s t", "i", ("num_groups", 3))
            .Random("u", 5).Random("v", 4, 1).Node("LayerNormalization", "i u", "j", ("axis", -1)).Node("LRN", "j", "y", ("size", 3), ("alpha", 0.5f)).Output("y"),
        ["slices"] = () => Image(13).Integers("s", -1, 1).Integers("e", -100, 3).Integers("a", 3, 1).Integers("t", -2, 1).Node("Slice", "x s e a t", "y").Output("y"),
        ["slices by attribute"] = () => Image(9).Node("Slice", "x", "y", ("starts", new[] { 1, -3 }), ("ends", new[] { 100, -1 }), ("axes", new[] { 2, 3 })).Output("y"),
        ["pads"] = () => Image(18).Integers("p", 1, 2, 0, 3).Floats("v", [], 1.5f).Integers("a", -2, -1).Node("Pad", "x p v a", "h").Integers("q", 0, 0, 2, 1, 0, 0, 1, -1)
            .Node("Pad", "h q", "i", ("mode", "reflect")).Integers("r", 0, 1, 0, 0, 0, 0, 0, 1).Node("Pad", "i r", "y", ("mode", "edge")).Output("y"),
        ["pieces joined"] = () => Split(Image(13), "x", 2, ("axis", 3), [2, 3]).Node("Concat", "p1 p0 p1", "h", ("axis", -1)).Integers("i", 4, -1, 0).Node("Gather", "h i", "y", ("axis", 3)).Output("y"),
        ["tiles"] = () => Image(13).Integers("r", 1, 2, 1, 3).Node("Tile", "x r", "h").Node("Squeeze", "h", "i").Integers("s", 2, 6, 4, 15).Node("Expand", "i s", "y").Output("y"),
        ["depth and space"] = () => Image(13).Integers("s", 1, 3, 2, 10).Node("Reshape", "x s", "g").Node("SpaceToDepth", "g", "h", ("blocksize", 2))
            .Node("DepthToSpace", "h", "y", ("blocksize", 2), ("mode", "CRD")).Output("y"),
        ["resizes"] = () => Image(19).Floats("s", [4], 1, 1, 1.7f, 0.6f).Node("Resize", "x _ s", "h", ("mode", "linear")).Integers("t", 1, 3, 9, 8)
            .Node("Resize", "h _ _ t", "i", ("mode", "cubic"), ("coordinate_transformation_mode", "align_corners"), ("cubic_coeff_a", -0.5f)).Integers("u", 5, 12)
            .Node("Resize", "i _ _ u", "y", ("axes", new[] { 2, 3 }), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")).Output("y"),
        ["a crop"] = () => Image(19).Floats("r", [4], 0.2f, -0.2f, 0.9f, 0.7f).Integers("t", 3, 6)
            .Node("Resize", "x r _ t", "y", ("axes", new[] { 2, 3 }), ("mode", "linear"), ("coordinate_transformation_mode", "tf_crop_and_resize"), ("extrapolation_value", 9f)).Output("y"),
        ["old resizes"] = () => Image(10).Floats("s", [4], 1, 1, 2, 1.5f).Node("Resize", "x s", "h", ("mode", "linear")).Floats("t", [4], 1, 1, 2, 2).Node("Resize", "h t", "y").Output("y"),
        ["an old upsampling"] = () => Image(9).Floats("s", [4], 1, 1, 2, 3).Node("Upsample", "x s", "y").Output("y"),
        ["a shape computed"] = () => Image(13).Node("Shape", "x", "s").Integers("i", 0).Node("Gather", "s i", "n").Integers("rest", -1, 5).Node("Concat", "n rest", "t", ("axis", 0))
            .Node("Reshape", "x t", "h").Node("Size", "h", "z").Node("Cast", "z", "f", ("to", 1)).Node("Div", "h f", "y").Output("y"),
        ["a shape filled"] = () => Image(13).Integers("s", 3, 3, 1, 1).Node("ConstantOfShape", "s", "w", ("value", One(0.25f))).Node("Conv", "x w", "y").Output("y"),
        ["a weight dequantised"] = () => Image(13).With(m => m.GraphProto.Initializer.Add(Bytes("q", [2, 3, 1, 1], 10, 200, 30, 4, 50, 128))).Floats("s", [2], 0.1f, 0.02f)
            .With(m => m.GraphProto.Initializer.Add(Bytes("z", [2], 100, 128))).Node("DequantizeLinear", "q s z", "w", ("axis", 0)).Node("Conv", "x w", "y").Output("y"),
        ["a quantisation"] = () => Image(13).Floats("s", [], 0.01f).With(m => m.GraphProto.Initializer.Add(Bytes("z", [], 128))).Node("QuantizeLinear", "x s z", "q")
            .Node("Cast", "q", "y", ("to", 1)).Output("y"),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    public static TheoryData<string> Names => [.. Models.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_evaluated_import_agrees_with_onnx_runtime(string name)
    {
        OnnxModelBuilder model = Models[name]();
        Graph graph = model.Import();
        using OnnxRuntimeModel reference = new(model.ToBytes(), threads: 1);
        float[] input = GraphBuilder.Sample(graph, seed: 7);
        double[] ours = GraphEvaluator.Run(graph, input);
        float[] theirs = reference.Run(input);
        Assert.Equal(graph.Shapes[graph.Outputs[0]].Dims, Assert.Single(reference.OutputShapes));
        Assert.All(ours.Zip(theirs), pair => Assert.Equal(pair.First, pair.Second, 2e-5 * Math.Max(1, Math.Abs(pair.First))));
        Graph simple = InferenceSimplification.Apply(graph);
        Assert.All(ours.Zip(GraphEvaluator.Run(simple, input)), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * Math.Max(1, Math.Abs(pair.First))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_packed_import_agrees_with_its_evaluation(string name)
    {
        Graph graph = InferenceSimplification.Apply(Models[name]().Import());
        float[] input = GraphBuilder.Sample(graph, seed: 7);
        double[] expected = GraphEvaluator.Run(graph, input);
        Dictionary<string, double[]> inputs = new() { [graph.Inputs[0].Name] = Array.ConvertAll(input, v => (double)v) };
        double[] packed = Conformance.RunPacked(graph, inputs, new PackOptions())[0];
        Assert.All(expected.Zip(packed), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * Math.Max(1, Math.Abs(pair.First))));
    }

    private static OnnxModelBuilder Image(int opset) => new OnnxModelBuilder(opset).Input("x", 1, 3, 4, 5);

    private static OnnxModelBuilder Chain(int opset, params string[] operations)
    {
        OnnxModelBuilder model = Image(opset);
        string last = "x";
        foreach (string operation in operations)
        {
            model.Node(operation, last, $"y.{operation}");
            last = $"y.{operation}";
        }

        return model.Output(last);
    }

    private static OnnxModelBuilder Split(OnnxModelBuilder model, string input, int parts, (string, object) axis, long[] lengths)
    {
        model.Integers("lengths", lengths).Node("Split", $"{input} lengths", "p0", axis);
        for (int i = 1; i < parts; i++)
        {
            model.GraphProto.Node[^1].Output.Add($"p{i}");
        }

        return model;
    }

    private static TensorProto One(float value)
    {
        TensorProto tensor = OnnxModelBuilder.Tensor("", DataType.Float, 1);
        tensor.FloatData.Add(value);
        return tensor;
    }

    private static TensorProto Bytes(string name, int[] dims, params int[] values)
    {
        TensorProto tensor = OnnxModelBuilder.Tensor(name, DataType.Uint8, dims);
        tensor.Int32Data.Add(values);
        return tensor;
    }
}
