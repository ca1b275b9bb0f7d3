using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class NormaliseTests
{
    [Fact]
    public void Rows_get_mean_zero_and_variance_one_as_in_double_precision()
    {
        for (int seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            (int rows, int length) = (random.Next(1, 9), random.Next(1, 200));
            float offset = random.Next(3) * 5;
            float[] x = [.. SparseCase.Values(random, rows * length).Select(v => (v * 3) + offset)];
            const float epsilon = 1e-3f;
            double[] expected =
            [
                .. x.Chunk(length).SelectMany(row =>
                {
                    double mean = row.Average(v => (double)v);
                    double deviation = Math.Sqrt(row.Average(v => (v - mean) * (v - mean)) + epsilon);
                    return row.Select(v => (v - mean) / deviation);
                }),
            ];

            // Means of numbers around the offset are rounded as those are.
            double[] magnitude = [.. expected.Select(e => 1 + Math.Abs(e) + offset)];
            BlobBuilder blob = GeneralCase.Step(
                OperationKind.Normalise, new OperationRecord { ActivationA = epsilon }, new[] { rows, length }, x.Length, x);
            GeneralCase.Check(blob, expected, $"seed {seed}, {rows}x{length}", magnitude, x);
        }
    }
}
