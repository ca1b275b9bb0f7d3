using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class TopKTests
{
    [Fact]
    public void The_first_of_the_sorted_elements_come_out_and_their_indices()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            (int outer, int length, int inner) = (random.Next(1, 5), random.Next(1, 60), random.Next(1, 6));
            int k = random.Next(1, length + 1);
            (int largest, int indices) = (random.Next(2), random.Next(2));
            float[] x = [.. SparseCase.Values(random, outer * length * inner).Select(v => random.Next(2) == 0 ? MathF.Round(v * 4) : v)];
            double[] expected = new double[outer * k * inner];
            for (int line = 0; line < outer * inner; line++)
            {
                int Element(int i) => (((line / inner * length) + i) * inner) + (line % inner);
                int[] order = [.. Enumerable.Range(0, length).OrderBy(i => (largest == 1 ? -x[Element(i)] : x[Element(i)]) + 0.0)];
                for (int i = 0; i < k; i++)
                {
                    expected[(((line / inner * k) + i) * inner) + (line % inner)] = indices == 1 ? order[i] : x[Element(order[i])];
                }
            }

            BlobBuilder blob = GeneralCase.Step(
                OperationKind.TopK, default, new[] { outer, length, inner, k, largest, indices }, expected.Length, x);
            GeneralCase.Check(blob, expected, $"seed {seed}, {k} of {outer}x{length}x{inner}", null, x);
        }
    }

    [Fact]
    public void Infinities_are_sorted_and_zeros_are_equal()
    {
        float[] x = [0f, float.NegativeInfinity, -0f, float.PositiveInfinity, 1f];
        BlobBuilder Order(int largest) => GeneralCase.Step(OperationKind.TopK, default, new[] { 1, 5, 1, 5, largest, 1 }, 5, x);
        Assert.Equal([3f, 4, 0, 2, 1], KernelRun.Run(Order(1), Hardware.Best, x));
        Assert.Equal([1f, 0, 2, 4, 3], KernelRun.Run(Order(0), Hardware.Best, x));
    }
}
