using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Verification;

/// <summary>
/// Latencies of a blob and of its peers on the same inputs in the same run. The members up to <paramref name="Calls"/> are of
/// the first number of threads.
/// </summary>
/// <param name="EdgeSparse">Of the blob.</param>
/// <param name="OnnxRuntime">Of the ONNX model in ONNX Runtime; null where that is no peer.</param>
/// <param name="Ratio">ONNX Runtime's median over the blob's: above 1, the blob is faster. Null where ONNX Runtime is no peer.</param>
/// <param name="Threads">Threads that each could use.</param>
/// <param name="ArenaBytes">Activation memory of one session of the blob.</param>
/// <param name="PeakResidentBytes">The most physical memory that this process ever had: .NET, and the peers where they ran, included.</param>
/// <param name="ResidentBytes">Physical memory of this process at the end of the measurement.</param>
/// <param name="Calls">Timed calls of the blob.</param>
/// <param name="Runs">One for each number of threads, in the order asked for.</param>
/// <param name="Layers">The steps of the plan in execution order, each with its time.</param>
public sealed record BenchResult(
    LatencyStatistics EdgeSparse,
    LatencyStatistics? OnnxRuntime,
    double? Ratio,
    int Threads,
    long ArenaBytes,
    long PeakResidentBytes,
    long ResidentBytes,
    long Calls,
    ImmutableArray<BenchRun> Runs,
    ImmutableArray<LayerReport> Layers);

/// <summary>One run with one number of threads.</summary>
/// <param name="Threads">Threads of each side.</param>
/// <param name="EdgeSparse">Of the blob.</param>
/// <param name="Calls">Timed calls of the blob.</param>
/// <param name="Peers">The others, those that could not be measured included.</param>
public sealed record BenchRun(int Threads, LatencyStatistics EdgeSparse, long Calls, ImmutableArray<PeerRun> Peers);

/// <summary>What became of a peer.</summary>
public enum PeerState
{
    /// <summary>It took its turns.</summary>
    Measured,

    /// <summary>It is not installed, or cannot express the network.</summary>
    Unavailable,
}

/// <summary>A peer's part in a run.</summary>
/// <param name="Name">For example <c>ONNX Runtime</c>.</param>
/// <param name="State">Whether it was measured.</param>
/// <param name="Reason">Why it was not; null where it was.</param>
/// <param name="Latency">Its latency; null where it was not measured.</param>
/// <param name="Ratio">How many times faster the blob is; null where the peer was not measured.</param>
public sealed record PeerRun(string Name, PeerState State, string? Reason, LatencyStatistics? Latency, RatioStatistics? Ratio);

/// <summary>
/// A peer's median over the blob's, each of the samples of one block of rounds: above 1, the blob is faster. Neighbours in time
/// are compared, so that the spread is that of the comparison, not of a machine that was slower for a while.
/// </summary>
/// <param name="Median">Of the blocks.</param>
/// <param name="P5">One block in twenty has a lower ratio.</param>
/// <param name="P95">One block in twenty has a higher ratio.</param>
public sealed record RatioStatistics(double Median, double P5, double P95);
