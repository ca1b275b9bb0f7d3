using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning.Reconstruction;

/// <summary>The weights of one layer solved, and what it came to.</summary>
/// <param name="Weight">Solved, with the mask it had.</param>
/// <param name="Bias">Solved, or null where the layer has none.</param>
/// <param name="Before">‖XW − Y‖²/‖Y‖² with the dense weights under the mask.</param>
/// <param name="After">The same with the solved ones.</param>
/// <param name="Ridge">The largest λ used, over the mean diagonal of XᵀX: above what was asked where the columns depended on each other.</param>
internal sealed record LayerSolution(Weight Weight, Weight? Bias, double Before, double After, double Ridge)
{
    // From 1e-12 up to 1: beyond that the samples say next to nothing.
    private const int MostRaises = 12;

    /// <param name="moments">Of the layer.</param>
    /// <param name="dense">Its weight in the dense network, which the solution is drawn to.</param>
    /// <param name="bias">Its bias there, or null.</param>
    /// <param name="pruned">The weight with the mask.</param>
    /// <param name="ridge">λ over the mean diagonal of XᵀX.</param>
    public static LayerSolution Of(LayerMoments moments, Weight dense, Weight? bias, Weight pruned, double ridge)
    {
        float[] values = new float[dense.ElementCount];
        float[]? biases = bias?.Values.ToArray();
        double[] before = new double[moments.Kernels.Outputs];
        double[] after = new double[before.Length];
        double[] ridges = new double[before.Length];
        Parallel.For(0, before.Length, output =>
        {
            int group = output / (moments.Kernels.Outputs / moments.Kernels.Groups);
            int[] places = PlacesOf(moments.Kernels, output);
            double[] prior = PriorOf(moments, places, dense, bias, output);
            int[] columns = KeptColumns(places, pruned, moments.Size);
            double[] solution = new double[columns.Length];
            ridges[output] = Solve(moments, group, output, prior, columns, ridge, solution);
            before[output] = Error(moments, group, output, columns, [.. columns.Select(c => prior[c])]);
            after[output] = Error(moments, group, output, columns, solution);
            for (int i = 0; i < columns.Length; i++)
            {
                if (columns[i] < places.Length)
                {
                    values[places[columns[i]]] = (float)solution[i];
                }
                else
                {
                    biases![output] = (float)solution[i];
                }
            }
        });

        double all = Enumerable.Range(0, before.Length).Sum(moments.SquaresOf);
        double scale = all > 0 ? 1 / all : 0;
        return new LayerSolution(
            pruned.With(values), biases is null ? null : bias!.With(biases), before.Sum() * scale, after.Sum() * scale, ridges.Max());
    }

    /// <summary>Where the columns of an output lie in the weight.</summary>
    public static int[] PlacesOf(KernelGrid kernels, int output) =>
        [.. kernels.KernelsOf(output).SelectMany(at => Enumerable.Range(at, kernels.KernelElements))];

    private static double[] PriorOf(LayerMoments moments, int[] places, Weight dense, Weight? bias, int output)
    {
        double[] prior = new double[moments.Size];
        for (int i = 0; i < places.Length; i++)
        {
            prior[i] = dense.Values.Span[places[i]];
        }

        if (bias is not null)
        {
            prior[^1] = bias.Values.Span[output];
        }

        return prior;
    }

    private static int[] KeptColumns(int[] places, Weight pruned, int size)
    {
        ReadOnlyMemory<bool>? mask = pruned.Mask;
        return [.. Enumerable.Range(0, size).Where(c => c >= places.Length || mask is null || mask.Value.Span[places[c]])];
    }

    private static double Solve(LayerMoments moments, int group, int output, double[] prior, int[] columns, double ridge, double[] solution)
    {
        ReadOnlySpan<double> gram = moments.GramOf(group);
        double diagonal = 0;
        for (int i = 0; i < moments.Size; i++)
        {
            diagonal += gram[(i * moments.Size) + i] / moments.Size;
        }

        // Inputs that are all zero say nothing: any weights do.
        diagonal = diagonal > 0 ? diagonal : 1;
        for (int raises = 0; raises <= MostRaises; raises++)
        {
            if (RestrictedLeastSquares.Solve(gram, moments.Size, moments.RightOf(output), prior, columns, ridge * diagonal, solution))
            {
                return ridge;
            }

            ridge = Math.Max(ridge * 10, 1e-12);
        }

        throw new PruningException($"the weights of output {output} cannot be solved: the inputs are no numbers");
    }

    /// <summary>wᵀXᵀXw − 2wᵀXᵀy + yᵀy, which is not negative but for rounding.</summary>
    private static double Error(LayerMoments moments, int group, int output, int[] columns, double[] w)
    {
        ReadOnlySpan<double> gram = moments.GramOf(group);
        ReadOnlySpan<double> right = moments.RightOf(output);
        double error = moments.SquaresOf(output);
        for (int i = 0; i < columns.Length; i++)
        {
            ReadOnlySpan<double> row = gram.Slice(columns[i] * moments.Size, moments.Size);
            double product = 0;
            for (int j = 0; j < columns.Length; j++)
            {
                product += row[columns[j]] * w[j];
            }

            error += w[i] * (product - (2 * right[columns[i]]));
        }

        return Math.Max(0, error);
    }
}
