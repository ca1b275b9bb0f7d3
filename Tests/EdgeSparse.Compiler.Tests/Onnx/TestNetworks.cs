using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Tests.Graphs;

namespace EdgeSparse.Compiler.Tests.Onnx;

/// <summary>Small networks that together use every operator of the graph and its attributes.</summary>
internal static class TestNetworks
{
    public static readonly ImmutableSortedDictionary<string, Func<Graph>> All = new Dictionary<string, Func<Graph>>
    {
        ["mlp"] = () => new GraphBuilder(new TensorShape(TensorShape.Symbolic, 30))
            .Linear("fc1", 20, density: 0.2).Relu("relu1").Linear("fc2", 10, bias: false).Softmax("prob").Build(),
        ["convnet"] = () => new GraphBuilder(new TensorShape(TensorShape.Symbolic, 3, 9, 11))
            .Conv("conv1", 8, Window2d.Square(3, pad: 1), density: 0.3).Relu("relu1").MaxPool("pool1", Window2d.Square(2, 2))
            .Conv("conv2", 6, Window2d.Square(3), bias: false).Flatten("flat").Linear("fc", 5).Build(),
        ["asymmetric"] = () => new GraphBuilder(new TensorShape(1, 4, 13, 10))
            .Conv("conv1", 6, new Window2d(3, 2, 2, 1, 1, 0, 2, 1, 1, 2), groups: 2).Relu("r")
            .Conv("depthwise", 6, new Window2d(3, 3, 1, 1, 1, 1, 1, 1), groups: 6).Build(),
        ["residual"] = Residual,
        ["pools"] = () => new GraphBuilder(new TensorShape(TensorShape.Symbolic, 2, 12, 13))
            .MaxPool("max", new Window2d(3, 3, 2, 2, 1, 1, 0, 1), ceilMode: true)
            .AveragePool("mean", new Window2d(3, 2, 1, 1, 1, 0, 1, 1))
            .AveragePool("padded", new Window2d(2, 3, 2, 2, 1, 1, 1, 1), countIncludePad: true)
            .MaxPool("dilated", new Window2d(2, 2, 1, 1, DilationY: 2, DilationX: 1)).Build(),
        ["ceil average"] = () => new GraphBuilder(new TensorShape(TensorShape.Symbolic, 2, 8, 8))
            .AveragePool("a", new Window2d(3, 3, 2, 2, 1, 1, 1, 1), ceilMode: true, countIncludePad: true)
            .AveragePool("b", new Window2d(2, 2, 2, 2), ceilMode: true).Build(),
        ["three dimensions"] = () => new GraphBuilder(new TensorShape(TensorShape.Symbolic, 7, 6))
            .Linear("fc1", 5).Relu("r").Linear("fc2", 4, bias: false).Softmax("prob", axis: 1).Build(),
        ["activations"] = () => new GraphBuilder(new TensorShape(TensorShape.Symbolic, 3, 7, 6))
            .Conv("conv1", 8, Window2d.Square(3, pad: 1)).LeakyRelu("leaky", 0.2f).Conv("conv2", 8, Window2d.Square(1)).Clip("relu6", 0, 6)
            .Conv("conv3", 6, Window2d.Square(3)).HardSwish("swish").Conv("conv4", 4, Window2d.Square(1)).Clip("below", -2, float.MaxValue)
            .Clip("above", float.MinValue, 1.5f).Clip("free", float.MinValue, float.MaxValue).Sigmoid("gate").Build(),
        ["upsampling"] = () => new GraphBuilder(new TensorShape(TensorShape.Symbolic, 4, 5, 6))
            .ConvTranspose("up1", 6, Window2d.Square(4, 2, 1), density: 0.4).BatchNorm("bn").Relu("relu1")
            .ConvTranspose("up2", 4, new Window2d(3, 2, 2, 3, 1, 1, 1, 1), groups: 2, bias: false, outputPadY: 1, outputPadX: 2).BatchNorm("bn2")
            .ConvTranspose("dilated", 3, new Window2d(2, 3, 1, 1, 1, 2, 1, 2, 2, 3)).Build(),
        ["uneven upsampling"] = () => new GraphBuilder(new TensorShape(1, 2, 4, 3))
            .ConvTranspose("up1", 4, new Window2d(3, 3, 2, 2, 0, 1, 1, 0), groups: 2, outputPadY: 1)
            .ConvTranspose("up2", 2, new Window2d(2, 2, 3, 3, 1, 0, 0, 0), outputPadX: 2).Build(),
        ["channel softmax"] = () => new GraphBuilder(new TensorShape(TensorShape.Symbolic, 5, 3, 4)).BatchNorm("bn", 1e-3f).Softmax("prob", axis: 1).Build(),
    }.ToImmutableSortedDictionary();

    /// <summary>One weight read by a layer on a matrix and by one on three dimensions.</summary>
    public static Graph SharedLinear()
    {
        Weight weight = new("w", new TensorShape(6, 6), [.. Enumerable.Range(0, 36).Select(i => i * 0.01f)]);
        return new Graph(
            "shared",
            [new GraphValue("input", new TensorShape(TensorShape.Symbolic, 6, 6))],
            ["c"],
            [new Linear("first", "input", "a", "w", null), new Linear("second", "a", "b", "w", null), new Flatten("flat", "b", "c")],
            ImmutableDictionary<string, Weight>.Empty.Add("w", weight));
    }

    private static Graph Residual()
    {
        GraphBuilder builder = new GraphBuilder(new TensorShape(TensorShape.Symbolic, 4, 8, 8))
            .Conv("conv1", 8, Window2d.Square(3, pad: 1)).BatchNorm("bn1").Relu("relu1");
        string branch = builder.Last;
        builder.Conv("conv2", 8, Window2d.Square(3, pad: 1), bias: false).BatchNorm("bn2");
        return builder.Add("sum", branch).Relu("relu2").GlobalAveragePool("mean").Flatten("flat").Linear("fc", 10).Build();
    }
}
