using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Verification;

public sealed class LatencyBenchTests
{
    [Fact]
    public void Both_sides_get_ordered_quantiles_and_the_ratio_is_of_the_medians()
    {
        Graph graph = VerifierTests.Identity(16);
        using Model model = VerifierTests.Blob(graph);
        using OnnxRuntimeModel reference = new(OnnxExporter.ToBytes(graph), threads: 1);
        BenchResult result = LatencyBench.Measure(model, reference, BenchInputs.Random(16, seed: 1), 0.05, threads: 1, IProgressSink.Silent, TestContext.Current.CancellationToken);

        Assert.NotNull(result.OnnxRuntime);
        foreach (LatencyStatistics side in new[] { result.EdgeSparse, result.OnnxRuntime })
        {
            Assert.True(0 < side.P5Microseconds && side.P5Microseconds <= side.MedianMicroseconds && side.MedianMicroseconds <= side.P95Microseconds);
        }

        Assert.Equal(result.OnnxRuntime.MedianMicroseconds / result.EdgeSparse.MedianMicroseconds, result.Ratio);
        Assert.Equal(1, result.Threads);
        Assert.Equal(model.ArenaBytes, result.ArenaBytes);
        Assert.InRange(result.PeakResidentBytes, 1 << 20, long.MaxValue);
        Assert.InRange(result.Calls, 1, long.MaxValue);
    }

    [Fact]
    public void Without_an_onnx_model_there_is_no_ratio()
    {
        using Model model = VerifierTests.Blob(VerifierTests.Identity(4));
        BenchResult result = LatencyBench.Measure(model, null, BenchInputs.Random(4, seed: 1, count: 1), 0.01, threads: 1, IProgressSink.Silent, TestContext.Current.CancellationToken);
        Assert.Null(result.OnnxRuntime);
        Assert.Null(result.Ratio);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Other_than_one_thread_is_refused(int threads) => Assert.Equal(
        $"{threads} threads are asked for, but a session runs on one thread; use --threads 1",
        Assert.ThrowsAny<EdgeSparseException>(() => LatencyBench.RequireThreads(threads)).Message);

    [Fact]
    public void Quantiles_lie_between_the_nearest_samples() => Assert.Equal(
        new LatencyStatistics(3, 1.2, 4.8), LatencyStatistics.Of([5, 1, 4, 2, 3]));

    [Fact]
    public void Peak_memory_outlasts_the_memory_itself()
    {
        Assert.Equal(113942528, PeakMemory.ParseKilobytes("VmHWM:\t  111272 kB"));
        Touch(64 << 20);
        GC.Collect();
        Assert.InRange(PeakMemory.ResidentBytes(), 64 << 20, long.MaxValue);

        static void Touch(int bytes) => new byte[bytes].AsSpan().Fill(1);
    }

    [Fact]
    public void Inputs_come_from_the_set_scaled()
    {
        IReadOnlyList<float[]> inputs = BenchInputs.From(
            new PixelSplit([0, 255, 51, 102, 0, 0], [0, 1, 2], 2), 2, new InputScaling([0.5f], [0.5f]), count: 2);
        Assert.Equal(2, inputs.Count);
        Assert.Equal([-1f, 1f], inputs[0]);
        Assert.Equal([-0.6f, -0.2f], inputs[1].Select(v => MathF.Round(v, 5)));
    }

    [Fact]
    public void Random_inputs_repeat_with_their_seed_and_have_unit_variance()
    {
        float[] values = [.. BenchInputs.Random(1000, seed: 3, count: 10).SelectMany(v => v)];
        Assert.Equal(values, BenchInputs.Random(1000, seed: 3, count: 10).SelectMany(v => v));
        Assert.Equal(0, values.Average(), 0.05);
        Assert.Equal(1, values.Average(v => v * v), 0.05);
    }
}
