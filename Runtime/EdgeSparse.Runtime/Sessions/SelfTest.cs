using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime;

/// <summary>How a model's answers to its own samples compare with those that it states.</summary>
/// <param name="Samples">Samples run.</param>
/// <param name="LargestDeviation">
/// The furthest that an output was from what is stated, as a share of that sample's largest absolute output; NaN where one was no number.
/// </param>
/// <param name="Tolerance">What the model allows.</param>
public sealed record SelfTestResult(int Samples, double LargestDeviation, double Tolerance)
{
    /// <summary>Whether every output was as near as the model asks.</summary>
    public bool Passed => LargestDeviation <= Tolerance;
}

/// <summary>Samples that a blob carries, with the outputs that it had on the machine that packed it.</summary>
public sealed unsafe class SelfTest
{
    private readonly Model model;
    private readonly int inputElements;
    private readonly int outputElements;
    private readonly float* outputs;

    internal SelfTest(Model model)
    {
        this.model = model;
        inputElements = ElementsOf(model.Inputs, model.Inputs.Count);
        outputElements = ElementsOf(model.Outputs, model.Outputs.Count);
        Samples = (int)model.View.SelfTest->Samples;
        outputs = (float*)((byte*)model.View.SelfTest + sizeof(SelfTestRecord) + SelfTestCheck.InputBytes(model.View));
    }

    /// <summary>How many samples there are, at least 1.</summary>
    public int Samples { get; }

    /// <summary>Runs all samples. The session's inputs are other ones afterwards.</summary>
    /// <param name="session">One of the model that this belongs to, wherever it runs.</param>
    public SelfTestResult Run(IInferenceSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        double worst = 0;
        for (int sample = 0; sample < Samples; sample++)
        {
            for (int input = 0; input < model.Inputs.Count; input++)
            {
                session.SetInput(input, Input(sample, input));
            }

            session.Run();
            double deviation = Deviation(session, new ReadOnlySpan<float>(outputs + ((long)sample * outputElements), outputElements));

            // NaN stays, once seen.
            worst = double.IsNaN(worst) || deviation <= worst ? worst : deviation;
        }

        return new SelfTestResult(Samples, worst, model.View.SelfTest->Tolerance);
    }

    /// <summary>The elements of an input in row-major order.</summary>
    /// <param name="sample">From 0 to <see cref="Samples"/> − 1.</param>
    /// <param name="input">From 0 to the network's inputs − 1.</param>
    public float[] Input(int sample, int input)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)sample, (uint)Samples);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)input, (uint)model.Inputs.Count);
        TensorInfo tensor = model.Inputs[input];
        float[] values = new float[tensor.ElementCount];
        long start = ((long)sample * inputElements) + ElementsOf(model.Inputs, input);
        byte* stored = (byte*)model.View.SelfTest + sizeof(SelfTestRecord);
        switch (model.View.SelfTest->Inputs)
        {
            case SelfTestInputs.Numbers:
                new ReadOnlySpan<float>((float*)stored + start, values.Length).CopyTo(values);
                break;
            case SelfTestInputs.Pixels:
                FromPixels(new ReadOnlySpan<byte>(stored + start, values.Length), tensor.Scaling!, values);
                break;
            default:
                Generate(tensor.Type, model.View.SelfTest->Seed, (uint)start, values);
                break;
        }

        return values;
    }

    /// <summary>(pixel/255 − mean) / std, as for pictures.</summary>
    internal static void FromPixels(ReadOnlySpan<byte> pixels, PixelScaling scaling, Span<float> values)
    {
        int plane = values.Length / scaling.Mean.Length;
        for (int i = 0; i < values.Length; i++)
        {
            int channel = i / plane;
            values[i] = ((pixels[i] / 255f) - scaling.Mean[channel]) / scaling.Std[channel];
        }
    }

    /// <summary>
    /// Numbers from 0 to 1 that look random, by a mixing function of 32 bits; 0 for elements that are no fractions, which may be
    /// indices. docs/format.md has the formula.
    /// </summary>
    internal static void Generate(ElementType type, uint seed, uint start, Span<float> values)
    {
        if (type is not (ElementType.Float32 or ElementType.Float16 or ElementType.Float64))
        {
            values.Clear();
            return;
        }

        for (int i = 0; i < values.Length; i++)
        {
            uint x = unchecked(seed + ((start + (uint)i) * 0x9E3779B9));
            x = unchecked((x ^ (x >> 16)) * 0x21F0AAAD);
            x = unchecked((x ^ (x >> 15)) * 0x735A2D97);
            x ^= x >> 15;
            values[i] = (x >> 8) / (float)(1 << 24);
        }
    }

    /// <summary>Of the first <paramref name="count"/> ones.</summary>
    private static int ElementsOf(IReadOnlyList<TensorInfo> tensors, int count)
    {
        int elements = 0;
        for (int i = 0; i < count; i++)
        {
            elements += tensors[i].ElementCount;
        }

        return elements;
    }

    private double Deviation(IInferenceSession session, ReadOnlySpan<float> expected)
    {
        double scale = float.Epsilon;
        foreach (float value in expected)
        {
            scale = Math.Max(scale, Math.Abs(value));
        }

        double worst = 0;
        for (int o = 0; o < model.Outputs.Count; o++)
        {
            float[] found = new float[model.Outputs[o].ElementCount];
            session.GetOutput(o, found);
            for (int i = 0; i < found.Length; i++)
            {
                double deviation = Math.Abs((double)found[i] - expected[i]) / scale;
                worst = double.IsNaN(worst) || deviation <= worst ? worst : deviation;
            }

            expected = expected[found.Length..];
        }

        return worst;
    }
}
