using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Compiler.Zoo;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Zoo;

/// <summary>Published weights give the published results wherever they run; docs/results/onnx.md has those of all 10,000 pictures.</summary>
public sealed class PretrainedResNetTests
{
    private const int Pictures = 1000;

    [Theory]
    [InlineData("resnet-20", "resnet-cifar10/resnet20.safetensors", 919)]
    [InlineData("resnet-56", "resnet-cifar10/resnet56.safetensors", 945)]
    [InlineData("resnet-20-b", "woodfisher/resnet20_cifar10.pth.tar", 915)]
    public void TorchSharp_ONNX_Runtime_and_the_runtime_classify_alike(string network, string file, int right)
    {
        string weights = SharedModels.Path(file);
        DataLocations locations = new();
        Assert.SkipWhen(DatasetCatalog.FolderOf(DatasetCatalog.EntryOf("cifar-10"), locations) is null, "there is no CIFAR-10");
        DataSplit test = DatasetCatalog.Open("cifar-10", locations).Test.Take(Pictures);
        Graph graph = WeightsFile.LoadInto(ModelZoo.Create(network, seed: 1), weights);
        InputScaling scaling = InputScaling.Of(graph)!;

        EvaluationResult torch = Evaluator.Evaluate(graph, test, scaling);
        Assert.Equal((Pictures, right), (torch.Samples, Pictures - torch.Wrong));

        using OnnxRuntimeModel exported = new(OnnxExporter.ToBytes(graph), threads: 1);
        using var model = Model.FromBytes(Packer.Pack(graph, new PackOptions()).Bytes.Span);
        VerificationReport report = Verifier.Verify(model, exported, test, scaling, IProgressSink.Silent, TestContext.Current.CancellationToken);
        Assert.True(report.Passed);
        Assert.Equal(Pictures - right, Math.Round(report.ReferenceError!.Value * Pictures));
        Assert.Equal(Pictures - right, Math.Round(report.SparseError!.Value * Pictures));
    }
}
