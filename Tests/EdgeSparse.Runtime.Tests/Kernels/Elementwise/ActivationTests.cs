using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed unsafe class ActivationTests
{
    /// <summary>The activations that are no clamp.</summary>
    public static TheoryData<int> Kinds => [.. Enum.GetValues<Activation>().Where(k => k > Activation.Clip).Select(k => (int)k)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Results_agree_with_double_precision_over_all_magnitudes(int kindNumber)
    {
        var kind = (Activation)kindNumber;
        var random = new Random(2);
        float[] x =
        [
            .. Enumerable.Range(0, 4001).Select(i => (i - 2000) / 100f),
            .. Enumerable.Range(0, 2000).Select(_ => (random.Next(2) == 0 ? -1 : 1) * MathF.Exp((random.NextSingle() * 60) - 40)),
            0f, -0f, 1f, -1f, 0.5f, -0.5f, 1.5f, 2.5f, 80f, -80f, 1e6f, -1e6f, 1e10f, -1e10f,
        ];
        (float a, float b) = ActivationReference.Numbers(kind);

        // e^x by the rounded argument −x²/2 is no better than that argument; ordinary nets never see what lies beyond.
        x = kind is Activation.Gelu ? [.. x.Where(v => v > -9)] : kind is Activation.Log or Activation.Sqrt ? [.. x.Select(Math.Abs)] : x;
        double[] expected = [.. x.Select(v => (double)(float)ActivationReference.Of(kind, v, a, b))];
        GeneralCase.AssertClose(expected, Apply(x, kindNumber, a, b), kind.ToString());
    }

    [Fact]
    public void The_error_function_is_right_to_a_millionth()
    {
        float[] x = [.. Enumerable.Range(-6000, 12001).Select(i => i / 1000f)];
        float[] y = Apply(x, (int)Activation.Erf);
        for (int i = 0; i < x.Length; i++)
        {
            double expected = ActivationReference.Erf(x[i]);
            Assert.True(Math.Abs(y[i] - expected) <= 1e-6 * Math.Abs(expected), $"erf({x[i]}) is {y[i]}, not {expected}");
        }
    }

    [Fact]
    public void The_exponential_is_right_to_two_units_in_the_last_place_down_to_the_smallest_numbers()
    {
        float[] x = [.. Enumerable.Range(-10400, 19300).Select(i => i / 100f)];
        float[] y = Apply(x, (int)Activation.Exp);
        for (int i = 0; i < x.Length; i++)
        {
            double expected = Math.Exp(x[i]);
            double unit = Math.Max(expected * Math.Pow(2, -23), float.Epsilon);
            Assert.True(
                expected > float.MaxValue ? y[i] >= float.MaxValue : Math.Abs(y[i] - expected) <= 2 * unit, $"exp({x[i]}) is {y[i]}, not {expected}");
        }

        Assert.Equal(
            [0f, 0f, 1f, 1f, float.PositiveInfinity, float.PositiveInfinity, float.NaN],
            Apply([float.NegativeInfinity, -1e30f, 0f, -0f, 1e30f, float.PositiveInfinity, float.NaN], (int)Activation.Exp));
    }

    [Fact]
    public void Integers_wrap_as_their_types_do()
    {
        float[] x = [0, 1, -1, 127, 128, 255, 256, -128, -129, 3.9f, -3.9f, 1000, -1000];
        Assert.Equal(x.Select(v => (float)(sbyte)(int)v), Apply(x, (int)Activation.WrapInteger, 8, 1));
        Assert.Equal(x.Select(v => (float)(byte)(int)v), Apply(x, (int)Activation.WrapInteger, 8, 0));
        float[] large = [2147483392f, -2147483648f, -1f, 16777215f, 9e18f, -9e18f];
        Assert.Equal([2147483392f, -2147483648f, -1f, 16777215f], Apply(large, (int)Activation.WrapInteger, 32, 1)[..4]);
        Assert.Equal(large, Apply(large, (int)Activation.WrapInteger, 64, 1));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_element_has_the_same_bits_wherever_it_lies(int kindNumber)
    {
        var random = new Random(1);
        float[] x = [.. SparseCase.Values(random, 67).Select(v => v * 8)];
        float[] whole = Apply(x, kindNumber);
        for (int start = 0; start < x.Length; start++)
        {
            for (int end = start + 1; end <= x.Length; end += 1 + (start % 3))
            {
                float[] part = Apply(x[start..end], kindNumber);
                KernelRun.AssertSameBits(whole[start..end], part);
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
    [MemberData(nameof(Kinds))]
    public void What_is_not_a_number_stays_so(int kindNumber)
    {
        float[] y = Apply([.. Enumerable.Repeat(float.NaN, 21)], kindNumber);
        float truth = (Activation)kindNumber switch { Activation.Not => 0f, Activation.IsNonZero => 1f, _ => float.NaN };
        Assert.All(y, value => Assert.Equal(truth, value));
    }

    private static bool Near(float expected, float actual) => Math.Abs(expected - actual) <= 1e-7f * Math.Max(1f, Math.Abs(expected));

    private static float[] Apply(float[] x, int kind, float a = 0.25f, float b = 0f)
    {
        float[] y = [.. x];
        fixed (float* values = y)
        {
            Activations.Apply(values, y.Length, (Activation)kind, a, b);
        }

        return y;
    }
}
