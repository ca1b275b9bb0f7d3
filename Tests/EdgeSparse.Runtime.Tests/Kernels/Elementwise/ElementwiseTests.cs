using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class ElementwiseTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(10)]
    public void An_elementwise_step_agrees_with_plain_arithmetic_from_any_layout_to_any(int kindNumber)
    {
        var kind = (OperationKind)kindNumber;
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            bool isVector = random.Next(5) == 0;
            (int c, int h, int w) = isVector ? (random.Next(1, 3000), 1, 1) : (random.Next(1, 6), random.Next(1, 9), random.Next(1, 40));
            Slots slots = isVector ? Slots.Planar : SlotCase.Any(random);
            float[] x = SparseCase.Values(random, c * h * w);
            float[] other = SparseCase.Values(random, Math.Max(x.Length, 2 * c));
            var blob = new BlobBuilder();
            int input = SlotCase.Input(blob, "x", c, h, w, SlotCase.Vary(random, slots));
            int second = kind == OperationKind.Add ? SlotCase.Input(blob, "z", c, h, w, SlotCase.Vary(random, slots)) : -1;
            bool inPlace = random.Next(3) == 0;
            int output = inPlace ? input : blob.Value("y", c, h, w, SlotCase.Vary(random, slots));
            int weight = -1;
            if (kind == OperationKind.ChannelAffine)
            {
                var record = new WeightRecord { Format = WeightFormat.Dense, Rows = c, Columns = 1, Groups = 1, NonZeros = c };
                weight = blob.Weight("scale", record, other[..c], null, null, other[^c..]);
            }

            // Of those that go with any number, or the rounding of what is activated would show.
            var activation = (Activation)random.Next(kind == OperationKind.Activate ? 1 : 0, (int)Activation.Exp);
            (float a, float b) = ActivationReference.Numbers(activation);
            var step = new OperationRecord { Activation = activation, ActivationA = a, ActivationB = b };
            blob.Step("step", kind, input, output, step, weight, second);
            SlotCase.Output(blob, output);
            double[] expected = [.. x.Select((v, i) => Activate(step, Combine(kind, v, i / (h * w), i, other, c)))];
            double[] magnitude = [.. expected.Select(_ => 2.0)];
            float[][] inputs = second < 0 ? [x] : [x, other[..x.Length]];
            foreach (InstructionSet set in KernelRun.Sets)
            {
                if (!inPlace || slots.Lanes != 1)
                {
                    float[] y = KernelRun.Run(blob, set, inputs);
                    KernelRun.AssertClose(expected, magnitude, y, $"seed {seed}, {c}x{h}x{w}, {slots}, {set}");
                    SlotCase.AssertSameForWorkers(blob, set, y, inputs);
                }
            }
        }
    }

    [Fact]
    public void Relu_of_not_a_number_is_not_a_number()
    {
        foreach (int width in new[] { 1, 4, 8, 16, 37 })
        {
            var blob = new BlobBuilder();
            int input = blob.Vector("x", width);
            int output = blob.Vector("y", width);
            blob.Input("x", input, 1, width);
            blob.Output("y", output, 1, width);
            blob.Step("relu", OperationKind.Activate, input, output, activation: Activation.Relu);
            foreach (InstructionSet set in KernelRun.Sets)
            {
                float[] y = KernelRun.Run(blob, set, Enumerable.Repeat(float.NaN, width).ToArray());
                Assert.All(y, value => Assert.True(float.IsNaN(value), $"width {width}, {set}"));
            }
        }
    }

    [Fact]
    public void A_clip_may_be_open_on_one_side()
    {
        var blob = new BlobBuilder();
        int input = blob.Vector("x", 4);
        int output = blob.Vector("y", 4);
        blob.Input("x", input, 1, 4);
        blob.Output("y", output, 1, 4);
        var clip = new OperationRecord { Activation = Activation.Clip, ActivationA = float.NegativeInfinity, ActivationB = 3f };
        blob.Step("clip", OperationKind.Activate, input, output, clip);
        foreach (InstructionSet set in KernelRun.Sets)
        {
            Assert.Equal(
                [float.NegativeInfinity, -2f, 3f, 3f], KernelRun.Run(blob, set, [float.NegativeInfinity, -2f, 4f, float.PositiveInfinity]));
        }
    }

    private static double Combine(OperationKind kind, float x, int channel, int i, float[] other, int channels) => kind switch
    {
        OperationKind.Activate => x,
        OperationKind.Add => (double)x + other[i],
        _ => ((double)x * other[channel]) + other[other.Length - channels + channel],
    };

    private static double Activate(OperationRecord step, double x) =>
        ActivationReference.Of(step.Activation, x, step.ActivationA, step.ActivationB);
}
