using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>1/(λ + the mean square of each weight's gradient): optimal brain damage with the empirical Fisher matrix.</summary>
/// <inheritdoc cref="FisherBuilder(long, long, FisherOptions, Device)"/>
internal sealed class DiagonalInverseFisherBuilder(long count, long samples, FisherOptions options, Device device)
    : FisherBuilder(count, samples, options, device)
{
    protected override long PanelRows => Samples;

    // The sums that every builder takes are all that is needed.
    protected override void AddPanel(Tensor panel, long first)
    {
    }

    protected override IInverseCurvature Finish()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor diagonal = (MeanSquares() + Options.Dampening).reciprocal();
        Tensor finite = diagonal.isfinite().logical_and(diagonal.gt(0));
        ImmutableArray<bool> bad = [.. Blocks.Select(b => !finite.narrow(0, b.Start, b.Length).all().item<bool>())];
        ImmutableArray<double> scales = Scales(bad);
        for (int b = 0; b < Blocks.Length; b++)
        {
            if (bad[b])
            {
                diagonal.narrow(0, Blocks[b].Start, Blocks[b].Length).fill_(scales[b]);
            }
        }

        return new DiagonalInverse(Blocks, diagonal, bad.Count(x => x));
    }
}
