using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using EdgeSparse.Kernels;

// In this process: a project that BenchmarkDotNet writes and builds would not follow this repository's build settings, and what
// a kernel does in a process of its own is no different. Jobs of the command line (--job short) keep their number of runs.
IConfig config = DefaultConfig.Instance
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).AsMutator())
    .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(100))
    .WithArtifactsPath(Path.Combine("artifacts", "benchmarks"));
BenchmarkSwitcher.FromTypes([typeof(KernelBenchmarks), typeof(ElementwiseBenchmarks), typeof(ZeroInputBenchmarks)]).Run(args, config);
