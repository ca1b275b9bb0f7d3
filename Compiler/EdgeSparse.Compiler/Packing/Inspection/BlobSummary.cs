using System.Collections.Immutable;
using System.Text.Json;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Packing;

/// <summary>What is in a blob; all of it serialises to JSON.</summary>
/// <param name="FormatVersion">Version of the file format.</param>
/// <param name="Digest">XXH128 of the file after its first 32 bytes, 32 hexadecimal digits, high half first.</param>
/// <param name="BlobBytes">Size of the file.</param>
/// <param name="ArenaBytes">Activation memory of each session.</param>
/// <param name="Weights">All tensors together.</param>
/// <param name="Sections">The parts of the file in order.</param>
/// <param name="Inputs">Inputs of the network.</param>
/// <param name="Outputs">Outputs of the network.</param>
/// <param name="Tensors">The weights, in order of first use.</param>
/// <param name="Operations">The plan.</param>
/// <param name="Values">The activations and their places in the arena.</param>
/// <param name="Metadata">Compiler, target, graph metadata and provenance; see docs/format.md.</param>
public sealed record BlobSummary(
    int FormatVersion,
    string Digest,
    long BlobBytes,
    long ArenaBytes,
    WeightTotals Weights,
    ImmutableArray<SectionSummary> Sections,
    ImmutableArray<TensorInfo> Inputs,
    ImmutableArray<TensorInfo> Outputs,
    ImmutableArray<TensorSummary> Tensors,
    ImmutableArray<OperationSummary> Operations,
    ImmutableArray<ValueSummary> Values,
    JsonElement Metadata);

/// <summary>Sums over the tensors of convolutions and fully connected layers.</summary>
/// <param name="Total">Weights of the dense network, biases not counted.</param>
/// <param name="NonZeros">Weights left.</param>
/// <param name="Sparsity">Share of weights that are gone, 0 to 1.</param>
/// <param name="DenseBytes">What all weights would take as fp32.</param>
/// <param name="Bytes">What values, indices, pointers and row maps take in the blob, biases not counted.</param>
public sealed record WeightTotals(long Total, long NonZeros, double Sparsity, long DenseBytes, long Bytes);

/// <summary>One part of the file.</summary>
public sealed record SectionSummary(string Name, long Offset, long Bytes);

/// <summary>One weight.</summary>
/// <param name="Name">The tensor's name in the network.</param>
/// <param name="Layer">The first layer that uses it.</param>
/// <param name="Shape">The tensor's shape.</param>
/// <param name="Format">For example Csr16; docs/format.md has all.</param>
/// <param name="Rows">Outputs.</param>
/// <param name="Columns">Products of an output.</param>
/// <param name="NonZeros">Weights that are not zero.</param>
/// <param name="Sparsity">Share of weights that are zero, 0 to 1.</param>
/// <param name="Fill">Share of the stored values that are weights, not padding or zeros: what the format makes of the sparsity.</param>
/// <param name="ValueBytes">fp32 values.</param>
/// <param name="IndexBytes">Column or offset indices, and the windows that they count in.</param>
/// <param name="PointerBytes">Starts of rows or entries.</param>
/// <param name="RowMapBytes">Rows of the lanes.</param>
/// <param name="BiasBytes">fp32 bias.</param>
public sealed record TensorSummary(
    string Name,
    string Layer,
    ImmutableArray<int> Shape,
    string Format,
    int Rows,
    int Columns,
    long NonZeros,
    double Sparsity,
    double Fill,
    long ValueBytes,
    long IndexBytes,
    long PointerBytes,
    long RowMapBytes,
    long BiasBytes);

/// <summary>One step of the plan.</summary>
/// <param name="Name">The layer's name, or one made from it for steps that the packer adds.</param>
/// <param name="Kind">What it computes.</param>
/// <param name="Activation">Applied to the result, for example Relu, or None.</param>
/// <param name="Inputs">Names of the values read.</param>
/// <param name="Output">Name of the value written.</param>
/// <param name="Tensor">Name of its weight, or null.</param>
/// <param name="Kernel">What runs it on this machine.</param>
public sealed record OperationSummary(
    string Name, string Kind, string Activation, ImmutableArray<string> Inputs, string Output, string? Tensor, string Kernel);

/// <summary>One activation.</summary>
/// <param name="Name">The value's name in the network, or one made from it.</param>
/// <param name="Channels">Planes.</param>
/// <param name="Height">Rows of a plane.</param>
/// <param name="Width">Pixels of a row.</param>
/// <param name="Lanes">Lanes that share the map out, 1 for pixels in row-major order.</param>
/// <param name="GridY">Rows of regions, 0 where lanes take the pixels in row-major order.</param>
/// <param name="GridX">Columns of regions.</param>
/// <param name="RegionY">Rows of slots of a region.</param>
/// <param name="RegionX">Columns of slots.</param>
/// <param name="Halo">Slots above, left, below and right of a region.</param>
/// <param name="Frame">What is beyond the map: None (anything), Zero or Lowest.</param>
/// <param name="ArenaOffset">First byte in the arena.</param>
/// <param name="Bytes">Bytes in the arena, padding included.</param>
public sealed record ValueSummary(
    string Name,
    int Channels,
    int Height,
    int Width,
    int Lanes,
    int GridY,
    int GridX,
    int RegionY,
    int RegionX,
    ImmutableArray<int> Halo,
    string Frame,
    long ArenaOffset,
    long Bytes);
