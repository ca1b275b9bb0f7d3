using System.Collections.Immutable;
using EdgeSparse.Compiler.Pruning.Curvature;
using static TorchSharp.torch;

namespace EdgeSparse.Curvature;

/// <summary>The inverses of a network's layers, one after another, as the network's: nothing between layers.</summary>
internal sealed class LayerInverses : IInverseCurvature
{
    private readonly IInverseCurvature[] layers;

    public LayerInverses(params IInverseCurvature[] layers)
    {
        this.layers = layers;
        List<CurvatureBlock> blocks = [];
        foreach (IInverseCurvature layer in layers)
        {
            long start = blocks.Count == 0 ? 0 : blocks[^1].Start + blocks[^1].Length;
            blocks.AddRange(layer.Blocks.Select(b => b with { Start = b.Start + start }));
        }

        Blocks = [.. blocks];
    }

    public long Count => layers.Sum(l => l.Count);

    public ImmutableArray<CurvatureBlock> Blocks { get; }

    public int MagnitudeBlocks => layers.Sum(l => l.MagnitudeBlocks);

    public Tensor Diagonal() => cat([.. layers.Select(l => l.Diagonal())]);

    public Tensor Multiply(Tensor vector) => Each((layer, at) => layer.Multiply(vector.narrow(0, at, layer.Count)));

    public Tensor Multipliers(Tensor vector, Tensor pruned) =>
        Each((layer, at) => layer.Multipliers(vector.narrow(0, at, layer.Count), pruned.narrow(0, at, layer.Count)));

    public Tensor Submatrix(int block, Tensor rows, Tensor columns)
    {
        foreach (IInverseCurvature layer in layers)
        {
            if (block < layer.Blocks.Length)
            {
                return layer.Submatrix(block, rows, columns);
            }

            block -= layer.Blocks.Length;
        }

        throw new ArgumentOutOfRangeException(nameof(block));
    }

    public Tensor Submatrices(Tensor groups)
    {
        Tensor result = zeros([groups.shape[0], groups.shape[1], groups.shape[1]], ScalarType.Float64);
        long at = 0;
        foreach (IInverseCurvature layer in layers)
        {
            Tensor inside = groups.ge(at).logical_and(groups.lt(at + layer.Count));
            Tensor there = inside.to(ScalarType.Float64);
            result.add_(layer.Submatrices(where(inside, groups - at, full_like(groups, -1L))) * there.unsqueeze(1) * there.unsqueeze(2));
            at += layer.Count;
        }

        return result + diag_embed(groups.lt(0).to(ScalarType.Float64));
    }

    public void Dispose()
    {
        foreach (IInverseCurvature layer in layers)
        {
            layer.Dispose();
        }
    }

    private Tensor Each(Func<IInverseCurvature, long, Tensor> part)
    {
        List<Tensor> parts = [];
        long at = 0;
        foreach (IInverseCurvature layer in layers)
        {
            parts.Add(part(layer, at));
            at += layer.Count;
        }

        return cat([.. parts]);
    }
}
