using CsCheck;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;

namespace EdgeSparse.Compiler.Tests.Pruning;

/// <summary>What every mask of a granularity has in common, over random layers, groups, masks and densities.</summary>
public sealed class GranularStructureTests
{
    // Few distinct values, so that ties are frequent.
    private static readonly Gen<LayerSample> Layers =
        from groups in Gen.OneOf(Gen.Const(1), Gen.Int[1, 3])
        from outputs in Gen.Int[2, 21]
        from inputs in Gen.Int[2, 11]
        from kernelY in Gen.OneOf(Gen.Const(1), Gen.Int[1, 3])
        from kernelX in Gen.OneOf(Gen.Const(1), Gen.Int[1, 3])
        from values in Gen.Int[-6, 6].Array[groups * outputs * inputs * kernelY * kernelX]
        from linear in Gen.Bool
        let floats = values.Select(v => v / 4f).ToArray()
        select linear && groups * kernelY * kernelX == 1
            ? LayerSample.Linear(outputs, floats)
            : LayerSample.Conv(new TensorShape(groups * outputs, inputs, kernelY, kernelX), groups, floats);

    private static readonly Gen<LayerSample> Masked =
        from layer in Layers
        from kept in Gen.Double[0, 1]
        from coins in Gen.Double[0, 1].Array[layer.Weight.ElementCount]
        select layer.Masked([.. coins.Select(c => c < kept)]);

    private static readonly Gen<Granularity> Blocks = OneOf([.. Granularity.All.Where(g => g.KeptPerGroup is null)]);
    private static readonly Gen<Granularity> Fixed = OneOf(Granularity.TwoOfFour, Granularity.FourOfEight);

    [Fact]
    public void Blocks_stay_or_go_as_a_whole() => Gen.Select(Layers, Blocks, Gen.Double[0, 1]).Sample((layer, granularity, density) =>
    {
        bool[] mask = GranularPruning.ByDensity(layer.Node, layer.Weight, granularity, density);
        Assert.All(GroupsOf(layer, granularity), block => Assert.Single(block.Select(i => mask[i]).Distinct()));
    });

    [Fact]
    public void A_density_keeps_the_best_blocks_in_the_nearest_number() =>
        Gen.Select(Gen.OneOf(Layers, Masked), Blocks, Gen.Double[0, 1]).Sample((layer, granularity, density) =>
        {
            bool[] mask = GranularPruning.ByDensity(layer.Node, layer.Weight, granularity, density);
            Assert.Equal(Expected(layer, granularity, density), mask);
        });

    [Fact]
    public void The_count_is_exact_to_half_a_block() => Gen.Select(Layers, Blocks, Gen.Double[0, 1]).Sample((layer, granularity, density) =>
    {
        int kept = GranularPruning.ByDensity(layer.Node, layer.Weight, granularity, density).Count(k => k);
        double off = Math.Abs(kept - (density * layer.Weight.ElementCount));
        Assert.True(off <= granularity.Rows * granularity.Columns / 2.0, $"{kept} kept is off by {off}");
    });

    [Fact]
    public void N_of_each_M_stay_and_they_are_the_largest() => Gen.Select(Layers, Fixed).Sample((layer, granularity) =>
    {
        bool[] mask = GranularPruning.ByDensity(layer.Node, layer.Weight, granularity, 0.5);
        float[] values = layer.Weight.Values.ToArray();
        Assert.All(GroupsOf(layer, granularity), group =>
        {
            int[] kept = [.. group.Where(i => mask[i])];
            int[] gone = [.. group.Where(i => !mask[i])];
            Assert.Equal((group.Length + 1) / 2, kept.Length);
            Assert.All(gone, g => Assert.All(kept, k => Assert.True((Math.Abs(values[k]), -k).CompareTo((Math.Abs(values[g]), -g)) > 0)));
        });
    });

    [Fact]
    public void Never_do_more_than_N_of_M_survive_and_none_comes_back() => Gen.Select(Masked, Fixed).Sample((layer, granularity) =>
    {
        bool[] before = layer.Weight.Mask!.Value.ToArray();
        bool[] mask = GranularPruning.ByDensity(layer.Node, layer.Weight, granularity, 0.5);
        Assert.All(GroupsOf(layer, granularity), group =>
        {
            Assert.Equal(Math.Min((group.Length + 1) / 2, group.Count(i => before[i])), group.Count(i => mask[i]));
            Assert.All(group.Where(i => mask[i]), i => Assert.True(before[i]));
        });
    });

    [Fact]
    public void Pruning_again_changes_nothing() =>
        Gen.Select(Gen.OneOf(Layers, Masked), Gen.OneOf(Blocks, Fixed), Gen.Double[0, 1]).Sample((layer, granularity, density) =>
        {
            bool[] once = GranularPruning.ByDensity(layer.Node, layer.Weight, granularity, density);
            LayerSample pruned = layer.Masked(once);
            Assert.Equal(once, GranularPruning.ByDensity(pruned.Node, pruned.Weight, granularity, density));
        });

    private static Gen<Granularity> OneOf(params Granularity[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    /// <summary>The rule written down plainly: blocks by mean square, and of all their counts the nearest, the larger of two.</summary>
    private static bool[] Expected(LayerSample layer, Granularity granularity, double density)
    {
        float[] values = layer.Weight.Values.ToArray();
        bool[] survivors = layer.Weight.Mask?.ToArray() ?? [.. values.Select(_ => true)];
        int[][] ranked = [.. GroupsOf(layer, granularity).OrderByDescending(b => b.Sum(i => (double)values[i] * values[i]) / b.Length).ThenBy(b => b[0])];

        // Single weights are counted to the nearest whole number, which is the same but for the rounding of the product.
        double target = granularity.IsSingleWeights ? MagnitudePruning.CountAt(values.Length, density) : density * values.Length;
        int best = Enumerable.Range(0, ranked.Length + 1)
            .Where(n => n == 0 || ranked[n - 1].Any(i => survivors[i]))
            .Select(n => (Blocks: n, Kept: ranked.Take(n).Sum(b => b.Count(i => survivors[i]))))
            .OrderBy(n => Math.Abs(n.Kept - target)).ThenByDescending(n => n.Kept)
            .First().Blocks;
        bool[] mask = new bool[values.Length];
        foreach (int i in ranked.Take(best).SelectMany(b => b).Where(i => survivors[i]))
        {
            mask[i] = true;
        }

        return mask;
    }

    /// <summary>Places of each block, found from each weight's output, channel and kernel position.</summary>
    private static int[][] GroupsOf(LayerSample layer, Granularity granularity)
    {
        TensorShape shape = layer.Weight.Shape;
        int kernel = shape.Rank == 4 ? shape[2] * shape[3] : 1;
        int outputsPerGroup = shape[0] / (layer.Node is Conv2d conv ? conv.Groups : 1);
        return
        [
            .. Enumerable.Range(0, layer.Weight.ElementCount)
                .GroupBy(i =>
                {
                    (int output, int channel, int position) = (i / kernel / shape[1], i / kernel % shape[1], i % kernel);
                    return (output / outputsPerGroup, output % outputsPerGroup / granularity.Rows, channel / granularity.Columns, position);
                })
                .Select(g => g.ToArray()),
        ];
    }
}
