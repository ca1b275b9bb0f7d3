using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class MatMulTests
{
    [Fact]
    public void Products_agree_with_double_precision_over_broadcast_dimensions()
    {
        for (int seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            (int m, int k, int n) = (random.Next(1, 30), random.Next(1, 40), random.Next(1, 80));
            int[] lengths = GeneralCase.Lengths(random, random.Next(0, 4), 4);
            int[] strides0 = Scaled(random, lengths, m * k, out int count0);
            int[] strides1 = Scaled(random, lengths, k * n, out int count1);
            float[] x = SparseCase.Values(random, count0);
            float[] z = SparseCase.Values(random, count1);
            double[] expected = new double[GeneralCase.Product(lengths) * m * n];
            double[] magnitude = new double[expected.Length];
            for (int i = 0; i < expected.Length; i++)
            {
                int[] place = GeneralCase.Place(i / (m * n), lengths);
                int left = GeneralCase.Element(place, strides0) + (i / n % m * k);
                int right = GeneralCase.Element(place, strides1) + (i % n);
                for (int j = 0; j < k; j++)
                {
                    double term = (double)x[left + j] * z[right + (j * n)];
                    expected[i] += term;
                    magnitude[i] += Math.Abs(term);
                }

                expected[i] = Math.Max(expected[i], 0);
            }

            int[] parameters = [m, k, n, lengths.Length, .. lengths.SelectMany((l, d) => new[] { l, strides0[d], strides1[d] })];
            BlobBuilder blob = GeneralCase.Step(
                OperationKind.MatMul, new OperationRecord { Activation = Activation.Relu }, parameters, expected.Length, x, z);
            foreach (InstructionSet set in KernelRun.Sets)
            {
                GeneralCase.CheckWith(set, blob, expected, $"seed {seed}, {m}x{k}x{n}, {string.Join('x', lengths)}", magnitude, x, z);
            }
        }
    }

    /// <summary>Strides of matrices of so many elements.</summary>
    private static int[] Scaled(Random random, int[] lengths, int elements, out int count)
    {
        int[] strides = GeneralCase.Strides(lengths, [.. lengths.Select(_ => random.Next(3) == 0)], out count);
        count *= elements;
        return [.. strides.Select(s => s * elements)];
    }
}
