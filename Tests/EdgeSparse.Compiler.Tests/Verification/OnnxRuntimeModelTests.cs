using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Tests.Onnx;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;
using DataType = EdgeSparse.Compiler.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeSparse.Compiler.Tests.Verification;

public sealed class OnnxRuntimeModelTests
{
    [Fact]
    public void An_open_batch_counts_as_one_sample()
    {
        using OnnxRuntimeModel model = new(OnnxExporter.ToBytes(TestNetworks.All["convnet"]()), threads: 1);
        Assert.Equal([1, 3, 9, 11], model.InputShape);
        Assert.Equal([1, 5], Assert.Single(model.OutputShapes));
    }

    [Fact]
    public void Several_outputs_come_one_after_the_other()
    {
        byte[] bytes = new OnnxModelBuilder().Input("x", "n", 2).Node("Relu", "x", "y").Node("Neg", "x", "z").Output("z").Output("y").ToBytes();
        using OnnxRuntimeModel model = new(bytes, threads: 1);
        Assert.Equal([[1, 2], [1, 2]], model.OutputShapes.Select(s => s.ToArray()));
        Assert.Equal([1f, -2f, 0f, 2f], model.Run([-1f, 2f]));
    }

    [Fact]
    public void Inputs_and_outputs_of_float16_are_converted()
    {
        OnnxModelBuilder builder = new OnnxModelBuilder().InputOf(DataType.Float16, "x", 1, 2).Node("Relu", "x", "y").Output("y");
        builder.GraphProto.Output[0].Type.TensorType.ElemType = (int)DataType.Float16;
        using OnnxRuntimeModel model = new(builder.ToBytes(), threads: 1);
        Assert.Equal([0f, 1.2001953125f], model.Run([-1f, 1.2f]));
    }

    [Fact]
    public void Runs_do_not_disturb_one_another()
    {
        using OnnxRuntimeModel model = new(OnnxExporter.ToBytes(VerifierTests.Identity(2)), threads: 1);
        float[] first = model.Run([1f, 2f]);
        float[] second = model.Run([3f, 4f]);
        Assert.Equal([1f, 2f], first);
        Assert.Equal([3f, 4f], second);
    }

    [Fact]
    public void A_wrong_length_is_refused()
    {
        using OnnxRuntimeModel model = new(OnnxExporter.ToBytes(VerifierTests.Identity(2)), threads: 1);
        Assert.Equal(
            "the ONNX model has 2 inputs and 2 outputs, not 3 and 2",
            Assert.ThrowsAny<EdgeSparseException>(() => model.Run([1f, 2f, 3f])).Message);
    }

    [Fact]
    public void Files_that_onnx_runtime_refuses_give_one_line()
    {
        string path = Path.Combine(Path.GetTempPath(), "edgesparse-no-such-model.onnx");
        AssertOneLine($"cannot load the ONNX model '{path}': ", () => new OnnxRuntimeModel(path, threads: 1));
        AssertOneLine("cannot load the ONNX model in memory: ", () => new OnnxRuntimeModel([1, 2, 3], threads: 1));
    }

    [Fact]
    public void Inputs_that_are_not_one_float_tensor_of_batch_one_are_refused()
    {
        Assert.Equal(
            "the input 'x' of the ONNX model is no float tensor; only that is supported",
            Error(new OnnxModelBuilder().InputOf(DataType.Double, "x", 1, 3).Node("Relu", "x", "y").Output("y")));
        Assert.Equal(
            "the input 'x' of the ONNX model has an open dimension in place 1; only the batch may be open",
            Error(new OnnxModelBuilder().Input("x", 1, "n").Node("Relu", "x", "y").Output("y")));
        Assert.Equal(
            "the input 'x' of the ONNX model has a fixed batch of 4; it must be 1 or open",
            Error(new OnnxModelBuilder().Input("x", 4, 2).Node("Relu", "x", "y").Output("y")));
        Assert.Equal(
            "the ONNX model has 2 inputs; one is supported",
            Error(new OnnxModelBuilder().Input("x", 1, 2).Input("z", 1, 2).Node("Add", "x z", "y").Output("y")));
    }

    private static string Error(OnnxModelBuilder model)
    {
        foreach (var output in model.GraphProto.Output)
        {
            output.Type.TensorType.ElemType = model.GraphProto.Input[0].Type.TensorType.ElemType;
        }

        return Assert.ThrowsAny<EdgeSparseException>(() => new OnnxRuntimeModel(model.ToBytes(), threads: 1)).Message;
    }

    private static void AssertOneLine(string start, Func<object> action)
    {
        string message = Assert.ThrowsAny<EdgeSparseException>(action).Message;
        Assert.StartsWith(start, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
