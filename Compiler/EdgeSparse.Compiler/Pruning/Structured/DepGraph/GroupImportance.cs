using EdgeSparse.Compiler.Pruning.Structured.Dependencies;

namespace EdgeSparse.Compiler.Pruning.Structured.DepGraph;

/// <summary>
/// The importance of channels by the norms of all that is coupled with them (Fang et al. 2023, "DepGraph", section 3.3, and its
/// code): of each layer that a channel runs through, Σ|w|^p over its row or column, or |γ|^p of a batch normalisation, biases
/// left out; these reduced to one score, and the scores of a group divided by its mean or maximum.
/// </summary>
internal sealed class GroupImportance
{
    private readonly DependencyGraph dependencies;
    private readonly ImportanceOptions options;
    private readonly (TensorAxis Axis, int[] ChannelOf)[][] items;

    public GroupImportance(DependencyGraph dependencies, ImportanceOptions options)
    {
        this.dependencies = dependencies;
        this.options = options;
        items = [.. dependencies.Groups.Select(ItemsOf)];
    }

    /// <summary>Reduced scores of a group's channels, before they are divided.</summary>
    /// <param name="group">Index of the group.</param>
    /// <param name="weights">Row-major values of a weight by its name; removed channels are zero in them.</param>
    /// <exception cref="PruningException">A score is no number.</exception>
    public double[] Raw(int group, Func<string, float[]> weights)
    {
        int channels = dependencies.Groups[group].Channels.Length;
        double[][] layers = [.. items[group].Select(item => Sums(item.Axis, item.ChannelOf, channels, weights(item.Axis.Tensor)))];
        double[] scores = new double[channels];
        for (int k = 0; k < channels; k++)
        {
            scores[k] = Reduce([.. layers.Select(l => l[k])]);
            if (!double.IsFinite(scores[k]))
            {
                throw new PruningException(
                    $"the importance of channel {k} of group '{dependencies.Groups[group].Name}' is {scores[k]}: a weight of {string.Join(", ", dependencies.Groups[group].Producers)} or of what follows is no number");
            }
        }

        return scores;
    }

    /// <summary>Scores as they are compared: divided by the mean or maximum over the channels given.</summary>
    public static double[] Scaled(IReadOnlyList<double> scores, ImportanceScale scale)
    {
        double divisor = scale switch
        {
            ImportanceScale.Mean => scores.DefaultIfEmpty(0).Average(),
            ImportanceScale.Max => scores.DefaultIfEmpty(0).Max(),
            _ => 1,
        };
        return [.. scores.Select(s => divisor > 0 ? s / divisor : s)];
    }

    private double Reduce(double[] layers) => options.Reduction switch
    {
        ImportanceReduction.Mean => layers.Average(),
        ImportanceReduction.Sum => layers.Sum(),
        ImportanceReduction.Max => layers.Max(),
        ImportanceReduction.Product => layers.Aggregate(1.0, (a, b) => a * b),
        ImportanceReduction.First => layers[0],
        _ => throw new ArgumentOutOfRangeException(nameof(layers), options.Reduction, "unknown reduction"),
    };

    private static (TensorAxis Axis, int[] ChannelOf)[] ItemsOf(ChannelGroup group)
    {
        Dictionary<TensorAxis, int[]> found = [];
        for (int k = 0; k < group.Channels.Length; k++)
        {
            foreach (ChannelMember member in group.Channels[k].Weights.Where(m => m.Axis.Role is AxisRole.Out or AxisRole.In or AxisRole.Scale))
            {
                if (!found.TryGetValue(member.Axis, out int[]? channelOf))
                {
                    found[member.Axis] = channelOf = new int[member.Axis.Length];
                    Array.Fill(channelOf, -1);
                }

                foreach (int position in member.Positions)
                {
                    channelOf[position] = k;
                }
            }
        }

        return [.. found.OrderBy(f => f.Key.Index).Select(f => (f.Key, f.Value))];
    }

    private double[] Sums(TensorAxis axis, int[] channelOf, int channels, float[] values)
    {
        double[] sums = new double[channels];
        int inner = InnerOf(axis);
        int block = axis.Length * inner;
        for (int start = 0; start < values.Length; start += block)
        {
            for (int position = 0; position < axis.Length; position++)
            {
                if (channelOf[position] >= 0)
                {
                    sums[channelOf[position]] += PowerSum(values.AsSpan(start + (position * inner), inner));
                }
            }
        }

        return sums;
    }

    private int InnerOf(TensorAxis axis) =>
        dependencies.Graph.WeightOf(axis.Tensor).Shape.Dims.Skip(axis.Axis + 1).Aggregate(1, (a, b) => a * b);

    private double PowerSum(ReadOnlySpan<float> values)
    {
        double sum = 0;
        if (options.Norm == 2)
        {
            foreach (float value in values)
            {
                sum += (double)value * value;
            }

            return sum;
        }

        foreach (float value in values)
        {
            sum += Math.Pow(Math.Abs(value), options.Norm);
        }

        return sum;
    }
}
