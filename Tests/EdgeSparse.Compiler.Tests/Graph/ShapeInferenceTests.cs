using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Graphs;

public sealed class ShapeInferenceTests
{
    private const int N = TensorShape.Symbolic;
    private static readonly TensorShape Picture = new(N, 6, 28, 20);

    [Fact]
    public void Convolutions_lose_their_kernel_and_gain_their_padding_on_each_side_apart()
    {
        Window2d window = new(5, 3, 1, 1, PadTop: 2, PadLeft: 0, PadBottom: 1, PadRight: 1);
        Assert.Equal(new TensorShape(N, 8, 27, 19), ConvShape(new TensorShape(8, 6, 5, 3), window));
    }

    [Fact]
    public void Strides_and_dilations_count_whole_windows_only()
    {
        Assert.Equal(new TensorShape(N, 8, 12, 6), ConvShape(new TensorShape(8, 6, 5, 5), new Window2d(5, 5, 2, 3)));
        Assert.Equal(new TensorShape(N, 8, 20, 12), ConvShape(new TensorShape(8, 6, 5, 5), new Window2d(5, 5, DilationY: 2, DilationX: 2)));
    }

    [Theory]
    [InlineData(1, 6)]
    [InlineData(2, 3)]
    [InlineData(6, 1)]
    public void Groups_share_the_input_channels(int groups, int channelsOfGroup) =>
        Assert.Equal(new TensorShape(N, 12, 26, 18), ConvShape(new TensorShape(12, channelsOfGroup, 3, 3), Window2d.Square(3), groups));

    [Theory]
    [InlineData(4, 2, 1, 0, 0, 56, 40)]
    [InlineData(3, 2, 1, 1, 0, 56, 39)]
    [InlineData(3, 1, 0, 0, 0, 30, 22)]
    [InlineData(2, 3, 0, 2, 1, 85, 60)]
    public void A_transposed_convolution_gains_what_its_convolution_would_lose(
        int kernel, int stride, int pad, int outputPadY, int outputPadX, int rows, int columns)
    {
        TensorShape weight = new(6, 4, kernel, kernel);
        ConvTranspose2d node = new("l", "x", "y", "w", null, Window2d.Square(kernel, stride, pad), 2, outputPadY, outputPadX);
        Assert.Equal(new TensorShape(N, 8, rows, columns), Shape(Picture, node, new Weight("w", weight, new float[weight.ElementCount])));
    }

    [Fact]
    public void A_transposed_convolution_that_cannot_be_is_refused()
    {
        static ConvTranspose2d Up(Window2d window, int groups = 1, int outputPad = 0, string? bias = null) =>
            new("l", "x", "y", "w", bias, window, groups, outputPad);

        Weight weight = new("w", new TensorShape(6, 4, 3, 3), new float[216]);
        AssertRefused(
            "layer 'l' (ConvTranspose2d) has 4 groups and the weight 6×4×3×3, which do not fit 6 input channels",
            Picture, Up(Window2d.Square(3), 4), weight);
        AssertRefused(
            "layer 'l' (ConvTranspose2d) has a window of 2×2, but its weight has the shape 6×4×3×3", Picture, Up(Window2d.Square(2)), weight);
        AssertRefused(
            "layer 'l' (ConvTranspose2d) has a bias of shape 4 for 8 outputs",
            Picture, Up(Window2d.Square(3), 2, bias: "b"), weight, new Weight("b", new TensorShape(4), new float[4]));
        AssertRefused(
            "layer 'l' (ConvTranspose2d) has the output padding 2×0; it must be below the larger of stride and dilation",
            Picture, Up(Window2d.Square(3, 2), outputPad: 2), weight);
        AssertRefused(
            "layer 'l' (ConvTranspose2d) has a padding that leaves nothing of its output for the input N×6×1×1",
            new TensorShape(N, 6, 1, 1), Up(Window2d.Square(3, 1, 2)), weight);
    }

    [Fact]
    public void Parameters_of_activations_are_numbers()
    {
        AssertRefused(
            "layer 'l' (LeakyRelu) has alpha = Infinity; it must be finite", Picture, new LeakyRelu("l", "x", "y", float.PositiveInfinity));
        AssertRefused("layer 'l' (Clip) has a bound that is no number", Picture, new Clip("l", "x", "y", 0, float.NaN));
    }

    [Theory]
    [InlineData(28, 3, 2, 0, false, 13)]
    [InlineData(28, 3, 2, 0, true, 14)]
    [InlineData(7, 2, 2, 0, true, 4)]
    [InlineData(8, 2, 2, 0, true, 4)]
    [InlineData(5, 2, 2, 1, false, 3)]
    [InlineData(5, 2, 3, 1, true, 2)]
    public void Pooling_rounds_down_or_up_but_starts_no_window_in_the_far_padding(
        int input, int kernel, int stride, int pad, bool ceil, int output)
    {
        TensorShape shape = Shape(new TensorShape(N, 2, input, input), new MaxPool("p", "x", "y", Window2d.Square(kernel, stride, pad), ceil));
        Assert.Equal(new TensorShape(N, 2, output, output), shape);
    }

