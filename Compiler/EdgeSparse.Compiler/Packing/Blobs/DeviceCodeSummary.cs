using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Packing;

/// <summary>The code for GPUs that a blob carries.</summary>
/// <param name="Architectures">Such as sm_87, the oldest first.</param>
/// <param name="Kernels">What each of them has.</param>
/// <param name="Bytes">Bytes of it in the blob.</param>
/// <param name="DeviceBytes">Memory of a device that a session takes, for one sample.</param>
public sealed record DeviceCodeSummary(ImmutableArray<string> Architectures, ImmutableArray<string> Kernels, long Bytes, long DeviceBytes);
