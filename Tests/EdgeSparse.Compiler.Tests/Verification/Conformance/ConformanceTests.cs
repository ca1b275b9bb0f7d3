using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Onnx;
using EdgeSparse.Compiler.Verification;
using Google.Protobuf;

namespace EdgeSparse.Compiler.Tests.Verification;

public sealed class ConformanceTests
{
    [Fact]
    public void Tests_pass_fail_or_are_unsupported()
    {
        ConformanceReport report = Run(
            new NodeTestTolerance(),
            Relu("right", "Relu", [0, 2]), Relu("wrong", "Relu", [0, 3]), Relu("no such operator", "Frobnicate", [0, 2]), Relu("another", "Frobnicate", [0, 2]));
        Assert.Equal((1, 1, 2), (report.Passed, report.Failed, report.Unsupported));
        Assert.Equal(
            [("right", NodeTestResult.Passed), ("wrong", NodeTestResult.Failed), ("no such operator", NodeTestResult.Unsupported), ("another", NodeTestResult.Unsupported)],
            report.Tests.Select(t => (t.Name, t.Result)));
        Assert.Equal("output 'y' has 2 as element 1, not 3", report.Tests[1].Reason);
        Assert.Equal(
            [
                new ConformanceReason(NodeTestResult.Failed, "output '…' has 2 as element 1, not 3", 1),
                new ConformanceReason(NodeTestResult.Unsupported, "node '…' uses the operator Frobnicate, which is not supported", 2),
            ],
            report.Reasons);
    }

    [Theory]
    [InlineData(null, null, NodeTestResult.Failed)]
    [InlineData(0.1, null, NodeTestResult.Passed)]
    [InlineData(null, 0.05, NodeTestResult.Passed)]
    [InlineData(0.01, 0.01, NodeTestResult.Failed)]
    public void Tolerances_may_be_given(double? absolute, double? relative, NodeTestResult expected) =>
        Assert.Equal(expected, Run(new NodeTestTolerance(absolute, relative), Relu("t", "Relu", [0, 2.1f])).Tests[0].Result);

    [Theory]
    [InlineData("ONNX model 'test_x': node 'a' uses the operator Foo, which is not supported; docs/onnx.md lists those that are", "node '…' uses the operator Foo, which is not supported")]
    [InlineData("node 'p' (MaxPool, opset 22) has an input of shape 1×3×32; only N×C×H×W is supported", "node '…' (MaxPool, opset 22) has an input of shape …; only N×C×H×W is supported")]
    public void Reasons_are_counted_without_what_differs_between_tests(string reason, string inGeneral) =>
        Assert.Equal(inGeneral, Conformance.InGeneral(reason));

    private static ConformanceReport Run(NodeTestTolerance tolerance, params NodeTest[] tests) =>
        Conformance.Run(tests, new PackOptions(), tolerance, IProgressSink.Silent, TestContext.Current.CancellationToken);

    private static NodeTest Relu(string name, string operation, float[] expected) => NodeTest.From(name, Files(operation, expected));

    /// <summary>A test of one operator on (−1, 2).</summary>
    internal static Dictionary<string, byte[]> Files(string operation, float[] expected) => new()
    {
        ["model.onnx"] = new OnnxModelBuilder().Input("x", 1, 2).Node(operation, "x", "y").Output("y").ToBytes(),
        ["test_data_set_0/input_0.pb"] = Tensor([-1, 2]),
        ["test_data_set_0/output_0.pb"] = Tensor(expected),
    };

    private static byte[] Tensor(float[] values)
    {
        TensorProto tensor = new() { DataType = (int)TensorProto.Types.DataType.Float, Dims = { 1, values.Length } };
        tensor.FloatData.Add(values);
        return tensor.ToByteArray();
    }
}
