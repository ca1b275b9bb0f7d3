using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>One scale and one shift a channel: a BatchNorm that no layer before it could take over, a sum or product with constants.</summary>
internal static class ChannelAffine
{
    /// <param name="norm">The layer.</param>
    /// <param name="weightOf">Its weights.</param>
    /// <exception cref="PackingException">A variance is negative or a parameter is not finite.</exception>
    public static (float[] Scale, float[] Shift) Of(BatchNorm norm, Func<string, Weight> weightOf)
    {
        Weight scale = weightOf(norm.Scale);
        ReadOnlySpan<float> shift = weightOf(norm.Shift).Values.Span;
        ReadOnlySpan<float> mean = weightOf(norm.Mean).Values.Span;
        ReadOnlySpan<float> variance = weightOf(norm.Variance).Values.Span;
        float[] factors = new float[scale.ElementCount];
        float[] terms = new float[scale.ElementCount];
        for (int channel = 0; channel < factors.Length; channel++)
        {
            double factor = scale.Values.Span[channel] / Math.Sqrt((double)variance[channel] + norm.Epsilon);
            factors[channel] = (float)factor;
            terms[channel] = (float)(shift[channel] - (mean[channel] * factor));
            if (!float.IsFinite(factors[channel]) || !float.IsFinite(terms[channel]))
            {
                throw new PackingException($"layer '{norm.Name}' (BatchNorm) has no finite scale and shift for channel {channel}");
            }
        }

        return (factors, terms);
    }

    public static PackedWeight Pack(AffineStep step)
    {
        float[] factors = [.. step.Scale];
        return new PackedWeight(
            step.Tensor, WeightFormat.Dense, new TensorShape(factors.Length), factors.Length, 1, 1, factors.Length - factors.AsSpan().Count(0f))
        {
            Values = PackedWeight.BytesOf<float>(step.Name, factors),
            Bias = PackedWeight.BytesOf<float>(step.Name, step.Shift.AsSpan()),
        };
    }
}
