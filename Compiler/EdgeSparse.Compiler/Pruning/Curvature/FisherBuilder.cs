using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>
/// Takes the N gradients of d weights, some at a time, and makes F⁻¹ of F = λI + (1/N)·Σ gᵢgᵢᵀ (WoodFisher, Singh and Alistarh 2020,
/// equation 4). The result does not depend on the order of the gradients but for rounding.
/// </summary>
internal abstract class FisherBuilder : IDisposable
{
    // Elements of float64 converted at a time: 64 MiB.
    protected const long PieceElements = 1 << 23;

    private Tensor? sum;
    private Tensor? squares;

    /// <param name="count">d.</param>
    /// <param name="samples">N.</param>
    /// <param name="options">The form is the subclass's.</param>
    /// <param name="device">Where gradients will lie.</param>
    /// <exception cref="PruningException">λ is not a positive number, or there are no samples.</exception>
    protected FisherBuilder(long count, long samples, FisherOptions options, Device device)
    {
        if (options.Dampening is not (> 0 and < double.PositiveInfinity))
        {
            throw new PruningException($"the dampening of a Fisher matrix must be a positive number, not {options.Dampening}");
        }

        if (samples < 1)
        {
            throw new PruningException($"a Fisher matrix needs at least one gradient, not {samples}");
        }

        (Count, Samples, Options, Device) = (count, samples, options, device);
        Blocks = CurvatureBlock.Split(count, options.BlockSize);
        sum = zeros(count, ScalarType.Float64, device).DetachFromDisposeScope();
        squares = zeros(count, ScalarType.Float64, device).DetachFromDisposeScope();
    }

    public long Count { get; }

    public long Samples { get; }

    /// <summary>Gradients taken so far.</summary>
    public long Added { get; private set; }

    protected FisherOptions Options { get; }

    protected Device Device { get; }

    protected ImmutableArray<CurvatureBlock> Blocks { get; }

    /// <summary>Gradients that <see cref="AddPanel"/> gets at most.</summary>
    protected abstract long PanelRows { get; }

    /// <param name="panel">[k, d] or [d], float32 or float64, masked: 0 at pruned weights.</param>
    public void Add(Tensor panel)
    {
        ObjectDisposedException.ThrowIf(sum is null || squares is null, this);
        using IDisposable gradless = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = panel.dim() == 1 ? panel.unsqueeze(0) : panel;
        if (rows.dim() != 2 || rows.shape[1] != Count || Added + rows.shape[0] > Samples)
        {
            throw new ArgumentException(
                $"gradients of shape [{string.Join(", ", panel.shape)}] where {Samples - Added} of [{Count}] are still to come", nameof(panel));
        }

        for (long at = 0; at < rows.shape[0]; at += PanelRows)
        {
            using DisposeScope piece = NewDisposeScope();
            Tensor some = rows.narrow(0, at, Math.Min(PanelRows, rows.shape[0] - at));
            Sum(some);
            AddPanel(some, Added);
            Added += some.shape[0];
        }
    }

    /// <summary>(1/N)·Σ gᵢ, [d] float64; 0 where gradients are no numbers. The caller's to dispose.</summary>
    public Tensor MeanGradient()
    {
        ObjectDisposedException.ThrowIf(sum is null, this);
        using Tensor mean = sum / Samples;
        return mean.nan_to_num(0, 0, 0);
    }

    /// <summary>F⁻¹. The builder is of no use afterwards, but <see cref="MeanGradient"/> still answers.</summary>
    /// <exception cref="InvalidOperationException">Gradients are missing.</exception>
    public IInverseCurvature Build()
    {
        if (Added != Samples)
        {
            throw new InvalidOperationException($"{Added} of {Samples} gradients were added");
        }

        using IDisposable gradless = no_grad();
        return Finish();
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <param name="panel">[k, d], k at most <see cref="PanelRows"/>.</param>
    /// <param name="first">The number of its first gradient.</param>
    protected abstract void AddPanel(Tensor panel, long first);

    protected abstract IInverseCurvature Finish();

    protected virtual void Dispose(bool disposing)
    {
        sum?.Dispose();
        squares?.Dispose();
        (sum, squares) = (null, null);
    }

    /// <summary>(1/N)·Σ gᵢ², less the squared mean where the Fisher matrix is centred, [d].</summary>
    protected Tensor MeanSquares()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor mean = squares! / Samples;
        if (Options.Centred)
        {
            mean = (mean - (sum! / Samples).square()).clamp_min(0);
        }

        return mean.MoveToOuterDisposeScope();
    }

    /// <summary>1/λ for blocks that are well, and <see cref="NeutralScale"/> for those that are not.</summary>
    protected ImmutableArray<double> Scales(ImmutableArray<bool> bad)
    {
        double well = 1 / Options.Dampening;
        if (!bad.Contains(true))
        {
            return [.. bad.Select(_ => well)];
        }

        using DisposeScope scope = NewDisposeScope();
        double neutral = NeutralScale(cat([.. Blocks.Select((b, i) => full([b.Length], bad[i], ScalarType.Bool, Device))]));
        return [.. bad.Select(x => x ? neutral : well)];
    }

    /// <summary>What stands in the diagonal of blocks without numbers: of λ and the mean square of the gradients of all others, the inverse.</summary>
    /// <param name="bad">bool, [d]: weights in such blocks.</param>
    protected double NeutralScale(Tensor bad)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor good = MeanSquares().masked_select(bad.logical_not());
        return 1 / (Options.Dampening + (good.numel() == 0 ? 0 : good.mean().item<double>()));
    }

    private void Sum(Tensor panel)
    {
        long columns = Math.Max(1, PieceElements / panel.shape[0]);
        for (long at = 0; at < Count; at += columns)
        {
            using DisposeScope scope = NewDisposeScope();
            long width = Math.Min(columns, Count - at);
            Tensor piece = panel.narrow(1, at, width).to(ScalarType.Float64);
            sum!.narrow(0, at, width).add_(piece.sum(dim: 0));
            squares!.narrow(0, at, width).add_(piece.square().sum(dim: 0));
        }
    }
}
