using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Structured.Decay;

/// <summary>What happened to decaying channels in one step.</summary>
/// <param name="Pruned">They are zero now.</param>
/// <param name="Released">They are kept, as they are.</param>
internal readonly record struct DecayEvents(IReadOnlyList<int> Pruned, IReadOnlyList<int> Released);

/// <summary>
/// Smooth pruning and self-rectifying (Yang et al. 2024) around a host that chooses channels: the length of a chosen channel's
/// parameter vector falls to zero in equal strides while the optimizer turns it freely. The host calls this before and after each
/// update, and whatever it chose is begun.
/// </summary>
internal sealed class ChannelDecay : IDisposable
{
    private const double Zero = 1e-12;
    private const double LargestFactor = 4;
    private const double LossMemory = 0.9;

    // Channels that share parameters are shortened in turn until every length is right; alone, one round does.
    private const int MostSweeps = 60;
    private const double Precise = 4e-7;

    private readonly DecayOptions options;
    private readonly ChannelVectors vectors;
    private readonly IReleaseCriterion criterion;
    private readonly Dictionary<int, Tensor[]> before = [];
    private readonly Dictionary<int, DecayMeasure> measures = [];
    private readonly Tensor lossState = zeros([2], ScalarType.Float32);

    public ChannelDecay(ChannelVectors vectors, DecayOptions options, IReleaseCriterion? criterion = null)
    {
        this.vectors = vectors;
        this.options = options;
        this.criterion = criterion ?? new EscapeCriterion(options.RateThreshold, options.LengthThreshold);
        States = new DecayStates(vectors.Dependencies.Channels.Length);
    }

    public DecayStates States { get; }

    public string Identity => $"{options} {criterion.Identity}";

    public IEnumerable<KeyValuePair<string, Tensor>> Tensors => States.Tensors.Append(KeyValuePair.Create("decay loss", lossState));

    /// <summary>Smoothed loss now, and when channels were last chosen; the first is 0 before the first step.</summary>
    public void NoteLoss(double loss)
    {
        double smooth = lossState[0].item<float>();
        lossState[0] = (float)(smooth == 0 ? loss : (LossMemory * smooth) + ((1 - LossMemory) * loss));
    }

    /// <summary>To be called once before channels are chosen.</summary>
    /// <returns>Whether the loss is higher than when channels were last chosen.</returns>
    public bool LossRose()
    {
        (float now, float then) = (lossState[0].item<float>(), lossState[1].item<float>());
        lossState[1] = now;
        return then > 0 && now > then;
    }

    /// <summary>The host has chosen a channel.</summary>
    /// <param name="channel">A retained one.</param>
    /// <param name="weights">Before the step in which its length first falls.</param>
    /// <param name="groupNorm">Mean norm of the channels of its group.</param>
    /// <param name="lossRose">See <see cref="LossRose"/>.</param>
    public void Begin(int channel, IReadOnlyDictionary<string, Tensor> weights, double groupNorm, bool lossRose) =>
        Begin(channel, ChannelVectors.Norm(vectors.Of(channel, weights)), groupNorm, lossRose);

    /// <summary>The same where the norm is known.</summary>
    public void Begin(int channel, double norm, double groupNorm, bool lossRose) =>
        States.Begin(channel, norm, StepsOf(options, norm, groupNorm, lossRose));

    /// <summary>Steps of one channel.</summary>
    public static int StepsOf(DecayOptions options, double norm, double groupNorm, bool lossRose)
    {
        if (!options.Adaptive || options.Steps == 1)
        {
            return options.Steps;
        }

        double factor = Math.Max(1, norm / Math.Max(groupNorm, Zero)) * (lossRose ? 1.5 : 1);
        return (int)Math.Round(options.Steps * Math.Min(LargestFactor, factor));
    }

