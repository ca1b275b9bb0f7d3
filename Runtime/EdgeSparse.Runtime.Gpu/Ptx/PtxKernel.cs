using EdgeSparse.Runtime.Offload;

namespace EdgeSparse.Runtime.Gpu;

/// <summary>A kernel compiled for one architecture.</summary>
/// <param name="Kernel">Which one.</param>
/// <param name="EntryPoint">The name of its only entry point.</param>
/// <param name="SharedBytes">Shared memory that a group of its threads takes, declared in the text.</param>
/// <param name="Text">A PTX module.</param>
internal sealed record PtxKernel(DeviceKernel Kernel, string EntryPoint, int SharedBytes, string Text);
