using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed unsafe class ActivationTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(3)]
    [InlineData(5)]
    public void An_element_has_the_same_bits_wherever_it_lies(int kindNumber)
    {
        var random = new Random(1);
        float[] x = [.. SparseCase.Values(random, 67).Select(v => v * 8)];
        float[] whole = Apply(x, kindNumber);
        for (int start = 0; start < x.Length; start++)
        {
            for (int end = start + 1; end <= x.Length; end++)
            {
                float[] part = Apply(x[start..end], kindNumber);
                Assert.Equal(whole[start..end].Select(BitConverter.SingleToInt32Bits), part.Select(BitConverter.SingleToInt32Bits));
            }
        }
    }

    [Fact]
    public void These_are_the_results()
    {
        float[] x = [-1000, -4, -3, -1, 0, 1, 3, 1000];
        Assert.Equal([-250f, -1f, -0.75f, -0.25f, 0f, 1f, 3f, 1000f], Apply(x, (int)Activation.LeakyRelu));
        Assert.Equal([0f, 0f, 0f, -1f / 3f, 0f, 2f / 3f, 3f, 1000f], Apply(x, (int)Activation.HardSwish).Select(v => v + 0f), Near);
        Assert.Equal(
            [0f, 0.01798621f, 0.04742587f, 0.26894142f, 0.5f, 0.73105858f, 0.95257413f, 1f], Apply(x, (int)Activation.Sigmoid), Near);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void What_is_not_a_number_stays_so(int kindNumber) =>
        Assert.All(Apply([.. Enumerable.Repeat(float.NaN, 21)], kindNumber), y => Assert.True(float.IsNaN(y)));

    private static bool Near(float expected, float actual) => Math.Abs(expected - actual) <= 1e-7f * Math.Max(1f, Math.Abs(expected));

    private static float[] Apply(float[] x, int kind)
    {
        float[] y = [.. x];
        fixed (float* values = y)
        {
            Activations.Apply(values, y.Length, (Activation)kind, 0.25f, 0f);
        }

        return y;
    }
}
