namespace EdgeSparse.Compiler.Verification;

/// <summary>Runtimes that a blob can be measured against.</summary>
[Flags]
public enum BenchPeers
{
    None = 0,

    /// <summary>ONNX Runtime, dense.</summary>
    OnnxRuntime = 1,

    /// <summary>XNNPACK, dense and sparse.</summary>
    Xnnpack = 2,

    All = OnnxRuntime | Xnnpack,
}

/// <summary>A peer that can be measured, or why it cannot.</summary>
/// <param name="Name">What reports call it.</param>
/// <param name="Contestant">Null where it is unavailable.</param>
/// <param name="Unavailable">The reason; null where it is available.</param>
internal sealed record BenchPeer(string Name, IContestant? Contestant, string? Unavailable)
{
    /// <summary>Makes a peer; what it cannot do becomes the reason.</summary>
    public static BenchPeer Of(string name, Func<IContestant> create)
    {
        try
        {
            return new BenchPeer(name, create(), null);
        }
        catch (PeerUnavailableException error)
        {
            return new BenchPeer(name, null, error.Message);
        }
    }
}