    [Fact]
    public void Elementwise_layers_keep_the_shape_and_the_others_reduce_it()
    {
        Assert.Equal(Picture, Shape(Picture, new Relu("l", "x", "y")));
        Assert.Equal(Picture, Shape(Picture, new LeakyRelu("l", "x", "y", 0.1f)));
        Assert.Equal(Picture, Shape(Picture, new Clip("l", "x", "y", 0, 6)));
        Assert.Equal(Picture, Shape(Picture, new HardSwish("l", "x", "y")));
        Assert.Equal(Picture, Shape(Picture, new Sigmoid("l", "x", "y")));
        Assert.Equal(Picture, Shape(Picture, new Dropout("l", "x", "y", 0.5f)));
        Assert.Equal(Picture, Shape(Picture, new Softmax("l", "x", "y", -1)));
        Assert.Equal(Picture, Shape(Picture, new Add("l", "x", "x", "y")));
        Assert.Equal(new TensorShape(N, 6, 1, 1), Shape(Picture, new GlobalAveragePool("l", "x", "y")));
        Assert.Equal(new TensorShape(N, 6 * 28 * 20), Shape(Picture, new Flatten("l", "x", "y")));
        Assert.Equal(new TensorShape(3, 60), Shape(new TensorShape(3, 6, 10), new Flatten("l", "x", "y", Axis: -2)));
        Assert.Equal(new TensorShape(N, 7), Shape(new TensorShape(N, 4), new Linear("l", "x", "y", "w", null), new Weight("w", new TensorShape(7, 4), new float[28])));
    }

    [Fact]
    public void Errors_name_the_layer_its_operator_and_the_shapes()
    {
        AssertRefused(
            "layer 'l' (Linear) has 5 inputs, but its input has the shape N×4",
            new TensorShape(N, 4), new Linear("l", "x", "y", "w", null), new Weight("w", new TensorShape(7, 5), new float[35]));
        AssertRefused(
            "layer 'l' (Linear) has a bias of shape 6 for 7 outputs",
            new TensorShape(N, 4), new Linear("l", "x", "y", "w", "b"),
            new Weight("w", new TensorShape(7, 4), new float[28]), new Weight("b", new TensorShape(6), new float[6]));
        AssertRefused(
            "layer 'l' (Conv2d) has 1 groups and the weight 2×5×3×3, which do not fit 6 input channels",
            Picture, new Conv2d("l", "x", "y", "w", null, Window2d.Square(3), 1), new Weight("w", new TensorShape(2, 5, 3, 3), new float[90]));
        AssertRefused(
            "layer 'l' (Conv2d) has a window of 3×3, but its weight has the shape 2×6×3×1",
            Picture, new Conv2d("l", "x", "y", "w", null, Window2d.Square(3), 1), new Weight("w", new TensorShape(2, 6, 3, 1), new float[36]));
        AssertRefused(
            "layer 'l' (Add) adds the shapes N×4 and N×7, which differ",
            new TensorShape(N, 4), new Add("l", "x", "z", "y"), before: new Linear("before", "x", "z", "w", null),
            weights: new Weight("w", new TensorShape(7, 4), new float[28]));
        AssertRefused("layer 'l' (MaxPool) has a window larger than its padded input N×2×3×3", new TensorShape(N, 2, 3, 3), new MaxPool("l", "x", "y", Window2d.Square(4)));
        AssertRefused(
            "layer 'l' (MaxPool) has a padding as large as its window, so that some windows would hold only padding",
            Picture, new MaxPool("l", "x", "y", Window2d.Square(2, 1, 2)));
        AssertRefused("layer 'l' (MaxPool) needs an input N×C×H×W, got N×4", new TensorShape(N, 4), new MaxPool("l", "x", "y", Window2d.Square(2)));
        AssertRefused("layer 'l' (Softmax) has the axis 2 for an input of shape N×4", new TensorShape(N, 4), new Softmax("l", "x", "y", 2));
        AssertRefused(
            "layer 'l' (Flatten) has the axis 2; only 1 is supported, so that a sample stays in its row",
            Picture, new Flatten("l", "x", "y", 2));
        AssertRefused(
            "layer 'l' (AveragePool) has a window with a kernel, stride or dilation below 1 or a negative padding",
            Picture, new AveragePool("l", "x", "y", new Window2d(2, 2, 0, 1)));
    }

    [Fact]
    public void Dimensions_are_positive_and_only_the_batch_is_symbolic()
    {
        Assert.Equal("N×6×28×20", Picture.ToString());
        Assert.Equal(3360, Picture.ElementCount);
        Assert.Equal(new TensorShape(5, 6, 28, 20), Picture.WithBatch(5));
        Assert.Throws<GraphException>(() => new TensorShape(3, 0));
        Assert.Throws<GraphException>(() => new TensorShape(3, TensorShape.Symbolic));
        Assert.Throws<GraphException>(() => new TensorShape(70_000, 70_000));
    }

    private static TensorShape ConvShape(TensorShape weight, Window2d window, int groups = 1) => Shape(
        Picture, new Conv2d("l", "x", "y", "w", null, window, groups), new Weight("w", weight, new float[weight.ElementCount]));

    private static TensorShape Shape(TensorShape input, Node node, params Weight[] weights) => Make(input, [node], weights).Shapes["y"];

    private static void AssertRefused(string message, TensorShape input, Node node, params Weight[] weights) =>
        Assert.Equal(message, Assert.Throws<GraphException>(() => Make(input, [node], weights)).Message);

    private static void AssertRefused(string message, TensorShape input, Node node, Node before, params Weight[] weights) =>
        Assert.Equal(message, Assert.Throws<GraphException>(() => Make(input, [before, node], weights)).Message);

    private static Graph Make(TensorShape input, ImmutableArray<Node> nodes, Weight[] weights) =>
        new("g", [new GraphValue("x", input)], ["y"], nodes, weights.ToImmutableDictionary(w => w.Name));
}
