using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;

namespace EdgeSparse.Compiler.Tests.Packing.Lowering;

/// <summary>The steps that operators become, and the copies that they do without.</summary>
public sealed class LoweredStepsTests
{
    private static readonly TensorShape Map = new(1, 4, 6, 6);

    [Fact]
    public void Channels_are_joined_and_picked_without_leaving_slots()
    {
        Node[] two = [Conv("a", "x", "w"), Conv("b", "x", "w")];
        Node last = Conv("y", "c", "w8");
        Assert.Equal(
            "Relayout Conv2d Conv2d Channels Channels Conv2d Relayout",
            Steps(Map, [.. two, new Concat("c", ["a", "b"], "c", 1), last]));
        Assert.Equal(
            "Relayout Conv2d Channels Conv2d Relayout",
            Steps(Map, [Conv("a", "x", "w"), new Slice("c", "a", "c", [new(0, 1, 1), new(1, 1, 2), new(0, 1, 6), new(0, 1, 6)]), Conv("y", "c", "w2")]));
        Assert.Equal(
            "Relayout Conv2d Channels Conv2d Relayout",
            Steps(Map, [Conv("a", "x", "w"), new Gather("c", "a", "c", 1, [3, 1], new TensorShape(2)), Conv("y", "c", "w2")]));
    }

    [Fact]
    public void A_channel_shuffle_is_one_step_and_none_after_a_concatenation()
    {
        Node[] shuffle =
        [
            new Reshape("g", "a", "g", new TensorShape(1, 2, 2, 6, 6)), new Transpose("t", "g", "t", [0, 2, 1, 3, 4]),
            new Reshape("s", "t", "s", Map),
        ];
        Assert.Equal("Relayout Conv2d Channels Conv2d Relayout", Steps(Map, [Conv("a", "x", "w"), .. shuffle, Conv("y", "s", "w")]));

        // Each half of the shuffled channels comes straight from the two that were concatenated.
        Node[] halves =
        [
            Conv("l", "x", "w"), Conv("r", "x", "w"),
            new Slice("l2", "l", "l2", [new(0, 1, 1), new(0, 1, 2), new(0, 1, 6), new(0, 1, 6)]),
            new Slice("r2", "r", "r2", [new(0, 1, 1), new(2, 1, 2), new(0, 1, 6), new(0, 1, 6)]),
            new Concat("a", ["l2", "r2"], "a", 1),
        ];
        Node half = new Slice("h", "s", "h", [new(0, 1, 1), new(0, 1, 2), new(0, 1, 6), new(0, 1, 6)]);
        Assert.Equal(
            "Relayout Conv2d Conv2d Channels Channels Conv2d Relayout",
            Steps(Map, [.. halves, .. shuffle, half, Conv("y", "h", "w2")]));
    }

    [Fact]
    public void A_shortcut_of_every_second_pixel_and_zero_channels_is_a_convolution_that_the_sum_goes_into()
    {
        Node[] nodes =
        [
            Conv("a", "x", "w"),
            new Conv2d("b", "a", "b", "w3", null, Window2d.Square(3, 2, 1), 1),
            new Slice("s", "a", "s", [new(0, 1, 1), new(0, 1, 4), new(0, 2, 4), new(0, 2, 4)]),
            new Pad("p", "s", "p", [0, 2, 0, 0], [0, 2, 0, 0], PadMode.Constant),
            new Add("sum", "b", "p", "sum"), new Relu("y", "sum", "y"),
        ];
        Assert.Equal("Relayout Conv2d Conv2d Conv2d+Relu Relayout", Steps(new TensorShape(1, 4, 8, 8), [.. nodes]));
    }

    [Fact]
    public void A_number_a_channel_is_a_scale_where_it_is_constant_and_an_operand_where_it_is_not()
    {
        Node[] gate = [Conv("a", "x", "w"), new GlobalAveragePool("m", "a", "m"), new Sigmoid("s", "m", "s")];
        Assert.Equal(
            "Relayout Conv2d GlobalAveragePool Activate+Sigmoid Binary+Relu Relayout",
            Steps(Map, [.. gate, new Binary("p", "s", "a", "p", BinaryFunction.Mul), new Relu("y", "p", "y")]));
        Assert.Equal(
            "Relayout Conv2d+Sigmoid ChannelAffine+Relu Relayout",
            Steps(Map, [Conv("a", "x", "w"), new Sigmoid("s", "a", "s"), new Constant("c", "c", "perChannel"), new Binary("p", "c", "s", "p", BinaryFunction.Sub), new Relu("y", "p", "y")]));
        Assert.Equal(
            "Relayout Conv2d+Relu Relayout",
            Steps(Map, [Conv("a", "x", "w"), new Constant("c", "c", "perChannel"), new Binary("p", "c", "a", "p", BinaryFunction.Sub), new Relu("y", "p", "y")]));
        Assert.Equal("Constant Binary", Steps(Map, [new Constant("c", "c", "row"), new Binary("y", "x", "c", "y", BinaryFunction.Add)]));
    }

