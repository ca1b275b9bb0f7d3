using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Zoo;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Tests.Packing;

public sealed class BlobInspectorTests
{
    [Fact]
    public void A_dense_lenet_300_100_has_three_tensors_with_all_their_weights()
    {
        BlobSummary summary = Inspect(ModelZoo.Create("lenet-300-100", 1), new PackOptions());
        Assert.Equal(["fc1.weight", "fc2.weight", "fc3.weight"], summary.Tensors.Select(t => t.Name));
        Assert.Equal(["fc1", "fc2", "fc3"], summary.Tensors.Select(t => t.Layer));
        Assert.Equal([300, 784], summary.Tensors[0].Shape);
        Assert.Equal("Dense", summary.Tensors[0].Format);
        Assert.Equal((940_800, 0, 1_200), (summary.Tensors[0].ValueBytes, summary.Tensors[0].IndexBytes, summary.Tensors[0].BiasBytes));
        Assert.Equal((266_200L, 266_200L, 0.0, 1_064_800L, 1_064_800L), (
            summary.Weights.Total, summary.Weights.NonZeros, summary.Weights.Sparsity, summary.Weights.DenseBytes, summary.Weights.Bytes));
    }

    [Fact]
    public void A_pruned_layer_shows_its_sparsity_and_what_its_format_makes_of_it()
    {
        // 4 rows of 2 or 3 weights in one window of 32: two units of 2 entries, of 16 lanes each.
        float[] values = new float[4 * 16];
        foreach (int at in (int[])[0, 1, 16, 18, 32, 35, 48, 49, 8, 24])
        {
            values[at] = 1;
        }

        Graph graph = new(
            "g", [new GraphValue("x", new TensorShape(1, 16))], ["y"], [new Linear("fc", "x", "y", "w", null)],
            System.Collections.Immutable.ImmutableDictionary.CreateRange(
                [KeyValuePair.Create("w", new Weight("w", new TensorShape(4, 16), values, Array.ConvertAll(values, v => v != 0)))]));
        PackOptions options = new() { Lanes = 8 };
        TensorSummary tensor = Inspect(graph, options with { Formats = options.Formats.Add("fc", WeightLayout.SlicedEll) }).Tensors.Single();
        Assert.Equal(("SlicedEll", 10L, 1 - (10.0 / 64), 10.0 / 64), (tensor.Format, tensor.NonZeros, tensor.Sparsity, tensor.Fill));
        Assert.Equal((256L, 64L + 4L, 8L, 64L, 16L), (tensor.ValueBytes, tensor.IndexBytes, tensor.PointerBytes, tensor.RowMapBytes, tensor.BiasBytes));
    }

    [Fact]
    public void The_plan_shows_steps_values_and_sections()
    {
        BlobSummary summary = Inspect(ModelZoo.Create("lenet-5", 1), new PackOptions { Lanes = 16 });

        // Slots are made of the input's pixels, again where a convolution without padding makes its map smaller, and vectors of slots.
        Assert.Equal(
            ["Relayout", "Conv2d", "MaxPool", "Relayout", "Conv2d", "MaxPool", "Relayout", "Linear", "Linear"],
            summary.Operations.Select(o => o.Kind));
        Assert.Equal(
            ["None", "Relu", "None", "None", "Relu", "None", "None", "Relu", "None"], summary.Operations.Select(o => o.Activation));
        Assert.Equal(["input"], summary.Operations[0].Inputs);
        Assert.Equal("input:4x4of6x6", summary.Operations[0].Output);
        Assert.Equal("conv1.relu", summary.Operations[1].Output);
        ValueSummary conv1 = summary.Values.Single(v => v.Name == "conv1.relu");
        Assert.Equal((20, 24, 24), (conv1.Channels, conv1.Height, conv1.Width));
        Assert.Equal((16, 4, 4, 6, 6), (conv1.Lanes, conv1.GridY, conv1.GridX, conv1.RegionY, conv1.RegionX));
        Assert.Equal([0, 0, 0, 0], conv1.Halo);
        Assert.Equal("None", conv1.Frame);
        Assert.All(summary.Operations, o => Assert.NotEmpty(o.Kernel));
        Assert.Equal(["Strings", "Values", "Weights", "Operations", "Bindings", "Data", "Metadata"], summary.Sections.Select(s => s.Name));
        Assert.Equal(summary.BlobBytes, summary.Sections[^1].Offset + summary.Sections[^1].Bytes);
        Assert.Equal(summary.ArenaBytes, summary.Values.Max(v => (v.ArenaOffset + v.Bytes + 63) / 64 * 64));
        Assert.Equal([1, 1, 28, 28], summary.Inputs.Single().Shape);
        Assert.Equal([1, 10], summary.Outputs.Single().Shape);
    }

    [Fact]
    public void Metadata_and_scaling_travel_and_serialise()
    {
        Graph graph = new InputScaling([0.1307f], [0.3081f]).ApplyTo(ModelZoo.Create("lenet-300-100", 1));
        BlobSummary summary = Inspect(graph, new PackOptions { TargetId = "rpi4", Lanes = 4 }
            .WithProvenance(ProvenanceKeys.DenseError, 0.0159).WithProvenance(ProvenanceKeys.SourceModel, "lenet-300-100"));
        JsonElement[] layers = [.. summary.Metadata.GetProperty("layers").EnumerateArray()];
        Assert.Equal(
            [("fc1", "dense"), ("fc2", "dense"), ("fc3", "dense")],
            layers.Select(l => (l.GetProperty("name").GetString(), l.GetProperty("format").GetString())));
        Assert.All(layers, l => Assert.Equal(
            ["format", "name", "predictedMicroseconds", "reason"], l.EnumerateObject().Select(p => p.Name)));
        Assert.All(layers, l => Assert.StartsWith("predicted ", l.GetProperty("reason").GetString()));

        // What the choice costs and why is the cost table's business.
        JsonNode metadata = JsonNode.Parse(summary.Metadata.GetRawText())!;
        metadata.AsObject().Remove("layers");
        Assert.Equal(
            """{"compiler":{"name":"EdgeSparse","version":"0.1.0"},"graph":{"metadata":{"edgesparse.input.mean":"0.1307","edgesparse.input.std":"0.3081"},"name":"lenet-300-100"},"provenance":{"denseError":0.0159,"sourceModel":"lenet-300-100"},"target":{"id":"rpi4","lanes":4}}""",
            metadata.ToJsonString());
        Assert.Equal([0.1307f], summary.Inputs.Single().Scaling!.Mean);
        JsonElement json = JsonSerializer.SerializeToElement(summary, JsonSerializerOptions.Web);
        Assert.Equal("rpi4", json.GetProperty("metadata").GetProperty("target").GetProperty("id").GetString());
        Assert.Equal(300, json.GetProperty("tensors")[0].GetProperty("rows").GetInt32());
    }

    [Fact]
    public void What_is_no_blob_is_refused()
    {
        Assert.Throws<BlobFormatException>(() => BlobInspector.Inspect("no blob at all"u8));
        Assert.Throws<EdgeSparseException>(() => BlobInspector.Inspect(Path.Combine(Path.GetTempPath(), "edgesparse-no-such.esb")));
    }

    private static BlobSummary Inspect(Graph graph, PackOptions options) => BlobInspector.Inspect(Packer.Pack(graph, options).Bytes.Span);
}
