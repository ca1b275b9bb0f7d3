using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>Keeps the gradients as they come and, at the end, factors what is between them.</summary>
internal sealed class DualInverseFisherBuilder : FisherBuilder
{
    private readonly Tensor gradients;
    private bool handedOver;

    /// <inheritdoc cref="FisherBuilder(long, long, FisherOptions, Device)"/>
    /// <param name="type">What gradients are kept in; float64 for tests of the mathematics.</param>
    public DualInverseFisherBuilder(long count, long samples, FisherOptions options, Device device, ScalarType type = ScalarType.Float32)
        : base(count, samples, options, device) => gradients = zeros([samples, count], type, device).DetachFromDisposeScope();

    protected override long PanelRows => Samples;

    protected override void AddPanel(Tensor panel, long first) => gradients.narrow(0, first, panel.shape[0]).copy_(panel);

    protected override IInverseCurvature Finish()
    {
        using DisposeScope scope = NewDisposeScope();
        if (Options.Centred)
        {
            // (1/N)·Σ(g − ḡ)(g − ḡ)ᵀ is (1/N)·Σ g·gᵀ − ḡ·ḡᵀ.
            gradients.sub_(MeanGradient().unsqueeze(0).to(gradients.dtype));
        }

        List<Tensor> factors = [];
        List<bool> bad = [];
        foreach (CurvatureBlock block in Blocks)
        {
            using DisposeScope piece = NewDisposeScope();
            Tensor gram = DualInverseFisher.Gram(gradients.narrow(1, block.Start, block.Length), null, Samples * Options.Dampening);
            (Tensor factor, Tensor info) = linalg.cholesky_ex(gram);
            bad.Add(info.ne(0).logical_or(factor.isfinite().all().logical_not()).item<bool>());
            factors.Add(factor.DetachFromDisposeScope());
        }

        ImmutableArray<double> scales = Scales([.. bad]);
        handedOver = true;
        return new DualInverseFisher(Blocks, scales, [.. bad], Options.Dampening, gradients, [.. factors]);
    }

    protected override void Dispose(bool disposing)
    {
        if (!handedOver)
        {
            gradients.Dispose();
        }

        base.Dispose(disposing);
    }
}