    /// <summary>Remembers decaying channels as they are, and frees them of weight decay.</summary>
    /// <param name="weights">Those that are trained, by name.</param>
    /// <param name="gradients">Of the loss alone, by the same names.</param>
    /// <param name="weightDecay">What the update will add to the gradient of penalised weights; 0 for none.</param>
    /// <param name="penalised">Which these are.</param>
    public void BeforeUpdate(
        IReadOnlyDictionary<string, Tensor> weights, IReadOnlyDictionary<string, Tensor> gradients, double weightDecay, IReadOnlySet<string> penalised)
    {
        before.Clear();
        measures.Clear();
        int[] decaying = [.. States.Decaying];
        if (decaying.Length == 0)
        {
            return;
        }

        double[] gradientNorms = options.Rectify ? GradientNorms(gradients) : [];
        foreach (int channel in decaying)
        {
            Tensor[] x = vectors.Of(channel, weights);
            before[channel] = [.. x.Select(t => t.clone())];
            measures[channel] = new DecayMeasure(
                ChannelVectors.Norm(x),
                NormAfter: 0,
                StepNorm: 0,
                options.Rectify ? gradientNorms[channel] : 0,
                options.Rectify ? GroupMean(channel, gradientNorms) : 0,
                x.Sum(t => t.numel()));
        }

        if (weightDecay > 0)
        {
            Dictionary<string, Tensor> decayed = weights.Where(w => penalised.Contains(w.Key)).ToDictionary();
            foreach (int channel in decaying)
            {
                foreach ((Tensor g, Tensor w) in vectors.Of(channel, gradients.Where(p => penalised.Contains(p.Key)).ToDictionary()).Zip(vectors.Of(channel, decayed)))
                {
                    g.add_(w, -weightDecay);
                }
            }
        }
    }

    /// <summary>Prescribes the lengths, prunes what has reached its end, releases what resists.</summary>
    /// <param name="weights">Those that are trained, by name, after the update.</param>
    /// <param name="momentum">The update's state by weight and slot.</param>
    /// <param name="round">The host's round, which releases are barred from.</param>
    public DecayEvents AfterUpdate(IReadOnlyDictionary<string, Tensor> weights, IReadOnlyDictionary<string, Tensor> momentum, int round)
    {
        List<int> released = [];
        List<(int Channel, Tensor[] Vector, double Length)> targets = [];
        foreach (int channel in States.Decaying.ToArray())
        {
            Tensor[] x = vectors.Of(channel, weights);
            if (options.Rectify && before.TryGetValue(channel, out Tensor[]? old) && States.Resisted(channel, Resists(channel, x, old), options.Patience))
            {
                States.Release(channel, round);
                released.Add(channel);
            }
            else
            {
                targets.Add((channel, x, States.Advance(channel)));
            }
        }

        Prescribe(targets);
        int[] pruned = [.. targets.Where(t => t.Length == 0).Select(t => t.Channel)];
        foreach (int channel in pruned)
        {
            States.Finish(channel);
            foreach (string slot in new[] { "#0", "#1" })
            {
                foreach (Tensor state in vectors.Of(channel, momentum.Where(m => m.Key.EndsWith(slot, StringComparison.Ordinal)).ToDictionary(m => m.Key[..^2], m => m.Value)))
                {
                    state.zero_();
                }
            }
        }

        return new DecayEvents(pruned, released);
    }

    /// <summary>Mean norm of the channels of a group that are retained.</summary>
    public double GroupNorm(ChannelGroup group, IReadOnlyDictionary<string, Tensor> weights) => group.Channels
        .Where(c => States[c.Index] == DecayState.Retained)
        .Select(c => ChannelVectors.Norm(vectors.Of(c.Index, weights)))
        .DefaultIfEmpty(0)
        .Average();

    public void Dispose()
    {
        States.Dispose();
        lossState.Dispose();
    }

    private bool Resists(int channel, Tensor[] after, Tensor[] old)
    {
        double step = ChannelVectors.Norm(after.Zip(old, (a, b) => a.to(ScalarType.Float64) - b.to(ScalarType.Float64)));
        return criterion.Resists(measures[channel] with { NormAfter = ChannelVectors.Norm(after), StepNorm = step });
    }

    private static void Prescribe(List<(int Channel, Tensor[] Vector, double Length)> targets)
    {
        for (int sweep = 0; sweep < MostSweeps; sweep++)
        {
            double worst = 0;
            foreach ((_, Tensor[] vector, double length) in targets)
            {
                double norm = ChannelVectors.Norm(vector);
                if (length == 0 || norm < Zero)
                {
                    foreach (Tensor part in vector)
                    {
                        part.zero_();
                    }

                    continue;
                }

                worst = Math.Max(worst, Math.Abs((norm / length) - 1));
                if (norm != length)
                {
                    foreach (Tensor part in vector)
                    {
                        part.mul_(length / norm);
                    }
                }
            }

            if (worst < Precise || targets.Count == 1)
            {
                return;
            }
        }
    }

    private double[] GradientNorms(IReadOnlyDictionary<string, Tensor> gradients) =>
        [.. vectors.Products(gradients, gradients).Select(Math.Sqrt)];

    private double GroupMean(int channel, double[] norms)
    {
        DependencyGraph dependencies = vectors.Dependencies;
        return dependencies.Groups[dependencies.GroupOf[channel]].Channels
            .Where(c => States[c.Index] != DecayState.Pruned)
            .Average(c => norms[c.Index]);
    }
}
