using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>A BatchNorm that no layer before it could take over, as one scale and one shift a channel.</summary>
internal static class ChannelAffine
{
    /// <exception cref="PackingException">A variance is negative or a parameter is not finite.</exception>
    public static PackedWeight Pack(BatchNorm norm, Graph graph)
    {
        Weight scale = graph.WeightOf(norm.Scale);
        ReadOnlySpan<float> shift = graph.WeightOf(norm.Shift).Values.Span;
        ReadOnlySpan<float> mean = graph.WeightOf(norm.Mean).Values.Span;
        ReadOnlySpan<float> variance = graph.WeightOf(norm.Variance).Values.Span;
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

        return new PackedWeight(norm.Scale, WeightFormat.Dense, scale.Shape, factors.Length, 1, 1, factors.Length - factors.AsSpan().Count(0f))
        {
            Values = PackedWeight.BytesOf<float>(norm.Name, factors),
            Bias = PackedWeight.BytesOf<float>(norm.Name, terms),
        };
    }
}
