using System.Collections.Immutable;
using EdgeSparse.Compiler.Tests.Onnx;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Tests.Verification;

public sealed class LayerReportsTests
{
    [Fact]
    public void Layers_are_described_without_running_them()
    {
        using Model model = VerifierTests.Blob(TestNetworks.All["mlp"]());
        ImmutableArray<LayerReport> layers = LayerReports.Describe(model);
        Assert.Equal(["fc1", "fc2", "prob"], layers.Select(l => l.Name));
        Assert.Equal((20, 30), (layers[0].Rows, layers[0].Columns));
        Assert.NotNull(layers[0].Format);
        Assert.Null(layers[2].Format);
        Assert.All(layers, l => Assert.Null(l.MeasuredMicroseconds));
        Assert.All(layers, l => Assert.Null(l.Share));
    }

    [Fact]
    public void Shares_of_measured_layers_add_up_to_one()
    {
        using Model model = VerifierTests.Blob(TestNetworks.All["mlp"]());
        ImmutableArray<LayerReport> layers = LayerReports.Measure(
            model, BenchInputs.Random(30, seed: 1), threads: 1, seconds: 0.02, TestContext.Current.CancellationToken);
        Assert.All(layers, l => Assert.True(l.MeasuredMicroseconds > 0));
        Assert.Equal(1, layers.Sum(l => l.Share!.Value), 9);
    }

    [Fact]
    public void Reasons_and_predictions_are_read_where_the_blob_has_them()
    {
        Dictionary<string, LayerReports.PackedNote> packed = LayerReports.Packed(
            """
            {"layers":[
              {"name":"fc1","format":"csr","reason":"cheapest","predictedMicroseconds":1.5,"measuredMicroseconds":1.25},
              {"name":"fc2"},{"name":"fc3","predictedMicroseconds":2,"measuredMicroseconds":"fast"},{"reason":"of nothing"},7]}
            """);
        Assert.Equal(3, packed.Count);
        Assert.Equal(new("cheapest", 1.5, 1.25), packed["fc1"]);
        Assert.Equal(new(null, null, null), packed["fc2"]);
        Assert.Equal(new(null, 2, null), packed["fc3"]);
        Assert.Empty(LayerReports.Packed("""{"layers":3}"""));
        Assert.Empty(LayerReports.Packed("[]"));
        Assert.Throws<BlobFormatException>(() => LayerReports.Packed("{"));
    }
}
