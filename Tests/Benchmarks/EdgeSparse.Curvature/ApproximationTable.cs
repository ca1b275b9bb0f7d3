using System.Globalization;
using EdgeSparse.Compiler.Pruning.Curvature;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Curvature;

/// <summary>Approximate inverses of a network's Hessian beside the exact one.</summary>
internal sealed class ApproximationTable
{
    private static readonly double[] Sparsities = [.3, .5, .7];

    private readonly DigitNetwork network;
    private readonly Tensor hessian;
    private readonly Tensor exact;
    private readonly double dampening;
    private readonly double lowest;
    private readonly double dense;
    private readonly double[] increases;
    private readonly Tensor[] sets;

    /// <param name="network">Trained.</param>
    /// <param name="leastDampening">λ, unless twice the Hessian's lowest eigenvalue below 0 asks for more.</param>
    /// <param name="seed">Of the random sets.</param>
    public ApproximationTable(DigitNetwork network, double leastDampening, int seed)
    {
        this.network = network;
        hessian = network.Hessian();
        Tensor eigenvalues = linalg.eigvalsh(hessian);
        lowest = eigenvalues[0].item<double>();
        dampening = Math.Max(leastDampening, -2 * lowest);
        exact = linalg.inv(hessian + (eye(hessian.shape[0], dtype: ScalarType.Float64) * dampening));
        dense = network.LossAt(network.Weights);
        increases = [.. Enumerable.Range(0, (int)network.Weights.shape[0]).Select(q => Increase(network.Weights * Without(q)))];
        sets = RandomSets(seed);
        Console.WriteLine(Invariant(
            $"{network.Weights.shape[0]} weights, {network.Samples} samples, loss {dense:0.0000}, accuracy {network.Accuracy():0.00%}, eigenvalues of the Hessian {lowest:0.0e+0} to {eigenvalues[-1].item<double>():0.00}, λ = {dampening:0.0e+0}"));
        Console.WriteLine();
    }

    public void Print()
    {
        Console.WriteLine($"| inverse | error | diagonals | alone | with update | sets | scale | {string.Join(" | ", Sparsities.Select(s => Invariant($"{s:0 %}")))} |");
        Console.WriteLine($"|---|---|---|---|---|---|---|{string.Concat(Sparsities.Select(_ => "---|"))}");
        (Tensor g, (Tensor Inputs, Tensor Outputs)[] factors) = network.Gradients();
        (int first, int second) = network.LayerSizes;
        long all = network.Weights.shape[0];
        Row("exact Hessian", new BlockInverseFisher(CurvatureBlock.Split(all, null), [exact.clone().unsqueeze(0)], 0));
        Row("identity (magnitude)", DiagonalInverse.Identity(all, CPU));
        Row("diagonal Fisher", Fisher(g, CurvatureForm.Diagonal, null));
        Row("K-FAC", new LayerInverses([.. factors.Select(f => new KroneckerInverse(f.Inputs, f.Outputs, dampening))]));
        foreach (long size in new[] { 10L, 49, 196 })
        {
            Row($"Fisher, blocks of {size}", new LayerInverses(
                Fisher(g.narrow(1, 0, first), CurvatureForm.Dense, size), Fisher(g.narrow(1, first, second), CurvatureForm.Dense, size)));
        }

        Row("Fisher, one block a layer", new LayerInverses(
            Fisher(g.narrow(1, 0, first), CurvatureForm.Dense, null), Fisher(g.narrow(1, first, second), CurvatureForm.Dense, null)));
        Row("Fisher, all in one block", Fisher(g, CurvatureForm.Dense, null));
        Row("the same, factored (M-FAC)", Fisher(g, CurvatureForm.Factored, null));
        Row("M-FAC, 400 gradients", Fisher(g.narrow(0, 0, 400), CurvatureForm.Factored, null));
        Row("M-FAC, 100 gradients", Fisher(g.narrow(0, 0, 100), CurvatureForm.Factored, null));
        Row("M-FAC, 400 means of 10", Fisher(g.narrow(0, 0, g.shape[0] / 10 * 10).view(-1, 10, all).mean([1]), CurvatureForm.Factored, null));
    }

    private IInverseCurvature Fisher(Tensor g, CurvatureForm form, long? size) =>
        InverseCurvatures.Fisher(g, new FisherOptions(dampening, size, Form: form));

