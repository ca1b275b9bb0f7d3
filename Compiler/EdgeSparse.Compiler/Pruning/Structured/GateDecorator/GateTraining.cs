using System.Text.Json;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning.Structured.Decay;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Training.Torch;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Structured.GateDecorator;

/// <summary>
/// Trains a network through its gates: φ and β' take the place of each batch normalisation's scale and shift, which are written
/// from them after every update. A Tick takes scores, Σ|φ · ∂L/∂φ|, and prunes in its last steps; a Tock pulls φ to zero.
/// </summary>
internal sealed class GateTraining : ITrainingExtension
{
    private readonly PruningGoal goal;
    private readonly GateDecoratorOptions options;
    private readonly bool ticks;
    private readonly IReadOnlySet<int> barred;
    private readonly BatchNorm[] norms;
    private readonly ChannelVectors vectors;
    private readonly ChannelCounts counts;
    private readonly HostDecay decay;
    private readonly Dictionary<string, Tensor> phi = [];
    private readonly Dictionary<string, Tensor> beta = [];
    private readonly Dictionary<string, Tensor> momentum = [];
    private readonly Tensor savedScores;
    private readonly double[] scores;
    private Dictionary<string, (Tensor Phi, Tensor Beta)> gradients = [];

    /// <param name="model">The decorated network on its device; pruned channels have φ = 0.</param>
    /// <param name="goal">Which channels may go.</param>
    /// <param name="options">Of the method.</param>
    /// <param name="ticks">A Tick; else a Tock.</param>
    /// <param name="barred">Channels that the last Tick released.</param>
    /// <param name="gone">Channels pruned before.</param>
    public GateTraining(TorchGraph model, PruningGoal goal, GateDecoratorOptions options, bool ticks, IReadOnlySet<int> barred, IEnumerable<int> gone)
    {
        (this.goal, this.options, this.ticks, this.barred) = (goal, options, ticks, barred);
        norms = [.. goal.Dependencies.Graph.Nodes.OfType<BatchNorm>()];
        vectors = new ChannelVectors(goal.Dependencies, role => role == AxisRole.Scale);
        counts = goal.NewCounts();
        decay = new HostDecay(vectors, options.DecayOrNone, counts);
        scores = new double[goal.Dependencies.Channels.Length];
        savedScores = zeros([Math.Max(1, scores.Length)], ScalarType.Float32);
        foreach (int channel in gone)
        {
            counts.TryRemove(channel);
            decay.States.Finish(channel);
        }

        decay.States.Store();
        foreach (BatchNorm norm in norms)
        {
            (float[] gates, float[] shifts) = Gate.Of(TorchGraph.Download(model.Weights[norm.Scale]), TorchGraph.Download(model.Weights[norm.Shift]));
            phi[norm.Scale] = tensor(gates, device: model.Device);
            beta[norm.Scale] = tensor(shifts, device: model.Device);
            momentum[$"{norm.Scale} phi"] = zeros_like(phi[norm.Scale]);
            momentum[$"{norm.Scale} beta"] = zeros_like(beta[norm.Scale]);
        }

        Identity = $"gates {(ticks ? "tick" : "tock")} {JsonSerializer.Serialize(options)} {decay.Channels.Identity} barred {string.Join(' ', barred.Order())}";
        State = decay.Channels.Tensors
            .Concat(phi.Select(p => KeyValuePair.Create($"{p.Key} gate", p.Value)))
            .Concat(beta.Select(p => KeyValuePair.Create($"{p.Key} shift", p.Value)))
            .Concat(momentum.Select(p => KeyValuePair.Create($"{p.Key} momentum", p.Value)))
            .Append(KeyValuePair.Create("scores", savedScores))
            .ToDictionary();
    }

    public string Identity { get; }

    public IReadOnlyDictionary<string, Tensor> State { get; }

    /// <summary>Channels that this run released; known once it is disposed of.</summary>
    public IReadOnlySet<int> Released { get; private set; } = new HashSet<int>();

    public void BeforeUpdate(in TrainingStep step)
    {
        if (decay.Load(step.Model.Device))
        {
            for (int i = 0; i < scores.Length; i++)
            {
                scores[i] = savedScores[i].item<float>();
            }
        }

        decay.Channels.NoteLoss(step.Loss);
        gradients = [];
        foreach (BatchNorm norm in norms)
        {
            if (step.Gradients.TryGetValue(norm.Scale, out Tensor? scale) && step.Gradients.TryGetValue(norm.Shift, out Tensor? shift))
            {
                gradients[norm.Scale] = (scale + (shift * beta[norm.Scale]), shift * phi[norm.Scale]);
            }
        }

        Dictionary<string, Tensor> gates = gradients.ToDictionary(g => g.Key, g => g.Value.Phi);
        if (ticks)
        {
            AddScores(gates);
            if (step.Index == Math.Max(0, step.Count - Lead))
            {
                Choose();
            }
        }

        decay.Channels.BeforeUpdate(phi, gates, 0, new HashSet<string>());
    }

