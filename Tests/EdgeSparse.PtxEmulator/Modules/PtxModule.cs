namespace EdgeSparse.PtxEmulator.Modules;

/// <summary>
/// A module of one entry point, by the words of NVIDIA's "Parallel Thread Execution ISA". Instructions that are not emulated are refused
/// when it is made ready to run, everything else when it is read.
/// </summary>
public sealed class PtxModule
{
    internal PtxModule(string version, string target, IReadOnlyList<PtxFunction> functions, PtxFunction entry, int mostThreads, IReadOnlyList<PtxVariable> shared)
    {
        (Version, Target, Functions, Entry, MostThreads, Shared) = (version, target, functions, entry, mostThreads, shared);
    }

    /// <summary>Of the instruction set, for example <c>7.4</c>.</summary>
    public string Version { get; }

    /// <summary>The architecture, for example <c>sm_87</c>.</summary>
    public string Target { get; }

    public PtxFunction Entry { get; }

    /// <summary>Threads of a group that it is compiled for.</summary>
    public int MostThreads { get; }

    /// <summary>Shared memory of a group.</summary>
    public int SharedBytes => Shared.Count == 0 ? 0 : Shared[^1].Offset + Shared[^1].Bytes;

    internal IReadOnlyList<PtxFunction> Functions { get; }

    internal IReadOnlyList<PtxVariable> Shared { get; }

    /// <summary>10 · major + minor.</summary>
    public int VersionNumber => int.Parse(Version.Replace(".", "", StringComparison.Ordinal));

    /// <summary>10 · major + minor of the compute capability.</summary>
    public int TargetNumber => int.Parse(Target["sm_".Length..]);

    /// <exception cref="PtxException">The text is not a whole module.</exception>
    public static PtxModule Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new PtxReader(text).Read();
    }
}
