namespace EdgeSparse.Runtime.Offload;

/// <summary>One kernel of a plan.</summary>
/// <param name="Kernel">Which one.</param>
/// <param name="Layer">The operation that it belongs to, by its place in <see cref="Model.Layers"/>.</param>
/// <param name="Groups">Groups of threads.</param>
/// <param name="Threads">Threads of a group.</param>
/// <param name="Samples">How often these are there, one after another along the grid's second dimension: the samples, or 1.</param>
/// <param name="Step">The kernel's argument.</param>
internal sealed record DeviceLaunch(DeviceKernel Kernel, int Layer, int Groups, int Threads, int Samples, DeviceStep Step);
