using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Packing;

/// <summary>The bytes of an .esb file and what became of each layer.</summary>
/// <param name="Bytes">The whole file.</param>
/// <param name="Layers">Layers with weights, in execution order.</param>
public sealed record PackedModel(ReadOnlyMemory<byte> Bytes, ImmutableArray<PackedLayer> Layers);

/// <summary>One weight in the blob, and why it lies there as it does.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Layout">The format chosen.</param>
/// <param name="Reason">What the choice was made from: the times measured or predicted for each format, or that it was asked for.</param>
/// <param name="Rows">Outputs of the layer (channels for a convolution).</param>
/// <param name="Columns">Products a row of the dense layer has.</param>
/// <param name="NonZeros">Weights that are not zero.</param>
/// <param name="Bytes">Values, indices, pointers, row map and bias together.</param>
/// <param name="PredictedMicroseconds">What the cost table says of one run of the layer.</param>
/// <param name="MeasuredMicroseconds">What a run took when the format was chosen by measuring, else null.</param>
public sealed record PackedLayer(
    string Name, WeightLayout Layout, string Reason, int Rows, int Columns, long NonZeros, long Bytes, double PredictedMicroseconds,
    double? MeasuredMicroseconds);
