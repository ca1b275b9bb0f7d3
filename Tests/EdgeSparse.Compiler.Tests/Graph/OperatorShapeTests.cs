using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Graphs;

/// <summary>Shapes of operators without weights, and what is wrong where there is none.</summary>
public sealed class OperatorShapeTests
{
    private const int N = TensorShape.Symbolic;

    private static readonly TensorShape Image = new(N, 4, 6, 8);

    [Fact]
    public void Operands_broadcast_at_the_last_dimension()
    {
        Assert.Equal(new TensorShape(N, 3, 5), Broadcasting.Of(new(N, 1, 5), new(3, 1)));
        Assert.Equal(new TensorShape(N, 3), Broadcasting.Of(new(1, 3), new(N, 3)));
        Assert.Equal(new TensorShape(2, 3), Broadcasting.Of(new(), new(2, 3)));
        Assert.Null(Broadcasting.Of(new(2, 3), new(2, 4)));
        Assert.Null(Broadcasting.Of(new(N, 3), new(2, 3)));
        Assert.Null(Broadcasting.Of(new(N, 3), new(2, 1, 3)));
    }

    [Fact]
    public void Shapes_follow_the_operators_definitions()
    {
        Assert.Equal(new TensorShape(N, 192), Of(new Reshape("n", "x", "y", new TensorShape(N, 192))));
        Assert.Equal(new TensorShape(N, 8, 4, 6), Of(new Transpose("n", "x", "y", [0, 3, 1, 2])));
        Assert.Equal(
            new TensorShape(N, 4, 3, 8),
            Of(new Slice("n", "x", "y", [SliceRange.Whole(N), SliceRange.Whole(4), new(5, -2, 3), SliceRange.Whole(8)])));
        Assert.Equal(new TensorShape(N, 4, 9, 8), Of(new Pad("n", "x", "y", [0, 0, 1, 0], [0, 0, 2, 0], PadMode.Reflect)));
        Assert.Equal(new TensorShape(N, 2, 3, 6, 8), Of(new Gather("n", "x", "y", 1, [0, 1, 2, 3, 0, 1], new TensorShape(2, 3))));
        Assert.Equal(new TensorShape(N, 6, 8), Of(new Gather("n", "x", "y", 1, [2], new TensorShape())));
        Assert.Equal(new TensorShape(N, 4, 2, 3, 8), Of(new GatherAt("n", "x", "i", "y", 2)));
        Assert.Equal(new TensorShape(N, 4, 6, 8, 3), Of(new GatherAt("n", "i", "x", "y", 0)));
        Assert.Equal(new TensorShape(N, 1, 12, 16), Of(new DepthToSpace("n", "x", "y", 2, ColumnRowDepth: false)));
        Assert.Equal(new TensorShape(N, 16, 3, 4), Of(new SpaceToDepth("n", "x", "y", 2)));
        Assert.Equal(new TensorShape(N, 8), Of(new Reduce("n", "x", "y", ReduceFunction.Max, [1, 2], KeepDimensions: false)));
        Assert.Equal(new TensorShape(N, 4, 1, 8), Of(new ArgExtreme("n", "x", "y", true, 2, true, false)));
        Assert.Equal(new TensorShape(N, 4, 6, 3), Of(new TopK("n", "x", "y", 3, 3, true, false)));
        Assert.Equal(new TensorShape(N, 8, 6, 8), Of(new Concat("n", ["x", "x"], "y", 1)));
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_be_names_the_layer(string message)
    {
        Node node = Broken[message];
        Assert.Equal($"layer 'n' ({node.Operator}) {message}", Assert.Throws<GraphException>(() => Of(node)).Message);
    }

    public static TheoryData<string> Wrong => [.. Broken.Keys];

    private static readonly Dictionary<string, Node> Broken = new()
    {
        ["makes 192 of N×4×6×8, which has other elements or another batch"] = new Reshape("n", "x", "y", new TensorShape(192)),
        ["moves the open batch of N×4×6×8 to another place; give a fixed shape"] = new Transpose("n", "x", "y", [1, 0, 2, 3]),
        ["takes 3 elements from 5 on, 2 apart, of dimension 1 of N×4×6×8"] =
            new Slice("n", "x", "y", [SliceRange.Whole(N), new(5, 2, 3), SliceRange.Whole(6), SliceRange.Whole(8)]),
        ["adds 0 and 6 elements to dimension 2 of N×4×6×8 (Reflect), which is not supported"] =
            new Pad("n", "x", "y", [0, 0, 0, 0], [0, 0, 6, 0], PadMode.Reflect),
        ["is over the open batch of N×4×6×8; give a fixed shape"] = new Reduce("n", "x", "y", ReduceFunction.Sum, [0], true),
        ["wants 9 of the 8 elements along axis 3"] = new TopK("n", "x", "y", 9, 3, true, false),
        ["has the axis 0 for an input of shape N×4×6×8; it must be a fixed dimension"] = new GatherAt("n", "x", "i", "y", 0),
        ["has indices of shape N×4×6×8 along axis 1; with an open batch they go along axis 0"] = new GatherAt("n", "i", "x", "y", 1),
        ["has blocks of 3 for an input of shape N×4×6×8"] = new DepthToSpace("n", "x", "y", 3, false),
        ["multiplies N×4×6×8 by N×4×6×8: 8 columns do not meet 6 rows"] = new MatMul("n", "x", "x", "y"),
        ["joins N×4×6×8 and N×4×6×8 along axis 0, which do not fit"] = new Concat("n", ["x", "x"], "y", 0),
        ["would write N×4×2147483647×8; dimensions are positive, and a tensor has at most 2147483647 elements"] =
            new Pad("n", "x", "y", [0, 0, int.MaxValue - 6, 0], [0, 0, 0, 0], PadMode.Constant),
    };

    private static TensorShape Of(Node node) => new Graph(
        "shapes", [new GraphValue("x", Image), new GraphValue("i", new TensorShape(2, 3))], ["y"], [node], ImmutableDictionary<string, Weight>.Empty).Shapes["y"];
}
