using EdgeSparse.Compiler.Onnx.Import;
using EdgeSparse.Compiler.Onnx.Proto;
using Google.Protobuf;
using DataType = EdgeSparse.Compiler.Onnx.Proto.TensorProto.Types.DataType;

namespace EdgeSparse.Compiler.Tests.Onnx;

/// <summary>1.5 and −2 in every way that ONNX can store them.</summary>
public sealed class ConstantTensorTests
{
    [Fact]
    public void Floats_are_read_from_raw_bytes_and_from_fields()
    {
        Assert.Equal([1.5f, -2f], Raw(DataType.Float, [0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0]).Floats());
        TensorProto typed = OnnxModelBuilder.Tensor("t", DataType.Float, 2);
        typed.FloatData.Add([1.5f, -2f]);
        Assert.Equal([1.5f, -2f], From(typed).Floats());
    }

    [Fact]
    public void Doubles_are_rounded_to_fp32()
    {
        Assert.Equal([1.5f, -2f], Raw(DataType.Double, [0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0]).Floats());
        TensorProto typed = OnnxModelBuilder.Tensor("t", DataType.Double, 2);
        typed.DoubleData.Add([0.1, -2]);
        Assert.Equal([0.1f, -2f], From(typed).Floats());
    }

    [Fact]
    public void Half_precision_floats_are_widened()
    {
        Assert.Equal([1.5f, -2f], Raw(DataType.Float16, [0, 0x3E, 0, 0xC0]).Floats());
        TensorProto typed = OnnxModelBuilder.Tensor("t", DataType.Float16, 2);
        typed.Int32Data.Add([0x3E00, 0xC000]);
        Assert.Equal([1.5f, -2f], From(typed).Floats());
    }

    [Fact]
    public void Bfloats_are_widened()
    {
        Assert.Equal([1.5f, -2f], Raw(DataType.Bfloat16, [0xC0, 0x3F, 0, 0xC0]).Floats());
        TensorProto typed = OnnxModelBuilder.Tensor("t", DataType.Bfloat16, 2);
        typed.Int32Data.Add([0x3FC0, 0xC000]);
        Assert.Equal([1.5f, -2f], From(typed).Floats());
    }

    [Fact]
    public void Integers_are_read_from_raw_bytes_and_from_fields()
    {
        Assert.Equal([1L, -1L], Raw(DataType.Int64, [1, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]).Integers());
        Assert.Equal([1L, -1L], Raw(DataType.Int32, [1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]).Integers());
        Assert.Equal([1L, 0L], Raw(DataType.Bool, [1, 0]).Integers());
        TensorProto typed = OnnxModelBuilder.Tensor("t", DataType.Int32, 2);
        typed.Int32Data.Add([7, -8]);
        Assert.Equal([7L, -8L], From(typed).Integers());
    }

    [Fact]
    public void Data_that_do_not_match_the_dimensions_are_refused()
    {
        Assert.Equal("tensor 't' has 3 bytes of float16 for the dimensions 2", Error(() => Raw(DataType.Float16, [0, 0, 0]).Floats()));
        Assert.Equal("tensor 't' has 0 values of double for the dimensions 2", Error(() => From(OnnxModelBuilder.Tensor("t", DataType.Double, 2)).Floats()));
        Assert.Equal(
            "tensor 't' holds the unknown type 99; float, double, float16 and bfloat16 are supported here",
            Error(() => From(OnnxModelBuilder.Tensor("t", (DataType)99, 2)).Floats()));
    }

    private static string Error(Func<object> action) => Assert.Throws<EdgeSparse.Compiler.Onnx.OnnxFormatException>(action).Message;

    private static ConstantTensor Raw(DataType type, byte[] bytes)
    {
        TensorProto tensor = OnnxModelBuilder.Tensor("t", type, 2);
        tensor.RawData = ByteString.CopyFrom(bytes);
        return From(tensor);
    }

    private static ConstantTensor From(TensorProto tensor) => ConstantTensor.From(tensor, new ExternalData(folder: null));
}
