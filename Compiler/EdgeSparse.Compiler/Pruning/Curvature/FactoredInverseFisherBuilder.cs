using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>
/// M-FAC's recursion uᵢ = gᵢ/λ − Σⱼ (uⱼᵀgᵢ/denⱼ)·uⱼ, denᵢ = N + gᵢᵀuᵢ, for k gradients at a time: what earlier vectors take off all k
/// is one product of matrices, and among themselves the recursion is the factorisation L·D·Lᵀ of N·I + P·F⁻¹·Pᵀ, with D = den and
/// U = L⁻¹·F⁻¹P. The vectors are the same, not only the inverse.
/// </summary>
internal sealed class FactoredInverseFisherBuilder : FisherBuilder
{
    private readonly long panelRows;
    private readonly Tensor[] vectors;
    private readonly Tensor[] denominators;
    private readonly Tensor failed;
    private bool handedOver;

    /// <inheritdoc cref="FisherBuilder(long, long, FisherOptions, Device)"/>
    /// <param name="panelRows">Gradients taken at a time; 1 is the recursion.</param>
    public FactoredInverseFisherBuilder(long count, long samples, FisherOptions options, Device device, long panelRows = 128)
        : base(count, samples, options, device)
    {
        this.panelRows = panelRows;
        long rows = samples + (options.Centred ? 1 : 0);
        vectors = [.. Blocks.Select(b => zeros([rows, b.Length], ScalarType.Float64, device).DetachFromDisposeScope())];
        denominators = [.. Blocks.Select(_ => ones([rows], ScalarType.Float64, device).DetachFromDisposeScope())];
        failed = zeros(Blocks.Length, ScalarType.Bool, device).DetachFromDisposeScope();
    }

    protected override long PanelRows => panelRows;

    protected override void AddPanel(Tensor panel, long first)
    {
        long k = panel.shape[0];
        for (int b = 0; b < Blocks.Length; b++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor gradients = panel.narrow(1, Blocks[b].Start, Blocks[b].Length).to(ScalarType.Float64);
            Tensor projected = Project(b, gradients, first);
            Tensor small = projected.matmul(gradients.t());
            small.diagonal().add_(Samples);
            (Tensor factor, Tensor info) = linalg.cholesky_ex(small);
            Tensor roots = factor.diagonal();
            Tensor unit = factor / roots.unsqueeze(0);
            vectors[b].narrow(0, first, k).copy_(linalg.solve_triangular(unit, projected, upper: false, unitriangular: true));
            denominators[b].narrow(0, first, k).copy_(roots.square());
            failed[b].logical_or_(info.ne(0)).logical_or_(roots.isfinite().all().logical_not());
        }
    }

    protected override IInverseCurvature Finish()
    {
        using DisposeScope scope = NewDisposeScope();
        if (Options.Centred)
        {
            TakeMeanOff();
        }

        ImmutableArray<bool> bad = [.. failed.cpu().data<bool>()];
        ImmutableArray<double> scales = Scales(bad);
        handedOver = true;
        return new FactoredInverseFisher(Blocks, scales, bad, [.. vectors], [.. denominators]);
    }

    protected override void Dispose(bool disposing)
    {
        foreach (Tensor tensor in handedOver ? [] : vectors.Concat(denominators))
        {
            tensor.Dispose();
        }

        failed.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>F⁻¹Pᵀ, transposed, of the gradients taken before.</summary>
    private Tensor Project(int block, Tensor gradients, long taken)
    {
        Tensor projected = gradients / Options.Dampening;
        if (taken > 0)
        {
            Tensor before = vectors[block].narrow(0, 0, taken);
            Tensor parts = gradients.matmul(before.t()) / denominators[block].narrow(0, 0, taken);
            projected.addmm_(parts, before, beta: 1, alpha: -1);
        }

        return projected;
    }

    /// <summary>F − ḡḡᵀ has the inverse F⁻¹ + v·vᵀ/(1 − ḡᵀv), v = F⁻¹ḡ: one more vector, of denominator −(1 − ḡᵀv).</summary>
    private void TakeMeanOff()
    {
        Tensor mean = MeanGradient();
        for (int b = 0; b < Blocks.Length; b++)
        {
            Tensor part = mean.narrow(0, Blocks[b].Start, Blocks[b].Length).unsqueeze(0);
            Tensor projected = Project(b, part, Samples);
            Tensor left = 1 - (part * projected).sum();
            vectors[b].narrow(0, Samples, 1).copy_(projected);
            denominators[b].narrow(0, Samples, 1).copy_(left.neg());
            failed[b].logical_or_(left.gt(0).logical_not());
        }
    }
}
