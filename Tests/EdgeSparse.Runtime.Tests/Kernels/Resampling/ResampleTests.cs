using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class ResampleTests
{
    [Fact]
    public void Weighted_places_agree_with_double_precision()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            (int outer, int length, int outputs) = (random.Next(1, 7), random.Next(1, 30), random.Next(1, 50));
            int inner = random.Next(2) == 0 ? 1 : random.Next(1, 70);
            int taps = random.Next(1, 6);
            float[] x = SparseCase.Values(random, outer * length * inner);
            int[] places = [.. Enumerable.Range(0, outputs * taps).Select(_ => random.Next(length))];
            float[] weights = taps == 1 && random.Next(2) == 0 ? [.. places.Select(_ => 1f)] : SparseCase.Values(random, outputs * taps);
            double[] expected = new double[outer * outputs * inner];
            for (int i = 0; i < expected.Length; i++)
            {
                (int at, int o, int row) = (i % inner, i / inner % outputs, i / inner / outputs);
                for (int t = o * taps; t < (o + 1) * taps; t++)
                {
                    expected[i] += (double)weights[t] * x[(((row * length) + places[t]) * inner) + at];
                }
            }

            int[] parameters = [outer, length, inner, outputs, taps, .. places, .. weights.Select(GeneralCase.Word)];
            BlobBuilder blob = GeneralCase.Step(OperationKind.Resample, default, parameters, expected.Length, x);
            GeneralCase.Check(blob, expected, $"seed {seed}, {outer}x{length}x{inner}", [.. expected.Select(_ => (double)taps)], x);
        }
    }
}
