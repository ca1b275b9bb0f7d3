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
    public void Outputs_that_differ_from_the_reference_are_an_error()
    {
        using OnnxRuntimeModel reference = new(OnnxExporter.ToBytes(VerifierTests.Identity(4)), threads: 1);
        using Model same = VerifierTests.Blob(VerifierTests.Identity(4));
        using SessionContestant good = new(same, threads: 1);
        IReadOnlyList<float[]> inputs = [[1, 2, 3, 4], [0, 0, 0, 1000]];
        LatencyBench.RequireSameOutputs(reference, [good], inputs);

        Assert.Equal(
            "Twice's outputs differ from ONNX Runtime's by 1e00 relative on input 0, more than 0.001: the two do not run the same network",
            Assert.Throws<EdgeSparseException>(() => LatencyBench.RequireSameOutputs(reference, [good, new Scaled("Twice", 2)], inputs)).Message);
        LatencyBench.RequireSameOutputs(reference, [new Scaled("Nearly", 1.0009f)], inputs);
        Assert.Throws<EdgeSparseException>(() => LatencyBench.RequireSameOutputs(reference, [new Scaled("No number", float.NaN)], inputs));
    }

    [Fact]
    public void Each_contestant_takes_turns_and_one_that_is_unavailable_is_passed_on()
    {
        using Scaled own = new("own", 1);
        using Scaled other = new("other", 1);
        BenchRun run = LatencyBench.Measure(
            own, [new BenchPeer("other", other, null), new BenchPeer("absent", null, "not installed")], [[1f], [2f]], 1, 0.05, IProgressSink.Silent,
            TestContext.Current.CancellationToken);
        Assert.Equal(1, run.Threads);
        Assert.True(run.Calls > 0 && other.Calls > 0);
        Assert.Equal(["other", "absent"], run.Peers.Select(p => p.Name));
        Assert.Equal(PeerState.Measured, run.Peers[0].State);
        RatioStatistics ratio = run.Peers[0].Ratio!;
        Assert.True(0 < ratio.P5 && ratio.P5 <= ratio.Median && ratio.Median <= ratio.P95);
        Assert.Equal(new PeerRun("absent", PeerState.Unavailable, "not installed", null, null), run.Peers[1]);
    }

    [Fact]
    public void Ratios_are_of_medians_of_the_same_rounds()
    {
        // The machine is ten times slower in the second round; the ratio does not see it.
        TurnSamples own = Samples([1, 1, 9], [10, 10, 10]);
        TurnSamples peer = Samples([3, 3, 3, 3], [30, 30, 999]);
        Assert.Equal(new RatioStatistics(3, 3, 3), peer.RatioTo(own));
        Assert.Equal(new RatioStatistics(2, 1.1, 2.9), Samples([1], [2], [3]).RatioTo(Samples([1], [1], [1])));
        Assert.Equal(6, own.Count);

        static TurnSamples Samples(params double[][] rounds)
        {
            TurnSamples samples = new();
            foreach (double[] round in rounds)
            {
                foreach (double sample in round)
                {
                    samples.Add(sample);
                }

                samples.EndRound();
            }

            return samples;
        }
    }

    [Fact]
    public void Quantiles_lie_between_the_nearest_samples() => Assert.Equal(
        new LatencyStatistics(3, 1.2, 4.8), LatencyStatistics.Of([5, 1, 4, 2, 3]));

    [Fact]
    public void Peak_memory_outlasts_the_memory_itself()
    {
        Assert.Equal(113942528, ResidentMemory.ParseKilobytes("VmHWM:\t  111272 kB"));
        Touch(64 << 20);
        GC.Collect();
        Assert.InRange(ResidentMemory.Peak(), 64 << 20, long.MaxValue);
        Assert.InRange(ResidentMemory.Current(), 1 << 20, ResidentMemory.Peak());

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

    /// <summary>Multiplies its input by a factor.</summary>
    private sealed class Scaled(string name, float factor) : IContestant
    {
        public string Name => name;

        public int Threads => 1;

        public long Calls { get; private set; }

        public float[] Prepare(ReadOnlySpan<float> input) => input.ToArray();

        public void Run(ReadOnlySpan<float> prepared, Span<float> output)
        {
            Calls++;
            for (int i = 0; i < output.Length; i++)
            {
                output[i] = prepared[i] * factor;
            }
        }

        public float[] Finish(ReadOnlySpan<float> output) => output.ToArray();

        public void Dispose()
        {
        }
    }
}
