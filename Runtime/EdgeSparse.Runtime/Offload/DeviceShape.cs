namespace EdgeSparse.Runtime.Offload;

/// <summary>What a plan for an accelerator is made for.</summary>
/// <param name="GroupThreads">Threads of a group: a power of two up to <see cref="MostGroupThreads"/>.</param>
/// <param name="Batch">Samples of a run, 1 to <see cref="MostSamples"/>.</param>
internal readonly record struct DeviceShape(int GroupThreads, int Batch)
{
    /// <summary>Of the accelerators that kernels are compiled for; what they hold in shared memory is laid out for it.</summary>
    public const int MostGroupThreads = 128;

    /// <summary>CUDA's largest second dimension of a grid.</summary>
    public const int MostSamples = 65535;

    /// <summary>Entries, and their weights, that a group stages in shared memory.</summary>
    public const int StagedEntries = 512;
    public const int StagedValues = 2048;
}
