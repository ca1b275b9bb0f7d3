using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Packing;

public sealed class PackerTests
{
    private static readonly TensorShape Vector = new(1, 4);

    [Fact]
    public void A_relu_goes_into_the_layer_before_it_unless_something_else_reads_that()
    {
        Weight weight = GraphMaker.Ones("w", 4, 4);
        Graph chain = GraphMaker.Make(Vector, ["r"], [new Linear("l", "x", "y", "w", null), new Relu("r", "y", "r")], weight);
        Assert.Equal([("Linear", "Relu")], Steps(chain));
        Graph two = GraphMaker.Make(
            Vector, ["s"], [new Linear("l", "x", "y", "w", null), new Relu("r", "y", "r"), new Add("s", "y", "r", "s")], weight);
        Assert.Equal([("Linear", "None"), ("Activate", "Relu"), ("Add", "None")], Steps(two));
        Graph given = GraphMaker.Make(Vector, ["y", "r"], [new Linear("l", "x", "y", "w", null), new Relu("r", "y", "r")], weight);
        Assert.Equal([("Linear", "None"), ("Activate", "Relu")], Steps(given));
        Graph sum = GraphMaker.Make(Vector, new Add("s", "x", "x", "s"), new Relu("r", "s", "r"));
        Assert.Equal([("Add", "Relu")], Steps(sum));
    }

    [Fact]
    public void Dropout_leaves_no_trace_and_flattening_needs_no_step_of_its_own()
    {
        Graph graph = GraphMaker.Make(
            new TensorShape(1, 2, 3, 4), ["y"],
            [new MaxPool("p", "x", "p", Window2d.Square(2)), new Flatten("f", "p", "f"), new Dropout("d", "f", "d", 0.5f), new Linear("l", "d", "y", "w", null)],
            GraphMaker.Ones("w", 5, 12));

        // Pooling works on slots, a network's input and a vector's elements are planar: one copy into slots, one out of them.
        Assert.Equal([("Relayout", "None"), ("MaxPool", "None"), ("Relayout", "None"), ("Linear", "None")], Steps(graph));
    }

    [Fact]
    public void A_batch_norm_that_no_layer_takes_over_becomes_a_scale_and_shift_a_channel()
    {
        Graph graph = GraphMaker.Make(
            new TensorShape(1, 2, 1, 2), ["y"], [new BatchNorm("n", "x", "y", "g", "b", "m", "v", 0)],
            new Weight("g", new TensorShape(2), [2, 3]), new Weight("b", new TensorShape(2), [1, -1]),
            new Weight("m", new TensorShape(2), [5, 0]), new Weight("v", new TensorShape(2), [4, 9]));
        using Model model = Model.FromBytes(Packer.Pack(graph, new PackOptions()).Bytes.Span);
        Assert.Equal(["ChannelAffine"], model.Layers.Select(l => l.Operation));
        using Session session = model.CreateSession();
        float[] y = new float[4];
        session.Run([5, 7, 1, 2], y);
        Assert.Equal([1, 3, 0, 1], y);
    }

    [Fact]
    public void Scaling_reaches_the_input_and_must_fit_its_channels()
    {
        Graph graph = GraphMaker.Make(new TensorShape(1, 3, 2, 2), new Relu("r", "x", "r"));
        InputScaling fitting = new([1, 2, 3], [4, 5, 6]);
        using Model model = Model.FromBytes(Packer.Pack(fitting.ApplyTo(graph), new PackOptions()).Bytes.Span);
        Assert.Equal([1, 2, 3], model.Inputs[0].Scaling!.Mean);
        Assert.Equal([4, 5, 6], model.Inputs[0].Scaling!.Std);
        AssertRefused(
            "the input 'x' has the shape 1×3×2×2, but 'edgesparse.input.mean' gives 2 channels",
            new InputScaling([1, 2], [1, 2]).ApplyTo(graph), new PackOptions());
    }

