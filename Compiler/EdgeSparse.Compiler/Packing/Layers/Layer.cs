using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>How a layer walks over its input.</summary>
internal enum LayerRole
{
    /// <summary>A matrix times a planar vector.</summary>
    FullyConnected,

    /// <summary>Each slot by itself: input and output have the same geometry.</summary>
    Pixelwise,

    /// <summary>A window slides over the slots.</summary>
    Windowed,

    /// <summary>A map becomes one number a channel.</summary>
    ChannelMean,

    /// <summary>Planar in, planar out.</summary>
    Planar,
}

/// <summary>A node of the lowered network with what was fused into it.</summary>
/// <param name="Node">What is computed first.</param>
/// <param name="Output">The value written: the node's own, or that of the last node fused.</param>
/// <param name="Role">How the layer walks over its input.</param>
internal sealed record Layer(Node Node, string Output, LayerRole Role)
{
    public string Name => Node.Name;

    /// <summary>A value added before the activation, or null.</summary>
    public string? Residual { get; init; }

    public LayerActivation Activation { get; init; }

    /// <summary>Values read, the residual last.</summary>
    public ImmutableArray<string> Inputs => Residual is null ? Node.Inputs : Node.Inputs.Add(Residual);

    /// <summary>The sliding window of a convolution or pool; one pixel for others.</summary>
    public Window2d Window => Node switch
    {
        Conv2d conv => conv.Window,
        MaxPool pool => pool.Window,
        AveragePool pool => pool.Window,
        _ => Window2d.Square(1),
    };

    /// <summary>Whether an input is a planar vector with an element for each of the output's channels.</summary>
    public bool IsChannelVector(int input) => input == 1 && Node is BinaryStep { IsPerChannel: true };

    /// <exception cref="PackingException">Blobs have no such operation.</exception>
    public static LayerRole RoleOf(Node node, LoweredGraph graph) => node switch
    {
        Linear => LayerRole.FullyConnected,
        Conv2d conv when IsProductOfVectors(conv, graph) => LayerRole.FullyConnected,
        Conv2d { Window: { KernelY: 1, KernelX: 1, StrideY: 1, StrideX: 1, PadTop: 0, PadLeft: 0, PadBottom: 0, PadRight: 0 } } =>
            LayerRole.Pixelwise,
        Conv2d or MaxPool or AveragePool => LayerRole.Windowed,
        GlobalAveragePool or GlobalMaxPool => LayerRole.ChannelMean,
        PlanarStep or PartsStep or ViewStep => LayerRole.Planar,
        Add or AffineStep or BinaryStep or ChannelsStep or LocalResponseNorm => LayerRole.Pixelwise,
        _ when LayerActivation.Of(node) is not null => LayerRole.Pixelwise,
        _ => throw new PackingException($"layer '{node.Name}' ({node.Operator}) has no place in a blob"),
    };

    /// <summary>A 1×1 convolution of a map of one pixel is a fully connected layer.</summary>
    private static bool IsProductOfVectors(Conv2d conv, LoweredGraph graph) =>
        conv is { Groups: 1, Window: { KernelY: 1, KernelX: 1, PadTop: 0, PadLeft: 0, PadBottom: 0, PadRight: 0 } }
        && graph.PlanesOf(conv.Input).IsVector;
}
