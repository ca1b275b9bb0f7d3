using System.Collections.Immutable;
using EdgeSparse.Compiler.Pipeline;
using EdgeSparse.Compiler.Verification;

namespace EdgeSparse.Cli.Quickstart;

/// <summary>What the quickstart found out: <c>quickstart --json</c> prints this record.</summary>
/// <param name="Compress">Training, pruning and packing.</param>
/// <param name="Bench">Latency of the blob, and of ONNX Runtime, which runs the same network densely.</param>
/// <param name="Firmware">The executable and what it did.</param>
/// <param name="Seconds">Wall time of everything.</param>
internal sealed record QuickstartResult(CompressResult Compress, BenchResult Bench, FirmwareResult Firmware, double Seconds);

/// <summary>The published executable and its runs.</summary>
/// <param name="Executable">Its path.</param>
/// <param name="ExecutableBytes">Its size.</param>
/// <param name="Samples">Digits that it was given.</param>
/// <param name="Right">Digits that it named right.</param>
/// <param name="StartMilliseconds">From starting the process to having its first result: the median of some runs on one digit.</param>
/// <param name="Command">A run to repeat by hand.</param>
internal sealed record FirmwareResult(
    string Executable, long ExecutableBytes, int Samples, int Right, double StartMilliseconds, ImmutableArray<string> Command);