    [Fact]
    public void What_a_blob_cannot_hold_is_refused_by_the_name_of_the_layer_or_value()
    {
        PackOptions options = new();
        AssertRefused(
            "'x' has the shape 1×1×1×1×1×1×1×1×2; inputs and outputs of a blob have up to 8 dimensions",
            GraphMaker.Make(new TensorShape(1, 1, 1, 1, 1, 1, 1, 1, 2), new Relu("r", "x", "r")), options);
        Graph linear = GraphMaker.Make(Vector, ["y"], [new Linear("l", "x", "y", "w", null)], GraphMaker.Ones("w", 3, 4));
        AssertRefused("vectors of 5 floats are not supported; 16, 8, 4 are", linear, options with { Lanes = 5 });
        AssertRefused(
            "a format is asked for 'k', which is no layer with weights; those are l",
            linear, options with { Formats = options.Formats.Add("k", WeightLayout.Csr) });
        AssertRefused(
            "layer 'l' has the value NaN in 'w' at element 2; weights are finite numbers",
            linear.WithWeights([new Weight("w", new TensorShape(3, 4), [0, 0, float.NaN, 0, 0, 0, 0, 0, 0, 0, 0, 0])]), options);
        Graph conv = GraphMaker.Make(
            new TensorShape(1, 1, 4, 4), ["y"], [new Conv2d("c", "x", "y", "w", null, Window2d.Square(1), 1)], GraphMaker.Ones("w", 1, 1, 1, 1));
        AssertRefused(
            "layer 'c' cannot be packed as sliced-ell: that format is for fully connected layers",
            conv, options with { Formats = options.Formats.Add("c", WeightLayout.SlicedEll) });
    }

    [Fact]
    public void An_activation_with_more_elements_than_32_bits_count_is_refused() => Assert.Equal(
        "the activation 'x' needs 2147395616 elements with its padding; 536870896 are possible",
        Assert.Throws<PackingException>(() => ValueLayout.Planar("x", new PlaneShape(1, 46_340, 46_340))).Message);

    [Fact]
    public void Names_and_windows_that_readers_refuse_are_refused()
    {
        AssertRefused(
            "the name 'a b' has 3 bytes or a control character; up to 4096 bytes of text are possible",
            GraphMaker.Make(Vector, new Relu("a\nb", "x", "y")), new PackOptions());
        AssertRefused(
            "layer 'p' (AveragePool) has a kernel, stride or dilation above 65535",
            GraphMaker.Make(new TensorShape(1, 1, 1, 65_540), new AveragePool("p", "x", "y", new Window2d(1, 65_536))), new PackOptions());
    }

    [Fact]
    public void Networks_with_several_inputs_and_with_no_layer_at_all_run()
    {
        Graph sum = new(
            "sum", [new GraphValue("a", Vector), new GraphValue("b", Vector)], ["y", "a"], [new Add("s", "a", "b", "y")],
            System.Collections.Immutable.ImmutableDictionary<string, Weight>.Empty);
        using Model model = Model.FromBytes(Packer.Pack(sum, new PackOptions()).Bytes.Span);
        using Session session = model.CreateSession();
        session.SetInput(0, [1, 2, 3, 4]);
        session.SetInput(1, [10, 20, 30, 40]);
        session.Run();
        session.Run();
        float[] y = new float[4];
        session.GetOutput(0, y);
        Assert.Equal([11, 22, 33, 44], y);
        session.GetOutput(1, y);
        Assert.Equal([1, 2, 3, 4], y);

        using Model nothing = Model.FromBytes(Packer.Pack(GraphMaker.Make(Vector, ["x"], []), new PackOptions()).Bytes.Span);
        using Session idle = nothing.CreateSession();
        idle.Run([5, 6, 7, 8], y);
        Assert.Equal([5, 6, 7, 8], y);
    }

    private static IEnumerable<(string Kind, string Activation)> Steps(Graph graph) =>
        BlobInspector.Inspect(Packer.Pack(graph, new PackOptions()).Bytes.Span).Operations.Select(o => (o.Kind, o.Activation));

    private static void AssertRefused(string message, Graph graph, PackOptions options) =>
        Assert.Equal(message, Assert.Throws<PackingException>(() => Packer.Pack(graph, options)).Message);
}
