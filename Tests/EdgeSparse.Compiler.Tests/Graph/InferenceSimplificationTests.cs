using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Graphs;

public sealed class InferenceSimplificationTests
{
    private static readonly TensorShape Image = new(TensorShape.Symbolic, 4, 6, 6);

    [Fact]
    public void Dropout_between_convolution_and_batch_norm_does_not_keep_them_apart()
    {
        Graph graph = new GraphBuilder(Image)
            .Conv("conv", 5, Window2d.Square(3)).Dropout("drop").BatchNorm("bn").Relu("relu").Dropout("drop2").Flatten("flat").Linear("fc", 3).Build();
        Graph simple = InferenceSimplification.Apply(graph);
        Assert.Equal(["conv", "relu", "flat", "fc"], simple.Nodes.Select(n => n.Name));
        FoldBatchNormTests.AssertSameOutput(graph, simple);
    }

    [Fact]
    public void Layers_that_change_nothing_are_taken_out()
    {
        Graph graph = new GraphBuilder(Image)
            .Relu("relu1").Relu("relu2").MaxPool("pool1", Window2d.Square(1)).AveragePool("pool2", Window2d.Square(1))
            .GlobalAveragePool("mean").GlobalAveragePool("mean2").Flatten("flat1").Flatten("flat2").Linear("fc", 2).Build();
        Graph simple = InferenceSimplification.Apply(graph);
        Assert.Equal(["relu1", "mean", "flat1", "fc"], simple.Nodes.Select(n => n.Name));
        FoldBatchNormTests.AssertSameOutput(graph, simple);
    }

    [Fact]
    public void A_relu_goes_only_where_nothing_negative_reaches_it()
    {
        Graph graph = new GraphBuilder(Image)
            .Sigmoid("gate").Relu("relu1").Clip("relu6", 0, 6).Relu("relu2")
            .LeakyRelu("leaky", 0.1f).Relu("relu3").HardSwish("swish").Relu("relu4")
            .Clip("signed", -1, 1).Relu("relu5").Clip("crossed", 0, -1).Relu("relu6b").Build();
        Graph simple = InferenceSimplification.Apply(graph);
        Assert.Equal(
            ["gate", "relu6", "leaky", "relu3", "swish", "relu4", "signed", "relu5", "crossed", "relu6b"], simple.Nodes.Select(n => n.Name));
        FoldBatchNormTests.AssertSameOutput(graph, simple);
    }

    [Fact]
    public void The_output_keeps_its_name_when_its_writer_is_taken_out()
    {
        GraphBuilder builder = new GraphBuilder(Image).Relu("relu").Dropout("drop").Dropout("drop2");
        Graph simple = InferenceSimplification.Apply(builder.Build());
        Assert.Equal(["drop2.out"], simple.Outputs);
        Assert.Equal([new Relu("relu", "input", "drop2.out")], simple.Nodes);
    }

    [Fact]
    public void Other_readers_of_a_renamed_output_follow_it()
    {
        GraphBuilder builder = new GraphBuilder(Image).Conv("conv", 4, Window2d.Square(3, pad: 1)).Relu("early");
        builder.Last = "conv.out";
        builder.Dropout("drop");
        builder.Last = "conv.out";
        Graph graph = builder.Add("sum", "early.out").Build("sum.out", "drop.out");
        Graph simple = InferenceSimplification.Apply(graph);
        Assert.Equal(["conv", "early", "sum"], simple.Nodes.Select(n => n.Name));
        Assert.Equal(["drop.out", "early.out"], simple.NodeOf("sum").Inputs);
        FoldBatchNormTests.AssertSameOutput(graph, simple);
    }

    [Fact]
    public void A_dropout_from_input_to_output_stays_because_nothing_else_writes_the_output()
    {
        Graph graph = new GraphBuilder(Image).Dropout("drop").Build();
        Assert.Same(graph, InferenceSimplification.Apply(graph));
    }

    [Fact]
    public void Layers_and_weights_that_reach_no_output_go()
    {
        GraphBuilder builder = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 6)).Linear("fc1", 5).Linear("unused", 4);
        Graph simple = InferenceSimplification.Apply(builder.Build("fc1.out"));
        Assert.Equal(["fc1"], simple.Nodes.Select(n => n.Name));
        Assert.Equal(["fc1.bias", "fc1.weight"], simple.Weights.Keys.Order());
    }

    [Fact]
    public void What_is_simple_already_stays_the_same_graph()
    {
        Graph graph = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 6)).Linear("fc1", 5).Relu("r").Linear("fc2", 4).Build();
        Assert.Same(graph, InferenceSimplification.Apply(graph));
    }
}
