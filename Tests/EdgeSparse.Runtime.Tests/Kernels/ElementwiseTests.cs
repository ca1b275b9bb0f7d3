using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class ElementwiseTests
{
    [Theory]
    [InlineData(5, false)]
    [InlineData(7, false)]
    [InlineData(7, true)]
    [InlineData(10, false)]
    [InlineData(10, true)]
    public void An_elementwise_step_agrees_with_plain_arithmetic_from_any_layout_to_any(int kindNumber, bool relu)
    {
        var kind = (OperationKind)kindNumber;
        for (int seed = 0; seed < 120; seed++)
        {
            var random = new Random(seed);
            (int c, int h, int w) = (random.Next(1, 4), random.Next(1, 5), random.Next(1, 40));
            float[] x = SparseCase.Values(random, c * h * w);
            float[] other = SparseCase.Values(random, x.Length);
            var blob = new BlobBuilder();
            int input = blob.Value("x", c, h, w, AnyLayout(random));
            blob.Input("x", input, 1, c, h, w);
            int second = -1;
            if (kind == OperationKind.Add)
            {
                second = blob.Value("z", c, h, w, AnyLayout(random));
                blob.Input("z", second, 1, c, h, w);
            }

            bool inPlace = random.Next(3) == 0;
            int output = inPlace ? input : blob.Value("y", c, h, w, AnyLayout(random));
            blob.Output("y", output, 1, c, h, w);
            int weight = -1;
            if (kind == OperationKind.ChannelAffine)
            {
                var record = new WeightRecord { Format = WeightFormat.Dense, Rows = c, Columns = 1, Groups = 1, NonZeros = c };
                weight = blob.Weight("scale", record, other[..c], null, null, other[^c..]);
            }

            blob.Step("step", kind, input, output, weight: weight, input1: second, activation: relu ? Activation.Relu : Activation.None);
            double[] expected = [.. x.Select((v, i) => Expected(kind, v, i / (h * w), i, other, c, relu))];
            double[] magnitude = [.. expected.Select(_ => 2.0)];
            foreach (InstructionSet set in KernelRun.Sets)
            {
                float[][] inputs = second < 0 ? [x] : [x, other];
                KernelRun.AssertClose(expected, magnitude, KernelRun.Run(blob, set, inputs), $"seed {seed}, {c}x{h}x{w}, {set}");
            }
        }
    }

    [Fact]
    public void Relu_of_not_a_number_is_not_a_number()
    {
        foreach (int width in new[] { 1, 4, 8, 16, 37 })
        {
            var blob = new BlobBuilder();
            int input = blob.Value("x", 1, 1, width);
            int output = blob.Value("y", 1, 1, width);
            blob.Input("x", input, 1, width);
            blob.Output("y", output, 1, width);
            blob.Step("relu", OperationKind.Relu, input, output);
            foreach (InstructionSet set in KernelRun.Sets)
            {
                float[] y = KernelRun.Run(blob, set, Enumerable.Repeat(float.NaN, width).ToArray());
                Assert.All(y, value => Assert.True(float.IsNaN(value), $"width {width}, {set}"));
            }
        }
    }

    private static double Expected(OperationKind kind, float x, int channel, int i, float[] other, int channels, bool relu)
    {
        double y = kind switch
        {
            OperationKind.Relu => Math.Max(x, 0),
            OperationKind.Add => (double)x + other[i],
            _ => ((double)x * other[channel]) + other[other.Length - channels + channel],
        };
        return relu ? Math.Max(y, 0) : y;
    }

    private static Layout AnyLayout(Random random) => random.Next(2) == 0
        ? new Layout()
        : new Layout { Left = random.Next(3), Top = random.Next(2), Right = random.Next(3), PlaneExtra = random.Next(5), ZeroBorder = random.Next(2) == 0 };
}
