using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>Small blobs of one step between planar inputs and a planar output, and how their results are compared.</summary>
internal static class GeneralCase
{
    /// <summary>Adds a planar input of so many elements.</summary>
    public static int Input(BlobBuilder blob, string name, int count)
    {
        int value = blob.Vector(name, count);
        blob.Input(name, value, count);
        return value;
    }

    /// <summary>Adds a planar output of so many elements.</summary>
    public static int Output(BlobBuilder blob, int count)
    {
        int value = blob.Vector("y", count);
        blob.Output("y", value, count);
        return value;
    }

    /// <summary>One step from inputs of the given lengths.</summary>
    public static BlobBuilder Step(OperationKind kind, OperationRecord record, Array? parameters, int outputs, params float[][] inputs)
    {
        var blob = new BlobBuilder();
        int[] values = [.. inputs.Select((x, i) => Input(blob, "x" + i, x.Length)), -1, -1, -1];
        blob.Step("step", kind, values[0], Output(blob, outputs), record, input1: values[1], input2: values[2], parameters: parameters);
        return blob;
    }

    /// <summary>
    /// The blob's result is the expected one, within 10⁻⁵ of it, or of the magnitude of the terms that it is a sum of; with the same
    /// bits for any number of workers.
    /// </summary>
    public static void Check(BlobBuilder blob, double[] expected, string what, double[]? magnitude, params float[][] inputs)
    {
        CheckWith(Hardware.Best, blob, expected, what, magnitude, inputs);
    }

    /// <summary>The same with the kernels of one instruction set.</summary>
    public static void CheckWith(
        InstructionSet set, BlobBuilder blob, double[] expected, string what, double[]? magnitude, params float[][] inputs)
    {
        float[] y = KernelRun.Run(blob, set, inputs);
        AssertClose(expected, y, what + ", " + set, magnitude);
        float[] shared = WorkerRun.Run(blob, set, 3, inputs);
        KernelRun.AssertSameBits(y, shared);
    }

    public static void AssertClose(double[] expected, float[] actual, string what, double[]? magnitude = null)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double allowed = (1e-5 * (magnitude is null ? Math.Abs(expected[i]) : magnitude[i])) + 1e-37;
            bool isClose = expected[i].Equals(actual[i]) || (float)expected[i] == actual[i] || Math.Abs(expected[i] - actual[i]) <= allowed;
            if (!isClose)
            {
                Assert.Fail($"{what}: element {i} is {actual[i]}, expected {expected[i]} ± {allowed}");
            }
        }
    }

    /// <summary>A number as a word of parameters.</summary>
    public static int Word(float value) => BitConverter.SingleToInt32Bits(value);

    /// <summary>Random lengths of dimensions.</summary>
    public static int[] Lengths(Random random, int rank, int most) => [.. Enumerable.Range(0, rank).Select(_ => random.Next(1, most))];

    public static int Product(IEnumerable<int> lengths) => lengths.Aggregate(1, (a, b) => a * b);

    /// <summary>The place in each dimension of element i, row-major.</summary>
    public static int[] Place(int i, int[] lengths)
    {
        int[] place = new int[lengths.Length];
        for (int d = lengths.Length - 1; d >= 0; d--)
        {
            place[d] = i % lengths[d];
            i /= lengths[d];
        }

        return place;
    }

    /// <summary>Row-major strides of an operand of these lengths whose dimensions may be repeated.</summary>
    public static int[] Strides(int[] lengths, bool[] repeated, out int count)
    {
        int[] strides = new int[lengths.Length];
        count = 1;
        for (int d = lengths.Length - 1; d >= 0; d--)
        {
            strides[d] = repeated[d] ? 0 : count;
            count *= repeated[d] ? 1 : lengths[d];
        }

        return strides;
    }

    public static int Element(int[] place, int[] strides)
    {
        int element = 0;
        for (int d = 0; d < place.Length; d++)
        {
            element += place[d] * strides[d];
        }

        return element;
    }
}
