using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class SoftmaxTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Softmax_agrees_with_a_reference_along_each_axis(int axis)
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            int[] shape = [random.Next(1, 20), random.Next(1, 6), random.Next(1, 20)];
            float[] x = SparseCase.Values(random, shape[0] * shape[1] * shape[2]);
            for (int i = 0; i < x.Length; i++)
            {
                x[i] *= 20;
            }

            var blob = new BlobBuilder();
            int input = blob.Value("x", shape[0], shape[1], shape[2]);
            int output = blob.Value("y", shape[0], shape[1], shape[2]);
            blob.Input("x", input, 1, shape[0], shape[1], shape[2]);
            blob.Output("y", output, 1, shape[0], shape[1], shape[2]);
            int[] lines = [shape[..(axis - 1)].Aggregate(1, (a, b) => a * b), shape[axis - 1], shape[axis..].Aggregate(1, (a, b) => a * b)];
            blob.Step("softmax", OperationKind.Softmax, input, output, parameters: lines);
            double[] expected = Reference(x, shape, axis);
            double[] magnitude = [.. expected.Select(_ => 1.0)];
            foreach (InstructionSet set in KernelRun.Sets)
            {
                float[] y = KernelRun.Run(blob, set, x);
                KernelRun.AssertClose(expected, magnitude, y, $"seed {seed}, {set}");
                SlotCase.AssertSameForWorkers(blob, set, y, x);
            }

            BlobBuilder logarithm = GeneralCase.Step(OperationKind.Softmax, new OperationRecord { Function = 1 }, lines, x.Length, x);
            double[] logarithms = [.. expected.Select(e => Math.Log(e))];
            GeneralCase.Check(logarithm, logarithms, $"logarithm, seed {seed}", [.. logarithms.Select(l => 1 + Math.Abs(l))], x);
        }
    }

    [Fact]
    public void Softmax_of_logits_that_would_overflow_is_finite()
    {
        var blob = new BlobBuilder();
        int input = blob.Vector("x", 3);
        int output = blob.Vector("y", 3);
        blob.Input("x", input, 1, 3);
        blob.Output("y", output, 1, 3);
        blob.Step("softmax", OperationKind.Softmax, input, output, parameters: new[] { 1, 3, 1 });
        Assert.Equal([0.5f, 0.5f, 0f], KernelRun.Run(blob, Hardware.Best, [1000, 1000, 0]));
    }

    private static double[] Reference(float[] x, int[] shape, int axis)
    {
        int step = axis == 1 ? shape[1] * shape[2] : axis == 2 ? shape[2] : 1;
        int count = shape[axis - 1];
        double[] expected = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            int first = i - (i / step % count * step);
            double sum = 0;
            for (int k = 0; k < count; k++)
            {
                sum += Math.Exp((double)x[first + (k * step)] - x[i]);
            }

            expected[i] = 1 / sum;
        }

        return expected;
    }
}
