using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>Conv with constant weight and bias, over one to three dimensions.</summary>
internal sealed class ConvImport : OperatorImport
{
    public override string Operator => "Conv";

    public override void Import(OnnxNode node, GraphImport graph)
    {
        string x = graph.Activation(node, 0);
        ConstantTensor weight = graph.Constant(node, 1, "weight");
        int rank = graph.ShapeOf(x).Rank;
        ImmutableArray<WindowAxis> axes = WindowAttributes.Read(node, graph.ShapeOf(x), most: 3, KernelOf(node, weight));
        var window = WindowAxis.Of(axes.Length == 1 ? WindowAxis.Pixel : axes[0], axes[^1]);
        int groups = node.Integer("group", 1, 1, int.MaxValue);
        string? bias = node.HasInput(2) ? BiasOf(node, graph, weight.Dims[0]) : null;
        if (axes.Length == 3)
        {
            VolumeConvolution.Emit(node, graph, weight, axes, groups, bias);
            return;
        }

        string w = AddWeight(node, graph, weight);
        string plane = SpatialDimensions.Plane(node, graph, x);
        SpatialDimensions.Emit(node, graph, rank, (name, output) => new Conv2d(name, plane, output, w, bias, window, groups));
    }

    /// <summary>The spatial dimensions of a Conv's or ConvTranspose's weight.</summary>
    public static ImmutableArray<int> KernelOf(OnnxNode node, ConstantTensor weight) =>
        weight.Dims.Length is >= 3 and <= 5 && weight.ElementCount > 0
            ? weight.Dims[2..]
            : throw node.Fail($"has a weight {ConstantTensor.Describe(weight.Dims)}; convolutions over one to three dimensions are supported (rank 3 to 5)");

    /// <summary>The weight, with a row of height 1 where it has one spatial dimension.</summary>
    public static string AddWeight(OnnxNode node, GraphImport graph, ConstantTensor weight)
    {
        ImmutableArray<int> dims = weight.Dims.Length == 3 ? [weight.Dims[0], weight.Dims[1], 1, weight.Dims[2]] : weight.Dims;
        return graph.AddWeight(node, node.Input(1), new TensorShape(dims.AsSpan()), weight.Floats());
    }

    /// <summary>The bias of a Conv or ConvTranspose, its input 2.</summary>
    public static string BiasOf(OnnxNode node, GraphImport graph, int outputs)
    {
        ConstantTensor bias = graph.Constant(node, 2, "bias");
        return bias.Dims.Length == 1 && bias.Dims[0] == outputs
            ? graph.AddWeight(node, node.Input(2), new TensorShape(outputs), bias.Floats())
            : throw node.Fail($"has a bias {ConstantTensor.Describe(bias.Dims)} for {outputs} outputs");
    }
}