    private void Row(string name, IInverseCurvature inverse)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor matrix = Whole(inverse);
        double fit = ((matrix * exact).sum() / matrix.square().sum()).item<double>();
        double error = ((matrix * fit) - exact).norm().item<double>() / exact.norm().item<double>();
        Tensor diagonal = inverse.Diagonal();
        Tensor saliency = SaliencyStatistic.Single(network.Weights, diagonal);
        double[] costs = saliency.data<double>().ToArray();
        double[] updated = [.. Enumerable.Range(0, costs.Length).Select(q =>
            Increase(network.Weights - (matrix[q] * (network.Weights[q] / matrix[q, q]))))];
        (double spread, double scale) = SetErrors(inverse);
        string losses = string.Join(" | ", Sparsities.Select(s => Invariant($"{Pruned(inverse, saliency, s):0.000}")));
        Console.WriteLine(Invariant(
            $"| {name} | {error:0.000} | {Correlation(Logs(diagonal), Logs(exact.diagonal())):0.000} | {Rank(costs, increases):0.000} | {Rank(costs, updated):0.000} | {spread:0 %} | {scale:0.00e+0} | {losses} |"));
        inverse.Dispose();
    }

    /// <summary>The loss that is left when the cheapest weights go at once, by the exact update of the set.</summary>
    private double Pruned(IInverseCurvature inverse, Tensor saliency, double sparsity)
    {
        Tensor kept = SaliencySelection.KeepLargest(saliency, SaliencySelection.KeptAt(saliency.shape[0], sparsity));
        return network.LossAt(network.Weights + inverse.ExactUpdate(network.Weights, kept.logical_not()));
    }

    /// <summary>The median, over sets, of how far a prediction is from the true increase, when all are scaled by their median.</summary>
    private (double Spread, double Scale) SetErrors(IInverseCurvature inverse)
    {
        double[] ratios = [.. sets.Select(set =>
            inverse.SetSaliency(network.Weights, set) / Increase(network.Weights + inverse.ExactUpdate(network.Weights, set)))];
        double scale = Median(ratios);
        return (Median([.. ratios.Select(r => Math.Abs((r / scale) - 1))]), scale);
    }

    private double Increase(Tensor weights)
    {
        using (weights)
        {
            return network.LossAt(weights) - dense;
        }
    }

    private Tensor Without(int place)
    {
        Tensor mask = ones_like(network.Weights);
        mask[place] = 0;
        return mask;
    }

    /// <summary>Sets of 10 to 160 weights at random among the half of smaller magnitude: what is pruned in practice.</summary>
    private Tensor[] RandomSets(int seed)
    {
        using Generator generator = new((ulong)seed);
        long count = network.Weights.shape[0];
        Tensor small = network.Weights.abs().argsort(0).narrow(0, 0, count / 2);
        return [.. Enumerable.Range(0, 50).Select(i =>
        {
            long size = 10L << (i % 5);
            Tensor members = small.index_select(0, randperm(count / 2, ScalarType.Int64, generator: generator).narrow(0, 0, size));
            return zeros(count, ScalarType.Bool).index_fill_(0, members, true);
        })];
    }

    private static Tensor Whole(IInverseCurvature inverse)
    {
        Tensor units = eye(inverse.Count, dtype: ScalarType.Float64);
        return stack([.. Enumerable.Range(0, (int)inverse.Count).Select(i => inverse.Multiply(units[i]))]);
    }

    private static double[] Logs(Tensor values) => values.log().data<double>().ToArray();

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Spearman's: Pearson's of the ranks.</summary>
    private static double Rank(double[] a, double[] b) => Correlation(Ranks(a), Ranks(b));

    private static double[] Ranks(double[] values)
    {
        int[] order = [.. Enumerable.Range(0, values.Length).OrderBy(i => values[i])];
        double[] ranks = new double[values.Length];
        for (int i = 0; i < order.Length; i++)
        {
            ranks[order[i]] = i;
        }

        return ranks;
    }

    private static double Correlation(double[] a, double[] b)
    {
        (double meanA, double meanB) = (a.Average(), b.Average());
        double product = a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum();
        double squares = a.Sum(x => (x - meanA) * (x - meanA)) * b.Sum(y => (y - meanB) * (y - meanB));
        return squares > 0 ? product / Math.Sqrt(squares) : 0;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
