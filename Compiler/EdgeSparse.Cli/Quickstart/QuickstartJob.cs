using System.Diagnostics;
using EdgeSparse.Cli.Verbs;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Pipeline;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Cli.Quickstart;

/// <summary>The main job from end to end on the embedded data: compress, measure, publish, and run what was published.</summary>
internal static class QuickstartJob
{
    private const double BenchSeconds = 3;

    /// <param name="run">The recipe.</param>
    /// <param name="sources">What the executable is built from.</param>
    /// <param name="folder">Takes the blob, the ONNX file, the executable and some digits; made when it is not there.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Stops the job; the same one goes on from there later.</param>
    /// <exception cref="EdgeSparseException">A step failed; the message says which and why.</exception>
    public static QuickstartResult Run(
        RunRequest run, SourceTree sources, string folder, IProgressSink progress, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var toolchain = ToolchainFile.Read();
        TargetProfile host = toolchain.Find(Toolchain.HostId);
        FirmwarePublisher publisher = new(toolchain, sources);
        publisher.RequireTools(host);
        MakeFolder(folder);

        CompressResult compressed = CompressPipeline.Run(
            new CompressRequest
            {
                Run = run,
                BlobPath = Path.Combine(folder, $"{host.Id}.esb"),
                OnnxPath = Path.Combine(folder, "model.onnx"),
                TargetId = host.Id,
                VectorLanes = host.VectorLanes,
                Limits = TargetOption.LimitsOf(host),
            },
            progress,
            cancellation);
        progress.Note("building the executable with NativeAOT");
        PublishedFirmware firmware = Publish(publisher, host, folder, progress, cancellation);
        using Model model = Model.Load(compressed.Blob);
        Dataset data = DatasetCatalog.Open(compressed.Data, run.DataLocations, progress);
        FirmwareResult ran = FirmwareTrial.Run(firmware, compressed.Blob, data.Test, model.Inputs[0], folder, cancellation);
        return new QuickstartResult(compressed, Measure(model, compressed.Onnx!, data, progress, cancellation), ran, watch.Elapsed.TotalSeconds);
    }

    private static void MakeFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EdgeSparseException($"cannot make the folder '{folder}': {error.Message}", error);
        }
    }

    private static PublishedFirmware Publish(
        FirmwarePublisher publisher, TargetProfile host, string folder, IProgressSink progress, CancellationToken cancellation)
    {
        using IProgressTask task = progress.Begin("building the executable", 0, "");
        return publisher.Publish(
            host,
            folder,
            onLine: line =>
            {
                task.Advance();
                task.Describe(line.Trim());
            },
            cancellation: cancellation);
    }

    private static BenchResult Measure(Model model, string onnx, Dataset data, IProgressSink progress, CancellationToken cancellation)
    {
        IReadOnlyList<float[]> inputs = BenchInputs.From(data.Test, model.Inputs[0].ElementCount, Verbs.VerifyVerb.ScalingOf(model));
        BenchOptions options = new() { OnnxPath = onnx, Peers = BenchPeers.OnnxRuntime, Seconds = BenchSeconds };
        return ModelBench.Run(model, inputs, options, progress, cancellation);
    }
}
