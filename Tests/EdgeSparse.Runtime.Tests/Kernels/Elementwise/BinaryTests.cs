using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class BinaryTests
{
    public static TheoryData<int> Functions => [.. Enum.GetValues<ElementFunction>().Select(f => (int)f)];

    [Theory]
    [MemberData(nameof(Functions))]
    public void Broadcast_operands_agree_with_plain_arithmetic(int functionNumber)
    {
        var function = (ElementFunction)functionNumber;
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            int[] lengths = GeneralCase.Lengths(random, random.Next(0, 5), seed % 3 == 0 ? 4 : 24);
            lengths = seed % 10 == 9 ? [2, random.Next(500, 1600)] : lengths;
            int[] strides0 = GeneralCase.Strides(lengths, Repeated(random, lengths.Length), out int count0);
            int[] strides1 = GeneralCase.Strides(lengths, Repeated(random, lengths.Length), out int count1);
            float[] x = Values(random, function, count0, isSecond: false);
            float[] z = Values(random, function, count1, isSecond: true);
            int outputs = GeneralCase.Product(lengths);
            double[] expected = new double[outputs];
            for (int i = 0; i < outputs; i++)
            {
                int[] place = GeneralCase.Place(i, lengths);
                expected[i] = Of(function, x[GeneralCase.Element(place, strides0)], z[GeneralCase.Element(place, strides1)]);
            }

            int[] parameters = [lengths.Length, .. lengths.SelectMany((l, d) => new[] { l, strides0[d], strides1[d] })];
            BlobBuilder blob = GeneralCase.Step(
                OperationKind.Binary, new OperationRecord { Function = (uint)function }, parameters, outputs, x, z);
            string what = $"seed {seed}, {function}, {string.Join('x', lengths)}, {string.Join(' ', strides0)}, {string.Join(' ', strides1)}";
            Check(blob, function, expected, what, x, z);
        }
    }

    [Fact]
    public void Operands_of_strides_above_one_are_gathered()
    {
        // The transpose of a matrix of 700 columns plus a column that is repeated.
        float[] x = SparseCase.Values(new Random(1), 3 * 700);
        float[] z = SparseCase.Values(new Random(2), 700);
        double[] expected = [.. Enumerable.Range(0, 2100).Select(i => (double)x[((i % 3) * 700) + (i / 3)] + z[i / 3])];
        int[] parameters = [2, 700, 1, 1, 3, 700, 0];
        BlobBuilder blob = GeneralCase.Step(OperationKind.Binary, default, parameters, 2100, x, z);
        GeneralCase.Check(blob, expected, "3x700 transposed", [.. expected.Select(_ => 1.0)], x, z);
        int[] across = [2, 3, 700, 0, 700, 1, 1];
        double[] sums = [.. Enumerable.Range(0, 2100).Select(i => (double)x[i] + z[i % 700])];
        GeneralCase.Check(
            GeneralCase.Step(OperationKind.Binary, default, across, 2100, x, z), sums, "3x700", [.. sums.Select(_ => 1.0)], x, z);
    }

    [Fact]
    public void Operands_in_slots_agree_with_plain_arithmetic_also_per_channel_and_in_place()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            (int c, int h, int w) = random.Next(5) == 0
                ? (random.Next(1, 1200), 1, 1)
                : (random.Next(1, 6), random.Next(1, 9), random.Next(1, 40));
            Slots slots = h * w == 1 ? Slots.Planar : SlotCase.Any(random);
            bool isPerChannel = random.Next(2) == 0;
            var function = SparseCase.Pick(random, ElementFunction.Sub, ElementFunction.Mul, ElementFunction.Max, ElementFunction.PRelu);
            var activation = (Activation)random.Next(0, (int)Activation.LeakyRelu + 1);
            (float a, float b) = ActivationReference.Numbers(activation);
            float[] x = SparseCase.Values(random, c * h * w);
            float[] z = SparseCase.Values(random, isPerChannel ? c : x.Length);
            var blob = new BlobBuilder();
            int input = SlotCase.Input(blob, "x", c, h, w, SlotCase.Vary(random, slots));
            int second = isPerChannel
                ? ChannelVector(blob, c, isFlat: random.Next(2) == 0)
                : SlotCase.Input(blob, "z", c, h, w, SlotCase.Vary(random, slots));
            bool inPlace = slots.Lanes != 1 && random.Next(3) == 0;
            int output = inPlace ? input : blob.Value("y", c, h, w, SlotCase.Vary(random, slots));
            var record = new OperationRecord { Function = (uint)function, Activation = activation, ActivationA = a, ActivationB = b };
            blob.Step("step", OperationKind.Binary, input, output, record, input1: second);
            SlotCase.Output(blob, output);
            double[] expected =
                [.. x.Select((v, i) => ActivationReference.Of(activation, (float)Of(function, v, z[isPerChannel ? i / (h * w) : i]), a, b))];
            GeneralCase.Check(blob, expected, $"seed {seed}, {c}x{h}x{w}, {slots}, {function}", null, x, z);
        }
    }

    /// <summary>One element a channel: c×1×1, or 1×1×c.</summary>
    private static int ChannelVector(BlobBuilder blob, int c, bool isFlat) =>
        isFlat ? SlotCase.Input(blob, "z", 1, 1, c, Slots.Planar) : SlotCase.Input(blob, "z", c, 1, 1, Slots.Planar);

    private static bool[] Repeated(Random random, int rank) => [.. Enumerable.Range(0, rank).Select(_ => random.Next(3) == 0)];

    private static void Check(BlobBuilder blob, ElementFunction function, double[] expected, string what, float[] x, float[] z)
    {
        double largest = function is ElementFunction.Add or ElementFunction.Sub ? 8 : 0;
        double[]? magnitude = largest == 0 ? null : [.. expected.Select(_ => largest)];
        GeneralCase.Check(blob, expected, what, magnitude, x, z);
    }

    /// <summary>Small integers where equality and remainders matter, positive bases for powers.</summary>
    private static float[] Values(Random random, ElementFunction function, int count, bool isSecond) => function switch
    {
        ElementFunction.Pow when isSecond => [.. SparseCase.Values(random, count).Select(v => v < -0.5 ? 2f : v < 0 ? 0.5f : v * 3)],
        ElementFunction.Pow => [.. SparseCase.Values(random, count).Select(v => Math.Abs(v) * 9)],
        ElementFunction.IntegerDiv or ElementFunction.Mod or ElementFunction.Fmod =>
            [.. SparseCase.Values(random, count).Select(v => MathF.Round(v * 20) is 0f && isSecond ? 3f : MathF.Round(v * 20))],
        >= ElementFunction.Equal => [.. SparseCase.Values(random, count).Select(v => MathF.Round(v))],
        _ => [.. SparseCase.Values(random, count).Select(v => v * 4)],
    };

    private static double Of(ElementFunction function, double x, double y) => function switch
    {
        ElementFunction.Add => x + y,
        ElementFunction.Sub => x - y,
        ElementFunction.Mul => x * y,
        ElementFunction.Div => x / y,
        ElementFunction.IntegerDiv => Math.Truncate(x / y),
        ElementFunction.Pow => Math.Pow(x, y),
        ElementFunction.Min => Math.Min(x, y),
        ElementFunction.Max => Math.Max(x, y),
        ElementFunction.PRelu => x >= 0 ? x : x * y,
        ElementFunction.Fmod => x % y,
        ElementFunction.Mod => x - (Math.Floor(x / y) * y),
        ElementFunction.Equal => x == y ? 1 : 0,
        ElementFunction.Less => x < y ? 1 : 0,
        ElementFunction.LessOrEqual => x <= y ? 1 : 0,
        ElementFunction.Greater => x > y ? 1 : 0,
        ElementFunction.GreaterOrEqual => x >= y ? 1 : 0,
        ElementFunction.And => x != 0 && y != 0 ? 1 : 0,
        ElementFunction.Or => x != 0 || y != 0 ? 1 : 0,
        _ => (x != 0) != (y != 0) ? 1 : 0,
    };
}