    public void AfterUpdate(in TrainingStep step)
    {
        double rate = step.LearningRate;
        OptimizerOptions optimizer = (ticks ? options.Tick : options.Tock!).Optimizer;
        foreach ((string name, (Tensor gate, Tensor shift)) in gradients)
        {
            if (!ticks)
            {
                gate.add_(phi[name].sign(), options.SparseLambda);
            }

            phi[name].add_(momentum[$"{name} phi"].mul_(optimizer.Momentum).add_(gate), -rate);
            beta[name].add_(momentum[$"{name} beta"].mul_(optimizer.Momentum).add_(shift), -rate);
        }

        Dictionary<string, Tensor> gateMomentum = momentum
            .Where(m => m.Key.EndsWith(" phi", StringComparison.Ordinal))
            .ToDictionary(m => OptimizerState.SlotOf(m.Key[..^4], 0), m => m.Value);
        decay.AfterUpdate(phi, gateMomentum, 0, phi, step.Model.Device);
        foreach (BatchNorm norm in norms.Where(n => gradients.ContainsKey(n.Scale)))
        {
            step.Model.Weights[norm.Scale].copy_(phi[norm.Scale]);
            step.Model.Weights[norm.Shift].copy_(phi[norm.Scale] * beta[norm.Scale]);
        }

        StoreScores();
    }

    public void Dispose()
    {
        // The run may have been done before: then only the restored tensors know.
        decay.States.Load();
        Released = new HashSet<int>(Enumerable.Range(0, scores.Length).Where(c => decay.States.IsBarred(c, 0)));
        decay.Dispose();
        savedScores.Dispose();
        foreach (Tensor tensor in phi.Values.Concat(beta.Values).Concat(momentum.Values))
        {
            tensor.Dispose();
        }
    }

    /// <summary>Steps at the end of a Tick in which channels decay; scores are taken until the first of them.</summary>
    private int Lead => options.DecayOrNone.Adaptive ? 4 * options.DecayOrNone.Steps : options.DecayOrNone.Steps;

    private void AddScores(Dictionary<string, Tensor> gates)
    {
        Dictionary<string, float[]> taken = gates.ToDictionary(g => g.Key, g => TorchGraph.Download((g.Value * phi[g.Key]).abs()));
        for (int channel = 0; channel < scores.Length; channel++)
        {
            foreach (ChannelMember member in vectors.Owned[channel].Where(m => taken.ContainsKey(m.Axis.Tensor)))
            {
                scores[channel] += member.Positions.Sum(p => (double)taken[member.Axis.Tensor][p]);
            }
        }
    }

    private void Choose()
    {
        DependencyGraph dependencies = goal.Dependencies;
        double[] ranked = [.. Enumerable.Range(0, scores.Length).Select(c => counts.IsRemoved(c) ? double.NegativeInfinity : scores[c] - MapCost(c))];
        if (ranked.Any(double.IsNaN))
        {
            throw new PruningException("the scores of gates are no numbers: lower the learning rate of 'tick'");
        }

        GateGroup[] groups =
        [
            .. dependencies.Groups.Select(g => new GateGroup(
                [.. g.Channels.Select(c => ranked[c.Index])], vectors.Owned[g.Channels[0].Index].Length,
                Math.Max(1, (int)Math.Floor((1 - options.LargestShare) * g.Channels.Length)))),
        ];
        int left = groups.Sum(g => g.Gates * g.Scores.Count(s => !double.IsNegativeInfinity(s)));
        var keep = GateSelection.Keep(groups, GateSelection.CountOf(left, options.Share));
        HashSet<int> wanted = [.. dependencies.Groups.SelectMany(g => g.Channels.Where((_, i) => !keep[g.Index][i])).Select(c => c.Index)];
        bool rose = decay.Channels.LossRose();
        bool any = false;
        foreach (int channel in Enumerable.Range(0, scores.Length).Where(c => !counts.IsRemoved(c) && !barred.Contains(c)).OrderBy(c => ranked[c]).ThenBy(c => c))
        {
            // Where all that was wanted has to stay, the next one goes in its place.
            bool isNext = wanted.Contains(channel) || (!any && ranked[channel] > wanted.Select(w => ranked[w]).DefaultIfEmpty(double.NegativeInfinity).Max());
            if (!goal.IsMet(counts.Cost, counts.Before) && isNext && counts.TryRemove(channel))
            {
                any = true;
                ChannelGroup group = dependencies.Groups[dependencies.GroupOf[channel]];
                decay.Channels.Begin(channel, phi, options.DecayOrNone.Adaptive ? decay.Channels.GroupNorm(group, phi) : 0, rose);
            }
        }
    }

    /// <summary>η · A/A_min · C over the channel's gates: maps with more pixels and layers with more channels cost more.</summary>
    private double MapCost(int channel)
    {
        if (options.Eta == 0)
        {
            return 0;
        }

        Graph graph = goal.Dependencies.Graph;
        double Area(BatchNorm norm) => graph.Shapes[norm.Output].Dims.Skip(2).Aggregate(1.0, (a, b) => a * b);
        double smallest = norms.Min(Area);
        return vectors.Owned[channel].Sum(m =>
        {
            BatchNorm norm = norms.First(n => n.Scale == m.Axis.Tensor);
            int active = goal.Dependencies.Channels.Count(c => !counts.IsRemoved(c.Index) && vectors.Owned[c.Index].Any(o => o.Axis == m.Axis));
            return options.Eta / smallest * Area(norm) * active;
        });
    }

    private void StoreScores()
    {
        for (int i = 0; i < scores.Length; i++)
        {
            // As a checkpoint keeps it, so that a run that goes on from one has the same numbers.
            scores[i] = (float)scores[i];
        }

        if (scores.Length > 0)
        {
            using Tensor now = tensor(Array.ConvertAll(scores, s => (float)s));
            savedScores.copy_(now);
        }
    }
}
