using System.Collections.Immutable;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Structured.Decay;

/// <summary>
/// The parameters of each channel as one vector: views of tensors, none of whose elements is in two of them, though two channels
/// may share elements where one layer's columns meet the next one's rows.
/// </summary>
internal sealed class ChannelVectors
{
    private readonly ImmutableArray<Block>[] blocks;

    /// <param name="dependencies">Of the network.</param>
    /// <param name="owns">Which members count as the channel's own.</param>
    public ChannelVectors(DependencyGraph dependencies, Func<AxisRole, bool> owns)
    {
        Dependencies = dependencies;
        Owned = [.. dependencies.Channels.Select(c => c.Weights.Where(m => owns(m.Axis.Role)).ToImmutableArray())];
        blocks = [.. dependencies.Channels.Select(c => BlocksOf(Owned[c.Index], dependencies))];
        Axes = [.. Owned.SelectMany(m => m).Select(m => m.Axis).Distinct().OrderBy(a => a.Index)];
    }

    public DependencyGraph Dependencies { get; }

    /// <summary>Each channel's own members.</summary>
    public ImmutableArray<ImmutableArray<ChannelMember>> Owned { get; }

    /// <summary>All axes that a channel owns positions of.</summary>
    public ImmutableArray<TensorAxis> Axes { get; }

    /// <summary>The channel's parameters in the tensors given by weight name; those that are not there are left out.</summary>
    public Tensor[] Of(int channel, IReadOnlyDictionary<string, Tensor> tensors) =>
    [
        .. blocks[channel].Where(b => tensors.ContainsKey(b.Weight)).Select(b =>
            b.Ranges.Aggregate(tensors[b.Weight], (view, range) => view.narrow(range.Axis, range.Start, range.Length))),
    ];

    /// <summary>How many parameters the channel has.</summary>
    public long LengthOf(int channel, IReadOnlyDictionary<string, Tensor> tensors) => Of(channel, tensors).Sum(t => t.numel());

    /// <summary>√Σx² in double precision.</summary>
    public static double Norm(IEnumerable<Tensor> vector)
    {
        double sum = 0;
        foreach (Tensor part in vector)
        {
            using Tensor wide = part.to(ScalarType.Float64);
            using Tensor square = wide.mul(wide);
            using Tensor total = square.sum();
            sum += total.item<double>();
        }

        return Math.Sqrt(sum);
    }

    /// <summary>Σ a·b over all that a channel owns, for every channel; tensors that are missing count as zero.</summary>
    public double[] Products(IReadOnlyDictionary<string, Tensor> a, IReadOnlyDictionary<string, Tensor> b)
    {
        double[] sums = new double[Owned.Length];
        Dictionary<TensorAxis, double[]> along = Axes
            .Where(x => a.ContainsKey(x.Tensor) && b.ContainsKey(x.Tensor))
            .ToDictionary(x => x, x => ProductsAlong(a[x.Tensor], b[x.Tensor], x.Axis));
        for (int channel = 0; channel < sums.Length; channel++)
        {
            foreach (ChannelMember member in Owned[channel])
            {
                if (along.TryGetValue(member.Axis, out double[]? products))
                {
                    foreach (int position in member.Positions)
                    {
                        sums[channel] += products[position];
                    }
                }
            }
        }

        return sums;
    }

    private static double[] ProductsAlong(Tensor a, Tensor b, int axis)
    {
        using Tensor left = a.to(ScalarType.Float64);
        using Tensor right = b.to(ScalarType.Float64);
        using Tensor product = left.mul(right);
        long[] others = [.. Enumerable.Range(0, (int)a.dim()).Where(i => i != axis).Select(i => (long)i)];
        using Tensor sums = others.Length == 0 ? product.alias() : product.sum(others);
        using Tensor local = sums.cpu().contiguous();
        return local.data<double>().ToArray();
    }

    private static ImmutableArray<Block> BlocksOf(ImmutableArray<ChannelMember> members, DependencyGraph dependencies)
    {
        List<Block> blocks = [];
        foreach (var weight in members.GroupBy(m => m.Axis.Tensor))
        {
            // Positions of an axis, without those that an axis before it already has.
            List<ImmutableArray<AxisRange>> outside = [[]];
            foreach (ChannelMember member in weight)
            {
                int axis = member.Axis.Axis;
                blocks.AddRange(from before in outside from run in Runs(axis, member.Positions) select new Block(weight.Key, before.Add(run)));
                int[] rest = [.. Enumerable.Range(0, member.Axis.Length).Where(i => !member.Positions.Contains(i))];
                outside = [.. from before in outside from run in Runs(axis, rest) select before.Add(run)];
            }
        }

        return [.. blocks];
    }

    private static IEnumerable<AxisRange> Runs(int axis, IReadOnlyList<int> positions)
    {
        for (int i = 0; i < positions.Count;)
        {
            int length = 1;
            while (i + length < positions.Count && positions[i + length] == positions[i] + length)
            {
                length++;
            }

            yield return new AxisRange(axis, positions[i], length);
            i += length;
        }
    }

    private readonly record struct AxisRange(int Axis, int Start, int Length);

    private sealed record Block(string Weight, ImmutableArray<AxisRange> Ranges);
}
