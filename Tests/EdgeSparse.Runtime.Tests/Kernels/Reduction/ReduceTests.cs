using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class ReduceTests
{
    public static TheoryData<int> Functions => [.. Enum.GetValues<ReductionFunction>().Select(f => (int)f)];

    [Theory]
    [MemberData(nameof(Functions))]
    public void Lines_agree_with_double_precision(int functionNumber)
    {
        var function = (ReductionFunction)functionNumber;
        for (int seed = 0; seed < 80; seed++)
        {
            var random = new Random(seed);
            (int outer, int length, int inner) = (random.Next(1, 9), random.Next(1, 80), random.Next(3) == 0 ? 1 : random.Next(1, 90));
            float[] x = SparseCase.Values(random, outer * length * inner);
            if (function >= ReductionFunction.ArgMaxFirst)
            {
                // Few different elements: many are equal.
                x = [.. x.Select(v => MathF.Round(v * 3))];
            }

            double[] expected = new double[outer * inner];
            double[] magnitude = new double[expected.Length];
            for (int i = 0; i < expected.Length; i++)
            {
                double[] line = [.. Enumerable.Range(0, length).Select(k => (double)x[(((i / inner * length) + k) * inner) + (i % inner)])];
                expected[i] = Of(function, line);
                magnitude[i] = function is ReductionFunction.Sum ? line.Sum(Math.Abs) : function is ReductionFunction.Mean ? 1 : Math.Abs(expected[i]);
            }

            BlobBuilder blob = GeneralCase.Step(
                OperationKind.Reduce, new OperationRecord { Function = (uint)function }, new[] { outer, length, inner }, expected.Length, x);
            GeneralCase.Check(blob, expected, $"seed {seed}, {function}, {outer}x{length}x{inner}", magnitude, x);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public void What_is_not_a_number_is_extreme(int inner)
    {
        float[] x = [.. Enumerable.Range(0, 20 * inner).Select(i => i / inner is 3 or 11 ? float.NaN : i)];
        Assert.All(Run(ReductionFunction.Max, x, inner), y => Assert.True(float.IsNaN(y)));
        Assert.All(Run(ReductionFunction.Min, x, inner), y => Assert.True(float.IsNaN(y)));
        Assert.All(Run(ReductionFunction.ArgMaxFirst, x, inner), y => Assert.Equal(3f, y));
        Assert.All(Run(ReductionFunction.ArgMinFirst, x, inner), y => Assert.Equal(3f, y));
        Assert.All(Run(ReductionFunction.ArgMaxLast, x, inner), y => Assert.Equal(11f, y));
        Assert.All(Run(ReductionFunction.ArgMinLast, x, inner), y => Assert.Equal(11f, y));
    }

    private static float[] Run(ReductionFunction function, float[] x, int inner) => KernelRun.Run(
        GeneralCase.Step(OperationKind.Reduce, new OperationRecord { Function = (uint)function }, new[] { 1, x.Length / inner, inner }, inner, x),
        Hardware.Best, x);

    private static double Of(ReductionFunction function, double[] line) => function switch
    {
        ReductionFunction.Sum => line.Sum(),
        ReductionFunction.Mean => line.Average(),
        ReductionFunction.Max => line.Max(),
        ReductionFunction.Min => line.Min(),
        ReductionFunction.Product => line.Aggregate(1.0, (a, b) => a * b),
        ReductionFunction.ArgMaxFirst => Array.IndexOf(line, line.Max()),
        ReductionFunction.ArgMaxLast => Array.LastIndexOf(line, line.Max()),
        ReductionFunction.ArgMinFirst => Array.IndexOf(line, line.Min()),
        _ => Array.LastIndexOf(line, line.Min()),
    };
}
