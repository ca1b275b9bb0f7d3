using EdgeSparse.Compiler.Pruning.Structured.Dependencies;

namespace EdgeSparse.Compiler.Pruning.Structured.DepGraph;

/// <summary>
/// Global iterative pruning (Fang et al. 2023, and its code): the share of channels to be gone rises step by step; at each, scores
/// are computed anew and all channels up to a threshold over all groups go, lowest first, until the network is small enough.
/// </summary>
internal sealed class GlobalSelection(DependencyGraph dependencies, DepGraphOptions options)
{
    private readonly GroupImportance importance = new(dependencies, options.Importance);

    /// <summary>Chooses channels until the target is met.</summary>
    /// <param name="counts">Channels that are gone already; the chosen ones are taken away from it.</param>
    /// <param name="weights">Row-major values by name; the chosen channels become zero in it.</param>
    /// <param name="isMet">Whether the network is small enough.</param>
    /// <param name="mayGo">False for channels that are not to be chosen now.</param>
    /// <returns>The chosen channels in order.</returns>
    public List<int> Choose(ChannelCounts counts, Dictionary<string, float[]> weights, Func<NetworkCost, bool> isMet, Func<int, bool> mayGo)
    {
        List<int> chosen = [];
        int initial = dependencies.Channels.Length;
        bool[] stuck = new bool[initial];
        for (int step = 1; step <= options.Steps && !isMet(counts.Cost); step++)
        {
            int quota = counts.Left - (int)(initial * (1 - ((double)step / options.Steps)));
            if (quota <= 0)
            {
                continue;
            }

            foreach (int channel in Lowest(counts, weights, quota, c => mayGo(c) && !stuck[c]))
            {
                if (isMet(counts.Cost))
                {
                    break;
                }

                if (!counts.TryRemove(channel))
                {
                    // A layer is down to what has to stay; its other channels stay too, and the quota is for those that can go.
                    stuck[channel] = true;
                    continue;
                }

                chosen.Add(channel);
                Clear(channel, weights);
            }
        }

        return chosen;
    }

    /// <summary>Scores of all channels that are not gone, by channel, each group divided by its own mean or maximum.</summary>
    public IEnumerable<(int Channel, double Score)> Scores(ChannelCounts counts, Func<string, float[]> weights)
    {
        foreach (ChannelGroup group in dependencies.Groups)
        {
            PrunableChannel[] left = [.. group.Channels.Where(c => !counts.IsRemoved(c.Index))];
            double[] raw = importance.Raw(group.Index, weights);
            int first = group.Channels[0].Index;
            double[] scaled = GroupImportance.Scaled([.. left.Select(c => raw[c.Index - first])], options.Importance.Scale);
            for (int i = 0; i < left.Length; i++)
            {
                yield return (left[i].Index, scaled[i]);
            }
        }
    }

    private IEnumerable<int> Lowest(ChannelCounts counts, Dictionary<string, float[]> weights, int quota, Func<int, bool> mayGo)
    {
        (int Channel, double Score)[] sorted = [.. Scores(counts, name => weights[name]).Where(s => mayGo(s.Channel)).OrderBy(s => s.Score).ThenBy(s => s.Channel)];
        if (sorted.Length == 0)
        {
            return [];
        }

        double threshold = sorted[Math.Min(quota, sorted.Length) - 1].Score;
        return sorted.TakeWhile(s => s.Score <= threshold).Select(s => s.Channel);
    }

    private void Clear(int channel, Dictionary<string, float[]> weights)
    {
        foreach (ChannelMember member in dependencies.Channels[channel].Weights.Where(m => m.Axis.Role != AxisRole.Statistic))
        {
            float[] values = weights[member.Axis.Tensor];
            int inner = dependencies.Graph.WeightOf(member.Axis.Tensor).Shape.Dims.Skip(member.Axis.Axis + 1).Aggregate(1, (a, b) => a * b);
            for (int start = 0; start < values.Length; start += member.Axis.Length * inner)
            {
                foreach (int position in member.Positions)
                {
                    values.AsSpan(start + (position * inner), inner).Clear();
                }
            }
        }
    }
}
