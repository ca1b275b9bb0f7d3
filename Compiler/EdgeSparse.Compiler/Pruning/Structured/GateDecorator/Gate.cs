using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning.Structured.GateDecorator;

/// <summary>
/// A gate φ on a batch normalisation, z → φ · (ẑ + β'), in place of γ ẑ + β (You et al. 2019, "Gate Decorator", section 3.1). The
/// network keeps its batch normalisations: γ = φ and β = φ β' are the same function, and melting is nothing more than that.
/// </summary>
internal static class Gate
{
    private const float Largest = 10;

    /// <summary>φ = γ and β' = β/γ, held within ±10; of a channel with γ = 0 both are 0.</summary>
    public static (float[] Phi, float[] Beta) Of(ReadOnlySpan<float> gamma, ReadOnlySpan<float> beta)
    {
        float[] ratios = new float[gamma.Length];
        for (int i = 0; i < ratios.Length; i++)
        {
            ratios[i] = gamma[i] == 0 ? 0 : Math.Clamp(beta[i] / gamma[i], -Largest, Largest);
        }

        return (gamma.ToArray(), ratios);
    }

    /// <summary>γ = φ and β = φ β'.</summary>
    public static (float[] Gamma, float[] Beta) Melt(ReadOnlySpan<float> phi, ReadOnlySpan<float> beta)
    {
        float[] shifts = new float[phi.Length];
        for (int i = 0; i < shifts.Length; i++)
        {
            shifts[i] = phi[i] * beta[i];
        }

        return (phi.ToArray(), shifts);
    }

    /// <summary>The network as its gates make it: the same function where no |β/γ| is above 10.</summary>
    public static Graph Decorate(Graph graph) => graph.WithWeights(graph.Nodes.OfType<BatchNorm>().SelectMany(norm =>
    {
        (Weight scale, Weight shift) = (graph.WeightOf(norm.Scale), graph.WeightOf(norm.Shift));
        (float[] phi, float[] beta) = Of(scale.Values.Span, shift.Values.Span);
        (float[] gamma, float[] melted) = Melt(phi, beta);
        return new[] { scale.With(gamma), shift.With(melted) };
    }));
}
