using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class LinearTests
{
    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 0, 0)]
    [InlineData(3, 0, 0)]
    [InlineData(4, 16, 32)]
    [InlineData(4, 8, 16)]
    [InlineData(4, 4, 16)]
    [InlineData(4, 12, 256)]
    [InlineData(4, 3, 5)]
    [InlineData(4, 64, 1)]
    public void Linear_agrees_with_a_reference_in_double_precision_whatever_the_sizes_and_sparsity(int format, int lanes, int window)
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            int rows = random.Next(1, 70);
            int columns = random.Next(1, seed % 2 == 0 ? 20 : 200);
            double sparsity = SparseCase.Sparsities[seed % 5];
            float[] weights = SparseCase.Sparse(random, rows * columns, sparsity);
            float[] bias = SparseCase.Values(random, rows);
            float[] x = SparseCase.Sparse(random, columns, SparseCase.Pick(random, 0, 0.5, 0.97));
            x.AsSpan(0, random.Next(3) == 0 ? random.Next(columns + 1) : 0).Clear();
            x.AsSpan(random.Next(3) == 0 ? random.Next(columns + 1) : columns).Clear();
            bool relu = random.Next(2) == 0;

            var blob = new BlobBuilder();
            int slack = window == 0 ? 0 : ((columns + window - 1) / window * window) - columns;
            int input = blob.Vector("x", columns, slack);
            int output = blob.Vector("y", rows);
            int weight = Weight(blob, (WeightFormat)format, rows, columns, weights, bias, lanes, window, random);
            blob.Input("x", input, 1, columns);
            blob.Output("y", output, 1, rows);
            blob.Step("fc", OperationKind.Linear, input, output, weight: weight, activation: relu ? Activation.Relu : Activation.None);

            (double[] expected, double[] magnitude) = Reference(weights, bias, x, relu);
            foreach (InstructionSet set in KernelRun.Sets)
            {
                float[] actual = KernelRun.Run(blob, set, x);
                KernelRun.AssertClose(expected, magnitude, actual, $"seed {seed}, {rows}x{columns}, sparsity {sparsity}, {set}");
            }
        }
    }

    [Fact]
    public void Linear_reads_planes_that_lie_one_after_the_other_in_row_major_order()
    {
        var blob = new BlobBuilder();
        int input = blob.Value("x", 2, 1, 2);
        int output = blob.Value("y", 1, 1, 2);
        var record = new WeightRecord { Format = WeightFormat.Dense, Rows = 2, Columns = 4, Groups = 1, NonZeros = 5 };
        int weight = blob.Weight("w", record, [1, 10, 100, 1000, 0, 0, 0, 2], null, null, [0.5f, -1]);
        blob.Input("x", input, 1, 2, 1, 2);
        blob.Output("y", output, 1, 2);
        blob.Step("fc", OperationKind.Linear, input, output, weight: weight);
        foreach (InstructionSet set in KernelRun.Sets)
        {
            Assert.Equal([4321.5f, 7f], KernelRun.Run(blob, set, [1, 2, 3, 4]));
        }
    }

    private static int Weight(
        BlobBuilder blob, WeightFormat format, int rows, int columns, float[] weights, float[] bias, int lanes, int window, Random random) =>
        format == WeightFormat.SlicedEll
            ? SparseCase.AddSlicedEll(blob, rows, columns, weights, bias, lanes, window, random)
            : TestWeight.Linear(blob, format, rows, columns, weights, bias);

    private static (double[] Expected, double[] Magnitude) Reference(float[] weights, float[] bias, float[] x, bool relu)
    {
        double[] expected = new double[bias.Length];
        double[] magnitude = new double[bias.Length];
        for (int row = 0; row < bias.Length; row++)
        {
            double sum = bias[row];
            magnitude[row] = Math.Abs(sum);
            for (int column = 0; column < x.Length; column++)
            {
                double term = (double)weights[(row * x.Length) + column] * x[column];
                sum += term;
                magnitude[row] += Math.Abs(term);
            }

            expected[row] = relu ? Math.Max(sum, 0) : sum;
        }

        return (expected, magnitude);
    }
}
