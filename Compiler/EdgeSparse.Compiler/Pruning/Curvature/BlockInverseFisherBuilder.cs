using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>
/// Keeps F⁻¹ as matrices, one a block, and takes k gradients at a time by Woodbury's identity: with P the k gradients, F⁻¹ becomes
/// F⁻¹ − F⁻¹Pᵀ(N·I + PF⁻¹Pᵀ)⁻¹PF⁻¹. For k = 1 that is WoodFisher's recursion (Singh and Alistarh 2020, equation 5); for more it
/// is the same matrix, made of products of matrices. That N + gᵀF⁻¹g is positive is that N·I + PF⁻¹Pᵀ has a Cholesky factor.
/// </summary>
internal sealed class BlockInverseFisherBuilder : FisherBuilder
{
    // Beyond this the work on the k × k matrices outweighs what larger products save.
    private const long MostPanelRows = 256;

    // Rounding makes a matrix lopsided slowly: it is straightened after so many gradients.
    private const long SymmetrisedEvery = 64;

    private ImmutableArray<Tensor> stacks;
    private readonly ImmutableArray<Tensor> failed;
    private readonly long panelRows;

    /// <inheritdoc cref="FisherBuilder(long, long, FisherOptions, Device)"/>
    /// <param name="panelRows">Gradients taken at a time; null: what is fastest. 1 is the recursion.</param>
    public BlockInverseFisherBuilder(long count, long samples, FisherOptions options, Device device, long? panelRows = null)
        : base(count, samples, options, device)
    {
        this.panelRows = panelRows ?? Math.Clamp(Blocks[0].Length / 2, 1, MostPanelRows);
        stacks = BlockInverseFisher.Stacks(Blocks, options.Dampening, device);
        failed = [.. stacks.Select(s => zeros(s.shape[0], ScalarType.Bool, device).DetachFromDisposeScope())];
    }

    protected override long PanelRows => panelRows;

    protected override void AddPanel(Tensor panel, long first)
    {
        bool straighten = first / SymmetrisedEvery != (first + panel.shape[0]) / SymmetrisedEvery;
        ForEachPiece((piece, bad, start) =>
        {
            Tensor gradients = panel.narrow(1, start, piece.shape[0] * piece.shape[1])
                .view(panel.shape[0], piece.shape[0], piece.shape[1]).transpose(0, 1).to(ScalarType.Float64);
            Tensor projected = gradients.bmm(piece);
            Tensor small = projected.bmm(gradients.transpose(1, 2));
            small.diagonal(0, 1, 2).add_(Samples);
            (Tensor factor, Tensor info) = linalg.cholesky_ex(small);
            bad.logical_or_(info.ne(0));
            Tensor rows = linalg.solve_triangular(factor, projected, upper: false);
            Subtract(piece, rows);
            if (straighten)
            {
                Symmetrise(piece);
            }
        });
    }

    protected override IInverseCurvature Finish()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? mean = Options.Centred ? MeanGradient() : null;
        ForEachPiece((piece, bad, start) =>
        {
            if (mean is not null)
            {
                bad.logical_or_(TakeMeanOff(piece, mean.narrow(0, start, piece.shape[0] * piece.shape[1])));
            }

            Symmetrise(piece);
            bad.logical_or_(piece.diagonal(0, 1, 2).isfinite().all(1).logical_not());
        });

        Tensor badBlocks = cat([.. failed]);
        int magnitudeBlocks = (int)badBlocks.count_nonzero().item<long>();
        if (magnitudeBlocks > 0)
        {
            Tensor badWeights = cat([.. stacks.Select((s, i) => failed[i].unsqueeze(1).expand(s.shape[0], s.shape[1]).flatten())]);
            double scale = NeutralScale(badWeights);
            ForEachPiece((piece, bad, _) =>
            {
                Tensor identity = eye(piece.shape[1], dtype: ScalarType.Float64, device: Device).mul_(scale).unsqueeze(0);
                piece.copy_(where(bad.view(-1, 1, 1), identity, piece));
            });
        }

        BlockInverseFisher result = new(Blocks, stacks, magnitudeBlocks);
        stacks = [];
        return result;
    }

    protected override void Dispose(bool disposing)
    {
        foreach (Tensor tensor in stacks.Concat(failed))
        {
            tensor.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Adds v·vᵀ/(1 − gᵀv) with v = F⁻¹g, which takes g·gᵀ off F.</summary>
    /// <returns>Which blocks rounding left without room for it.</returns>
    private static Tensor TakeMeanOff(Tensor piece, Tensor mean)
    {
        Tensor columns = mean.view(piece.shape[0], piece.shape[1], 1);
        Tensor projected = piece.bmm(columns);
        Tensor left = 1 - (columns * projected).sum(1, keepdim: true);
        piece.add_((projected / left).bmm(projected.transpose(1, 2)));
        return left.view(-1).gt(0).logical_not();
    }

    private static void Subtract(Tensor piece, Tensor rows)
    {
        if (piece.shape[0] == 1)
        {
            piece[0].addmm_(rows[0].t(), rows[0], beta: 1, alpha: -1);
        }
        else
        {
            piece.sub_(rows.transpose(1, 2).bmm(rows));
        }
    }

    private static void Symmetrise(Tensor piece)
    {
        using Tensor other = piece.transpose(1, 2).clone();
        piece.add_(other).mul_(0.5);
    }

    /// <summary>Blocks of one length, [n, c, c], so many at a time that what is made of them stays small.</summary>
    private void ForEachPiece(Action<Tensor, Tensor, long> action)
    {
        long start = 0;
        for (int s = 0; s < stacks.Length; s++)
        {
            (long blocks, long size) = (stacks[s].shape[0], stacks[s].shape[1]);
            long together = Math.Max(1, PieceElements / (size * Math.Max(size, PanelRows)));
            for (long at = 0; at < blocks; at += together)
            {
                using DisposeScope scope = NewDisposeScope();
                long n = Math.Min(together, blocks - at);
                action(stacks[s].narrow(0, at, n), failed[s].narrow(0, at, n), start + (at * size));
            }

            start += blocks * size;
        }
    }
}
