using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Compiler.Verification.Xnnpack;

namespace EdgeSparse.Compiler.Tests.Verification.Xnnpack;

/// <summary>What tests of XNNPACK have in common.</summary>
internal static class XnnpackChecks
{
    public static void SkipWhereMissing() =>
        Assert.SkipWhen(XnnpackLibrary.WhyUnavailable is not null, $"XNNPACK is unavailable: {XnnpackLibrary.WhyUnavailable}");

    /// <summary>Compares three random inputs' outputs with ONNX Runtime's.</summary>
    public static void AssertAgrees(Graph graph, IContestant contestant)
    {
        using OnnxRuntimeModel reference = new(OnnxExporter.ToBytes(graph), threads: 1);
        foreach (float[] input in BenchInputs.Random(reference.InputElementCount, seed: 7, count: 3))
        {
            float[] output = new float[reference.OutputElementCount];
            contestant.Run(contestant.Prepare(input), output);
            var comparison = OutputComparison.Of(contestant.Finish(output), reference.Run(input));
            Assert.True(comparison.Relative <= 1e-4, comparison.ToString());
        }
    }
}
