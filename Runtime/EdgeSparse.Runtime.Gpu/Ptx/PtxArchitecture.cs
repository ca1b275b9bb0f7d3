using EdgeSparse.Runtime.Offload;
using ILGPU.Runtime.Cuda;

namespace EdgeSparse.Runtime.Gpu;

/// <summary>An NVIDIA architecture that kernels can be compiled for ahead of time.</summary>
/// <param name="Name">As NVIDIA's tools write it, for example <c>sm_87</c>.</param>
/// <param name="Major">The first part of the compute capability.</param>
/// <param name="Minor">Its second part.</param>
/// <param name="InstructionSetMajor">The version of PTX, the lowest that has the architecture and all that kernels use.</param>
/// <param name="InstructionSetMinor">Its second part.</param>
internal sealed record PtxArchitecture(string Name, int Major, int Minor, int InstructionSetMajor, int InstructionSetMinor)
{
    // Drivers take PTX up to their own version: the oldest that does is best. 6.0 is the oldest with the barriers that ILGPU writes.
    private static readonly PtxArchitecture[] Known =
    [
        new("sm_53", 5, 3, 6, 0), new("sm_60", 6, 0, 6, 0), new("sm_61", 6, 1, 6, 0), new("sm_62", 6, 2, 6, 0), new("sm_70", 7, 0, 6, 0),
        new("sm_72", 7, 2, 6, 1), new("sm_75", 7, 5, 6, 3), new("sm_80", 8, 0, 7, 0), new("sm_86", 8, 6, 7, 1), new("sm_87", 8, 7, 7, 4),
        new("sm_89", 8, 9, 7, 8), new("sm_90", 9, 0, 7, 8),
    ];

    /// <summary>All of them, the oldest first.</summary>
    public static IReadOnlyList<PtxArchitecture> All => Known;

    /// <summary>
    /// Threads that a group of its kernels has at most. The Tegra X1 and X2 give a group half of the registers of all others: 512 threads
    /// would have 64 each, with which products keep sums in memory.
    /// </summary>
    public int GroupThreads => (Major, Minor) is (5, 3) or (6, 2) ? DeviceShape.UsualGroupThreads : DeviceShape.MostGroupThreads;

    internal CudaArchitecture Cuda => new(Major, Minor);

    internal CudaInstructionSet InstructionSet => new(InstructionSetMajor, InstructionSetMinor);

    /// <summary>Reads a list such as <c>sm_53,sm_87</c>; the result has each once, the oldest first.</summary>
    /// <exception cref="EdgeSparseException">A name is none of <see cref="All"/>.</exception>
    public static IReadOnlyList<PtxArchitecture> Parse(string list)
    {
        ArgumentNullException.ThrowIfNull(list);
        string[] names = list.Split(',');
        if (names.FirstOrDefault(n => !Known.Any(k => k.Name == n)) is { } unknown)
        {
            throw new EdgeSparseException(
                $"'{unknown}' is no GPU architecture that kernels can be compiled for; there are {string.Join(", ", Known.Select(k => k.Name))}");
        }

        return [.. Known.Where(k => names.Contains(k.Name))];
    }
}