    [Fact]
    public void A_pool_over_the_whole_map_is_a_global_one()
    {
        TensorShape map = new(1, 4, 8, 8);
        Assert.Equal(
            "Relayout Conv2d GlobalAveragePool",
            Steps(map, [Conv("a", "x", "w"), new AveragePool("y", "a", "y", Window2d.Square(8))]));
        Assert.Equal(
            "Relayout Conv2d GlobalMaxPool",
            Steps(map, [Conv("a", "x", "w"), new MaxPool("y", "a", "y", Window2d.Square(8, 3))]));
        Assert.Equal(
            "Relayout Conv2d Relayout AveragePool Relayout",
            Steps(map, [Conv("a", "x", "w"), new AveragePool("y", "a", "y", Window2d.Square(7))]));
    }

    [Fact]
    public void A_window_that_reaches_beyond_the_whole_map_is_a_global_pool_where_padding_does_not_count()
    {
        Window2d window = new(7, 7, 1, 1, 0, 0, 1, 1);
        Node Pool(bool countIncludePad) => new AveragePool("y", "a", "y", window, CountIncludePad: countIncludePad);
        TensorShape map = new(1, 4, 6, 6);
        Assert.Equal("Relayout Conv2d GlobalAveragePool", Steps(map, [Conv("a", "x", "w"), Pool(false)]));
        Assert.Equal("Relayout Conv2d GlobalMaxPool", Steps(map, [Conv("a", "x", "w"), new MaxPool("y", "a", "y", window)]));
        Assert.Contains(" AveragePool", Steps(map, [Conv("a", "x", "w"), Pool(true)]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_takes_a_grid_of_more_slots_where_that_is_less_than_the_copy_it_spares()
    {
        // On 16 lanes 28×28 pixels are 49 slots in 4×4 regions, 56 in the 8×2 regions that a pool to 14×14 reads.
        TensorShape map = new(1, 4, 28, 28);
        Node pool = new MaxPool("y", "a", "y", Window2d.Square(2, 2));
        Assert.Equal("Relayout Conv2d MaxPool Relayout", Steps(map, [Conv("a", "x", "w"), pool], lanes: 16));
        Node Wide(string output, string input) => new Conv2d(output, input, output, "w3", null, Window2d.Square(3, 1, 1), 1);
        Assert.Equal(
            "Relayout Conv2d Conv2d Conv2d Conv2d Conv2d Conv2d Relayout MaxPool Relayout",
            Steps(map, [Wide("f", "x"), Conv("e", "f", "w8"), Wide("d", "e"), Conv("c", "d", "w8"), Wide("b", "c"), Conv("a", "b", "w8"), pool], lanes: 16));
    }

    [Fact]
    public void Movements_one_after_the_other_are_one_and_those_that_cancel_are_none()
    {
        Assert.Equal(
            "Rearrange",
            Steps(Map, [new Reshape("a", "x", "a", new TensorShape(1, 2, 2, 36)), new Transpose("b", "a", "b", [0, 3, 2, 1]), new Reshape("y", "b", "y", new TensorShape(36, 4))]));
        Assert.Equal(
            "Activate+Relu",
            Steps(Map, [new Transpose("a", "x", "a", [0, 2, 3, 1]), new Relu("r", "a", "r"), new Transpose("y", "r", "y", [0, 3, 1, 2])]));
        Assert.Equal(
            "Activate+Relu Rearrange",
            Steps(Map, [new Relu("r", "x", "r"), new DepthToSpace("y", "r", "y", 2, ColumnRowDepth: false)]));
    }

    [Fact]
    public void A_transposed_convolution_is_a_convolution_of_all_phases_and_one_movement()
    {
        Node conv = new ConvTranspose2d("t", "x", "t", "w3t", null, Window2d.Square(3, 2, 1), 1, 1, 1);
        Assert.Equal("Relayout Conv2d+Relu Relayout Rearrange", Steps(Map, [conv, new Relu("y", "t", "y")]));
        PackedLayer layer = Packer.Pack(GraphOf(Map, [conv]), new PackOptions()).Layers.Single();
        Assert.Equal(("t", 4 * 2, 4 * 4), (layer.Name, layer.Rows, layer.Columns));

        Node plain = new ConvTranspose2d("y", "x", "y", "w3t", null, Window2d.Square(3, 1, 1), 1);
        Assert.Equal("Relayout Conv2d Relayout", Steps(Map, [plain]));
    }

    [Fact]
    public void Many_rows_are_a_map_that_stays_in_slots_from_layer_to_layer()
    {
        Node[] network =
        [
            new Linear("a", "x", "a", "fc1", null), new Pointwise("g", "a", "g", PointwiseFunction.Gelu), new Linear("y", "g", "y", "fc2", null),
        ];
        Assert.Equal("Rearrange Relayout Conv2d+Gelu Conv2d Relayout Rearrange", Steps(new TensorShape(1, 16, 4), [.. network]));
    }

    [Fact]
    public void A_weight_is_stored_once_for_all_samples_of_a_batch_and_all_rows()
    {
        Graph batch = GraphOf(new TensorShape(3, 4, 6, 6), [Conv("a", "x", "w"), new Relu("r", "a", "r"), Conv("y", "r", "w")]);
        PackedModel packed = Packer.Pack(batch, new PackOptions());
        BlobSummary blob = BlobInspector.Inspect(packed.Bytes.Span);
        Assert.Equal(["a", "y"], packed.Layers.Select(l => l.Name));
        Assert.Equal(2, blob.Tensors.Length);
        Assert.Equal(6, blob.Operations.Count(o => o.Kind == "Conv2d"));
        Assert.Equal(3, blob.Operations.Count(o => o is { Kind: "Conv2d", Activation: "Relu" }));

        Graph rows = GraphOf(new TensorShape(3, 4), [new Linear("y", "x", "y", "fc1", null)]);
        BlobSummary linear = BlobInspector.Inspect(Packer.Pack(rows, new PackOptions()).Bytes.Span);
        Assert.Single(linear.Tensors);
        Assert.Equal(3, linear.Operations.Count(o => o.Kind == "Linear"));
    }

    [Fact]
    public void Reductions_and_normalisations_are_steps_over_rows()
    {
        Assert.Equal("Relayout GlobalAveragePool", Steps(Map, [new Reduce("y", "x", "y", ReduceFunction.Mean, [2, 3], false)]));
        Assert.Equal("Reduce", Steps(Map, [new Reduce("y", "x", "y", ReduceFunction.Sum, [1, 2], false)]));
        Assert.Equal("Rearrange Reduce", Steps(Map, [new Reduce("y", "x", "y", ReduceFunction.Sum, [1, 3], false)]));
        Assert.Equal("Normalise Constant Binary Constant Binary", Steps(Map, [new LayerNorm("y", "x", "y", "row", "row", 3, 0.1f)]));
        Assert.Equal("Normalise ChannelAffine", Steps(Map, [new InstanceNorm("y", "x", "y", "perChannelVector", "perChannelVector", 0.1f)]));
        Assert.Equal("Relayout Conv2d LocalResponse Relayout", Steps(Map, [Conv("a", "x", "w"), new LocalResponseNorm("y", "a", "y", 3, 1, 0.75f, 1)]));
        Assert.Equal("Relayout GlobalMaxPool", Steps(Map, [new GlobalMaxPool("y", "x", "y")]));
    }

    [Fact]
    public void A_resize_sums_along_each_axis_or_moves()
    {
        Resize Of(ResizeMode mode) => new(
            "y", "x", "y", new TensorShape(1, 4, 12, 9), [1, 1, 2, 1.5], mode, ResizeCoordinates.HalfPixel, ResizeRounding.RoundPreferFloor);
        Assert.Equal("Resample Resample", Steps(Map, [Of(ResizeMode.Linear)]));
        Assert.Equal("Rearrange", Steps(Map, [Of(ResizeMode.Nearest)]));
    }

    [Fact]
    public void The_same_graph_gives_the_same_bytes()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            Assert.Equal(
                Packer.Pack(RandomOperators.Create(seed, 8), new PackOptions()).Bytes.ToArray(),
                Packer.Pack(RandomOperators.Create(seed, 8), new PackOptions()).Bytes.ToArray());
        }
    }

    private static Conv2d Conv(string name, string input, string weight) => new(name, input, name, weight, null, Window2d.Square(1), 1);

    private static string Steps(TensorShape input, ImmutableArray<Node> nodes, int lanes = 8) => string.Join(
        ' ',
        BlobInspector.Inspect(Packer.Pack(GraphOf(input, nodes), new PackOptions { Lanes = lanes }).Bytes.Span).Operations
            .Select(o => o.Activation == "None" ? o.Kind : $"{o.Kind}+{o.Activation}"));

    private static Graph GraphOf(TensorShape input, ImmutableArray<Node> nodes)
    {
        Weight[] weights =
        [
            GraphMaker.Ones("w", 4, 4, 1, 1), GraphMaker.Ones("w2", 4, 2, 1, 1), GraphMaker.Ones("w8", 4, 8, 1, 1), GraphMaker.Ones("w3", 8, 4, 3, 3),
            GraphMaker.Ones("w3t", 4, 2, 3, 3), GraphMaker.Ones("fc1", 8, 4), GraphMaker.Ones("fc2", 4, 8), GraphMaker.Ones("perChannel", 4, 1, 1),
            new Weight("perChannelVector", new TensorShape(4), [1, 2, 3, 4]), new Weight("row", new TensorShape(6), [1, 2, 3, 4, 5, 6]),
        ];
        HashSet<string> used = [.. nodes.SelectMany(n => n.WeightNames)];
        return GraphMaker.Make(input, [nodes[^1].Output], nodes, [.. weights.Where(w => used.Contains(w.Name))]);
    }
}
