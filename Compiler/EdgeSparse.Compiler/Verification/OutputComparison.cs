using System.Numerics.Tensors;

namespace EdgeSparse.Compiler.Verification;

/// <summary>What the comparison of one sample's outputs says.</summary>
public enum Agreement
{
    /// <summary>The same prediction, and every output within the tolerance.</summary>
    Same,

    /// <summary>Every output within the tolerance; the prediction differs, but the reference's logits are nearly equal there.</summary>
    Tie,

    /// <summary>Another prediction, or an output beyond the tolerance or not finite.</summary>
    Mismatch,
}

/// <summary>
/// The outputs of one sample, compared with the reference's. An output may differ by <see cref="RelativeTolerance"/> of the
/// largest magnitude among the sample's reference outputs, but that magnitude counts as at least <see cref="SmallestScale"/>:
/// rounding errors grow with the terms of a sum, not with the sum, so that a small output beside large ones may differ more
/// than by its own share. A prediction is the index of the largest output, the first of equals.
/// </summary>
/// <param name="Agreement">The verdict.</param>
/// <param name="Absolute">The largest difference of two outputs; not finite where one of them is not.</param>
/// <param name="Relative">The same, relative to the scale described above.</param>
/// <param name="Prediction">Of the outputs compared.</param>
/// <param name="ReferencePrediction">Of the reference.</param>
public readonly record struct OutputComparison(
    Agreement Agreement, double Absolute, double Relative, int Prediction, int ReferencePrediction)
{
    public const double RelativeTolerance = 1e-4;

    /// <summary>A prediction may differ where the reference prefers its own by less than this.</summary>
    public const double TieGap = 1e-4;

    public const double SmallestScale = 1e-3;

    /// <param name="outputs">One sample's outputs, at least one.</param>
    /// <param name="reference">As many of the reference.</param>
    public static OutputComparison Of(ReadOnlySpan<float> outputs, ReadOnlySpan<float> reference)
    {
        double absolute = 0;
        double scale = SmallestScale;
        for (int i = 0; i < outputs.Length; i++)
        {
            // Math.Max hands on NaN, which the comparison below then refuses.
            absolute = Math.Max(absolute, Math.Abs((double)outputs[i] - reference[i]));
            scale = Math.Max(scale, Math.Abs((double)reference[i]));
        }

        double relative = absolute / scale;
        int prediction = TensorPrimitives.IndexOfMax(outputs);
        int expected = TensorPrimitives.IndexOfMax(reference);
        bool isClose = relative <= RelativeTolerance;
        bool isTie = (double)reference[expected] - reference[prediction] < TieGap;
        Agreement agreement = !isClose || (prediction != expected && !isTie) ? Agreement.Mismatch
            : prediction == expected ? Agreement.Same
            : Agreement.Tie;
        return new OutputComparison(agreement, absolute, relative, prediction, expected);
    }
}
