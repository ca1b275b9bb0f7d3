namespace EdgeSparse.Compiler.Verification;

/// <summary>Latencies of a blob and, where one was given, of ONNX Runtime on the same inputs in the same run.</summary>
/// <param name="EdgeSparse">Of the blob.</param>
/// <param name="OnnxRuntime">Of the ONNX model; null without one.</param>
/// <param name="Ratio">ONNX Runtime's median over the blob's: above 1, the blob is faster. Null without an ONNX model.</param>
/// <param name="Threads">Threads that either could use.</param>
/// <param name="ArenaBytes">Activation memory of one session of the blob.</param>
/// <param name="PeakResidentBytes">The most physical memory that this process ever had: .NET, and ONNX Runtime where it ran, included.</param>
/// <param name="Calls">Timed calls of the blob.</param>
public sealed record BenchResult(
    LatencyStatistics EdgeSparse,
    LatencyStatistics? OnnxRuntime,
    double? Ratio,
    int Threads,
    long ArenaBytes,
    long PeakResidentBytes,
    long Calls);
