using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class ConstantTests
{
    [Fact]
    public void A_constant_is_there_for_every_run_and_no_step_of_the_plan()
    {
        var blob = new BlobBuilder();
        int x = GeneralCase.Input(blob, "x", 3);
        int constant = blob.Vector("c", 3);
        int y = GeneralCase.Output(blob, 3);
        blob.Step("c", OperationKind.Constant, -1, constant, parameters: new[] { 1f, 20f, 300f });
        blob.Step("sum", OperationKind.Add, x, y, input1: constant);
        Assert.Equal([1], PlanLayers.Of(blob));
        Assert.Equal([2f, 22f, 303f], KernelRun.Run(blob, Hardware.Best, [1, 2, 3]));
    }

    [Fact]
    public void A_constant_may_be_an_output_of_a_network_without_another_step()
    {
        var blob = new BlobBuilder();
        GeneralCase.Input(blob, "x", 1);
        int y = GeneralCase.Output(blob, 2);
        blob.Step("c", OperationKind.Constant, -1, y, parameters: new[] { float.NegativeInfinity, 5f });
        Assert.Equal([float.NegativeInfinity, 5f], KernelRun.Run(blob, Hardware.Best, [0]));
    }
}
