using CsCheck;
using EdgeSparse.Compiler.Pruning.Curvature;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Pruning.Curvature;

/// <summary>Gradients and weights of a random small layer, the same in every run.</summary>
internal sealed record RandomProblem(int Samples, int Count, int BlockSize, double Dampening, int Seed)
{
    /// <summary>Blocks from one weight to all, fewer gradients than weights and more.</summary>
    public static IEnumerable<RandomProblem> Some(int problems)
    {
        Gen<RandomProblem> gen = Gen.Select(Gen.Int[1, 40], Gen.Int[1, 50], Gen.Int[1, 50], Gen.Int[-3, 0], Gen.Int[0, int.MaxValue])
            .Select((n, d, c, power, seed) => new RandomProblem(n, d, c, Math.Pow(10, power), seed));
        PCG pcg = new(1, 20200429);
        for (int i = 0; i < problems; i++)
        {
            yield return gen.Generate(pcg, null, out _);
        }
    }

    /// <summary>[N, d] float32.</summary>
    public Tensor Gradients => tensor(Floats(Samples * Count, 1), [Samples, Count]);

    /// <summary>[d] float64.</summary>
    public Tensor Weights => tensor(Floats(Count, 2)).to(ScalarType.Float64);

    /// <summary>Bool [d], about a share of all.</summary>
    public Tensor Set(double share)
    {
        Random random = new(Seed ^ 3);
        return tensor(Enumerable.Range(0, Count).Select(_ => random.NextDouble() < share).ToArray());
    }

    public FisherOptions Options(CurvatureForm form = CurvatureForm.Automatic, bool centred = false) => new(Dampening, BlockSize, centred, form);

    public IInverseCurvature Inverse(CurvatureForm form = CurvatureForm.Automatic, bool centred = false) =>
        InverseCurvatures.Fisher(Gradients, Options(form, centred));

    /// <summary>λI + (1/N)·Σ g·gᵀ within blocks, [d, d].</summary>
    public Tensor Fisher(bool centred = false)
    {
        Tensor g = Gradients.to(ScalarType.Float64);
        g = centred ? g - g.mean([0], keepdim: true) : g;
        Tensor block = arange(Count, ScalarType.Int64).div(BlockSize, RoundingMode.floor);
        Tensor same = block.unsqueeze(0).eq(block.unsqueeze(1)).to(ScalarType.Float64);
        return (g.t().matmul(g) / Samples * same) + (eye(Count, dtype: ScalarType.Float64) * Dampening);
    }

    private float[] Floats(int count, int purpose)
    {
        Random random = new(Seed ^ (purpose << 16));
        return [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }
}
