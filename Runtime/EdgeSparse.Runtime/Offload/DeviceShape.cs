namespace EdgeSparse.Runtime.Offload;

/// <summary>What a plan for an accelerator is made for.</summary>
/// <param name="GroupThreads">Threads of a group: a power of two up to <see cref="UsualGroupThreads"/>.</param>
/// <param name="Batch">Samples of a run, 1 to <see cref="MostSamples"/>.</param>
internal readonly record struct DeviceShape(int GroupThreads, int Batch)
{
    public const int UsualGroupThreads = 128;

    /// <summary>Of the accelerators that kernels are compiled for; what they hold in shared memory is laid out for it.</summary>
    public const int MostGroupThreads = 512;

    /// <summary>Registers that each thread of a product must be able to have: they take up to 106, and with fewer keep sums in memory.</summary>
    private const int ThreadRegisters = 128;

    /// <summary>CUDA's largest second dimension of a grid.</summary>
    public const int MostSamples = 65535;

    /// <summary>Entries whose inputs a thread loads at once, which every unit of weights has a multiple of.</summary>
    public const int EntriesTogether = 8;

    /// <summary>Threads for each unit that a group of a product has at least where it has its most threads.</summary>
    public const int FewestUnitThreads = 4;

    /// <summary>Fours of numbers after a unit's strip, so that those of neighbouring units lie in different banks.</summary>
    public const int StripPadding = 1;

    /// <summary>Fours of offsets, and of a row's weights, in one strip of all units of a group: one for each thread.</summary>
    public const int StagedFours = MostGroupThreads + (MostGroupThreads / FewestUnitThreads * StripPadding);

    /// <summary>Fours of weights in one strip of all units of four rows.</summary>
    public const int StagedQuads = (4 * MostGroupThreads) + (MostGroupThreads / FewestUnitThreads * StripPadding);

    /// <summary>The same for groups of at most <see cref="UsualGroupThreads"/>, on accelerators that may have little shared memory.</summary>
    public const int FewStagedFours = UsualGroupThreads + (UsualGroupThreads / FewestUnitThreads * StripPadding);
    public const int FewStagedQuads = (4 * UsualGroupThreads) + (UsualGroupThreads / FewestUnitThreads * StripPadding);

    /// <summary>Threads of a group of a product with pixels: a power of two from <see cref="GroupThreads"/> to <see cref="MostGroupThreads"/>.</summary>
    public int ProductThreads { get; init; } = GroupThreads;

    /// <summary>Threads that have a barrier of their own, which is cheaper than a group's; 1 where there is none.</summary>
    public int WarpThreads { get; init; } = 1;

    /// <summary>Whether every value lies where the blob has it and is written, for tests that look at them: no operation is then done by another's kernel.</summary>
    public bool KeepsValues { get; init; }

    /// <summary>Units that a group of a product takes at most.</summary>
    public int MostUnits => Math.Max(ProductThreads, UsualGroupThreads) / FewestUnitThreads;

    /// <summary>Groups that the accelerator works on at the same time, at least.</summary>
    public int Multiprocessors { get; init; } = 1;

    /// <summary>Whether each unit of threads of a group is in one warp that has a barrier of its own.</summary>
    /// <param name="unit">A unit's threads, a power of two.</param>
    /// <param name="group">The group's.</param>
    public bool IsWarpAlone(int unit, int group) => WarpThreads > 1 && unit <= WarpThreads && group % WarpThreads == 0;

    /// <summary>
    /// The most threads of a product's group where groups may have so many and share so many registers, not fewer than <see cref="UsualGroupThreads"/>.
    /// </summary>
    public static int ProductThreadsOf(int most, int registers)
    {
        int threads = UsualGroupThreads;
        while (2 * threads <= Math.Min(most, MostGroupThreads) && registers / (2 * threads) >= ThreadRegisters)
        {
            threads *= 2;
        }

        return threads;
    }
}
