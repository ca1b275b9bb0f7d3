using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;

namespace EdgeSparse.Compiler.Tests.Packing.Layouts;

public sealed class LayoutAssignmentTests
{
    private static readonly TensorShape Picture = new(1, 3, 8, 10);

    [Fact]
    public void A_padded_convolution_gets_a_zero_border_that_neighbouring_rows_and_planes_share()
    {
        PlaneLayout x = Assign(GraphMaker.Make(
            Picture, ["y"], [new Conv2d("c", "x", "y", "w", null, Window2d.Square(3, pad: 1), 1)], GraphMaker.Ones("w", 4, 3, 3, 3))).Of("x");
        Assert.True(x.ZeroBorder);

        // One column of border a row (10 + 1), one row a plane (9 · 11 = 99, up to whole lines), the first pixel on a line.
        Assert.Equal((11, 112, 16), (x.RowStride, x.PlaneStride, x.Origin));
        Assert.Equal(x.OffsetOf(0, 0, 10), x.OffsetOf(0, 1, -1));
        Assert.True(x.OffsetOf(2, 8, 10) + 15 < x.Elements);
    }

    [Fact]
    public void Two_convolutions_get_the_larger_of_their_paddings()
    {
        LayoutAssignment layouts = Assign(GraphMaker.Make(
            Picture,
            ["y", "z"],
            [
                new Conv2d("c", "x", "y", "w", null, new Window2d(3, 3, 1, 1, 2, 0, 0, 1), 1),
                new Conv2d("d", "x", "z", "w", null, new Window2d(3, 3, 1, 1, 0, 2, 1, 0), 1),
            ],
            GraphMaker.Ones("w", 4, 3, 3, 3)));
        Assert.Equal((10 + 2, 32), (layouts.Of("x").RowStride, layouts.Of("x").Origin));
    }

    [Fact]
    public void Values_that_are_flattened_or_given_out_are_contiguous()
    {
        LayoutAssignment layouts = Assign(GraphMaker.Make(
            Picture,
            ["f", "p"],
            [new MaxPool("p", "x", "p", Window2d.Square(3)), new Relu("r", "x", "r"), new Flatten("f", "r", "f")]));
        Assert.Equal((8, 48, 0), (layouts.Of("p").RowStride, layouts.Of("p").PlaneStride, layouts.Of("p").Origin));
        Assert.Equal((10, 80, 0), (layouts.Of("r").RowStride, layouts.Of("r").PlaneStride, layouts.Of("r").Origin));
        Assert.Null(layouts.CompactCopyOf("p"));
    }

    [Fact]
    public void A_value_that_needs_a_border_and_is_given_out_is_copied()
    {
        LayoutAssignment layouts = Assign(GraphMaker.Make(
            Picture,
            ["r", "y"],
            [new Relu("r", "x", "r"), new Conv2d("c", "r", "y", "w", null, Window2d.Square(3, pad: 1), 1)],
            GraphMaker.Ones("w", 4, 3, 3, 3)));
        Assert.True(layouts.Of("r").ZeroBorder);
        Assert.Equal((10, 80, false), (layouts.CompactCopyOf("r")!.RowStride, layouts.CompactCopyOf("r")!.PlaneStride, layouts.CompactCopyOf("r")!.ZeroBorder));
    }

    [Fact]
    public void A_strided_convolution_reads_planes_split_by_phase_and_asks_for_no_border()
    {
        Conv2d conv = new("c", "x", "y", "w", null, Window2d.Square(3, stride: 2, pad: 1), 1);
        LayoutAssignment layouts = Assign(GraphMaker.Make(Picture, ["y"], [conv], GraphMaker.Ones("w", 4, 3, 3, 3)));
        PlaneLayout split = layouts.Of(PhaseSplit.Of(conv));
        Assert.False(layouts.Of("x").ZeroBorder);

        // Output 4×5; the kernel reaches one pixel further in its phase.
        Assert.Equal((12, 5, 6), (split.Channels, split.Height, split.Width));
    }

    [Fact]
    public void A_chain_of_convolutions_and_elementwise_layers_has_one_row_stride()
    {
        LayoutAssignment layouts = Assign(GraphMaker.Make(
            Picture,
            ["p"],
            [
                new Conv2d("a", "x", "a", "w1", null, Window2d.Square(1), 1),
                new Conv2d("b", "a", "b", "w3", null, Window2d.Square(3, pad: 1), 1),
                new Add("s", "a", "b", "s"),
                new MaxPool("p", "s", "p", Window2d.Square(2, stride: 2)),
            ],
            GraphMaker.Ones("w1", 3, 3, 1, 1),
            GraphMaker.Ones("w3", 3, 3, 3, 3)));
        Assert.All((string[])["x", "a", "b", "s"], value => Assert.Equal(11, layouts.Of(value).RowStride));
    }

    [Fact]
    public void More_padding_than_kernel_leaves_room_for_rows_as_wide_as_the_output()
    {
        LayoutAssignment layouts = Assign(GraphMaker.Make(
            Picture, ["y"], [new Conv2d("c", "x", "y", "w", null, Window2d.Square(1, pad: 2), 1)], GraphMaker.Ones("w", 4, 3, 1, 1)));
        Assert.Equal((14, 14), (layouts.Of("y").Width, layouts.Of("x").RowStride));
    }

    [Fact]
    public void A_fully_connected_layer_can_load_its_last_window_whole()
    {
        LayoutAssignment layouts = Assign(GraphMaker.Make(
            new TensorShape(1, 97), ["y"], [new Linear("l", "x", "y", "w", null)], GraphMaker.Ones("w", 4, 97)));
        Assert.Equal((1, 1, 128), (layouts.Of("x").RowStride, layouts.Of("x").PlaneStride, layouts.Of("x").Elements));
    }

    [Fact]
    public void Planes_do_not_lie_a_multiple_of_4_KiB_apart() =>
        Assert.Equal(1040, PlaneLayout.Planar("x", 2, 32, 32, default, 32).PlaneStride);

    [Fact]
    public void Shapes_of_two_to_four_dimensions_become_planes()
    {
        Assert.Equal(new PlaneShape(7, 1, 1), PlaneShape.Of("x", new TensorShape(TensorShape.Symbolic, 7)));
        Assert.Equal(new PlaneShape(7, 1, 5), PlaneShape.Of("x", new TensorShape(1, 7, 5)));
        Assert.Equal(new PlaneShape(7, 4, 5), PlaneShape.Of("x", new TensorShape(1, 7, 4, 5)));
    }

    private static LayoutAssignment Assign(Graph graph) => new(graph, ActivationFusion.Of(graph), window: 32);
}
