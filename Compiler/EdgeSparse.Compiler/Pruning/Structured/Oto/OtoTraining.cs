using System.Text.Json;
using EdgeSparse.Compiler.Pruning.Structured.Decay;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Training;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Structured.Oto;

/// <summary>
/// DHSPG on top of the run's optimizer, whose step −rate · g̃ is taken as it is: from the start on chosen groups are penalised, and
/// those that leave their half-space become zero, at once or by decay, until the network is small enough.
/// </summary>
/// <remarks>Decaying groups count as gone, so that not more groups go than the target asks for; released ones come back.</remarks>
internal sealed class OtoTraining : ITrainingExtension
{
    // Rounds of this method have no other meaning than how long a released group is left alone.
    private const int RoundsPerEpoch = 10;

    private readonly PruningGoal goal;
    private readonly OtoOptions options;
    private readonly ChannelVectors vectors;
    private readonly ChannelCounts counts;
    private readonly HostDecay decay;
    private readonly HashSet<string> prunable;
    private readonly Tensor savedPenalised;
    private readonly float[] penalised;
    private Dictionary<string, Tensor> before = [];

    public OtoTraining(PruningGoal goal, OtoOptions options, IReleaseCriterion? criterion = null)
    {
        this.goal = goal;
        this.options = options;
        vectors = new ChannelVectors(goal.Dependencies, OtoPruner.IsOwn);
        counts = goal.NewCounts();
        decay = new HostDecay(vectors, options.DecayOrNone, counts, criterion);
        prunable = [.. goal.Dependencies.Graph.PrunableNodes.Select(n => n.PrunableWeight!)];
        penalised = new float[goal.Dependencies.Channels.Length];
        savedPenalised = zeros([Math.Max(1, penalised.Length)], ScalarType.Float32);
        Identity = $"oto {JsonSerializer.Serialize(options)} {decay.Channels.Identity}";
        State = decay.Channels.Tensors.Append(KeyValuePair.Create("penalised", savedPenalised)).ToDictionary();
    }

    public string Identity { get; }

    public IReadOnlyDictionary<string, Tensor> State { get; }

    public void BeforeUpdate(in TrainingStep step)
    {
        if (decay.Load(step.Model.Device) && penalised.Length > 0)
        {
            savedPenalised.data<float>().CopyTo(penalised);
        }

        decay.Channels.NoteLoss(step.Loss);
        Dictionary<string, Tensor> trained = Trained(step);
        OptimizerOptions optimizer = options.Training.Optimizer;
        decay.Channels.BeforeUpdate(trained, step.Gradients, optimizer.Kind == OptimizerKind.Sgd ? optimizer.WeightDecay : 0, prunable);
        before = step.Index >= StartOf(step) ? trained.ToDictionary(w => w.Key, w => w.Value.clone()) : [];
    }

    public void AfterUpdate(in TrainingStep step)
    {
        Dictionary<string, Tensor> trained = Trained(step);
        int round = (int)(step.Index / Math.Max(1, step.StepsPerEpoch / RoundsPerEpoch));
        if (before.Count > 0)
        {
            Project(step, trained, round);
        }

        decay.AfterUpdate(trained, step.Update.State, round, step.Model.Weights, step.Model.Device);
    }

    public void Dispose()
    {
        decay.Dispose();
        savedPenalised.Dispose();
    }

    private static Dictionary<string, Tensor> Trained(TrainingStep step) => step.Gradients.Keys.ToDictionary(name => name, name => step.Model.Weights[name]);

    private long StartOf(in TrainingStep step) => (long)(options.StartEpochs * step.StepsPerEpoch);

    private void Project(in TrainingStep step, Dictionary<string, Tensor> after, int round)
    {
        // The optimizer's step, momentum and weight decay included, is what the method calls the gradient.
        double rate = step.LearningRate;
        Dictionary<string, Tensor> moved = before.ToDictionary(w => w.Key, w => w.Value.to(ScalarType.Float64) - after[w.Key].to(ScalarType.Float64));
        double[] squares = vectors.Products(before, before);
        double[] dots = [.. vectors.Products(before, moved).Select(d => d / rate)];
        double[] gradients = [.. vectors.Products(moved, moved).Select(d => d / rate / rate)];
        if (step.Index == StartOf(step))
        {
            Partition(squares, dots, gradients, after);
        }

        if (goal.IsMet(counts.Cost, counts.Before))
        {
            return;
        }

        double[] shrink = new double[squares.Length];
        List<(int Channel, double DotAfter)> left = [];
        for (int i = 0; i < shrink.Length; i++)
        {
            if (penalised[i] == 0 || decay.States[i] != DecayState.Retained || squares[i] == 0 || decay.States.IsBarred(i, round))
            {
                continue;
            }

            double norm = Math.Sqrt(squares[i]);
            shrink[i] = HalfSpace.Shrink(rate, HalfSpace.Penalty(dots[i], gradients[i], norm, options), norm);
            double dotAfter = squares[i] - (rate * dots[i]) - (shrink[i] * squares[i]);
            if (HalfSpace.Leaves(dotAfter, norm, options.Epsilon))
            {
                left.Add((i, dotAfter / squares[i]));
            }
        }

        Subtract(shrink, after, step.Model.Device);
        bool projects = step.Index >= (long)(options.HalfSpaceEpochs * step.StepsPerEpoch) && step.Count - step.Index >= options.DecayOrNone.Steps;
        if (projects && left.Count > 0)
        {
            Begin(left, squares);
        }
    }

    private void Begin(List<(int Channel, double DotAfter)> left, double[] squares)
    {
        bool rose = decay.Channels.LossRose();
        foreach ((int channel, _) in left.OrderBy(l => l.DotAfter).ThenBy(l => l.Channel))
        {
            if (goal.IsMet(counts.Cost, counts.Before))
            {
                return;
            }

            if (counts.TryRemove(channel))
            {
                ChannelGroup group = goal.Dependencies.Groups[goal.Dependencies.GroupOf[channel]];
                double mean = group.Channels.Where(c => decay.States[c.Index] == DecayState.Retained).Average(c => Math.Sqrt(squares[c.Index]));
                decay.Channels.Begin(channel, Math.Sqrt(squares[channel]), mean, rose);
            }
        }
    }

    /// <summary>Chooses the groups to penalise, once: as many as the target needs by descending score, and some more.</summary>
    private void Partition(double[] squares, double[] dots, double[] gradients, Dictionary<string, Tensor> weights)
    {
        DependencyGraph dependencies = goal.Dependencies;
        int[] eligible = [.. Enumerable.Range(0, squares.Length).Where(i => counts.CanRemove(i))];
        foreach (int zero in eligible.Where(i => squares[i] == 0))
        {
            counts.TryRemove(zero);
            decay.States.Finish(zero);
        }

        eligible = [.. eligible.Where(i => squares[i] > 0)];
        double[] scores = HalfSpace.Scores(
            [.. eligible.Select(i => dots[i])], [.. eligible.Select(i => Math.Sqrt(squares[i]))], [.. eligible.Select(i => Math.Sqrt(gradients[i]))],
            [.. eligible.Select(i => (double)vectors.LengthOf(i, weights))]);
        if (scores.Any(s => !double.IsFinite(s)))
        {
            throw new PruningException("the scores of groups are no numbers: a weight or a gradient is none; lower the learning rate");
        }

        int[] order = [.. Enumerable.Range(0, eligible.Length).OrderByDescending(i => scores[i]).ThenBy(i => i).Select(i => eligible[i])];
        ChannelCounts trial = goal.NewCounts();
        int needed = 0;
        foreach (int channel in order)
        {
            if (goal.IsMet(trial.Cost, trial.Before))
            {
                break;
            }

            trial.TryRemove(channel);
            needed++;
        }

        int[] chosen = order[..Math.Max(needed, Math.Min(order.Length, HalfSpace.CountOf(order.Length, (double)needed / order.Length, options.Tolerance)))];
        foreach (var group in chosen.GroupBy(c => dependencies.GroupOf[c]))
        {
            int size = dependencies.Groups[group.Key].Channels.Length;
            int kept = size - group.Count();
            int wanted = Math.Min(size, Math.Max(options.DivisibleBy, (kept + options.DivisibleBy - 1) / options.DivisibleBy * options.DivisibleBy));

            // Those with the lowest scores stay, and order is by descending score.
            foreach (int channel in group.Take(size - wanted))
            {
                penalised[channel] = 1;
            }
        }

        using Tensor now = tensor(penalised);
        savedPenalised.copy_(now);
    }

    private void Subtract(double[] shrink, Dictionary<string, Tensor> after, Device device)
    {
        Dictionary<TensorAxis, float[]> factors = [];
        for (int i = 0; i < shrink.Length; i++)
        {
            if (shrink[i] == 0)
            {
                continue;
            }

            foreach (ChannelMember member in vectors.Owned[i].Where(m => after.ContainsKey(m.Axis.Tensor)))
            {
                float[] along = factors.TryGetValue(member.Axis, out float[]? known) ? known : factors[member.Axis] = new float[member.Axis.Length];
                foreach (int position in member.Positions)
                {
                    along[position] = (float)shrink[i];
                }
            }
        }

        foreach ((TensorAxis axis, float[] along) in factors)
        {
            long[] shape = [.. Enumerable.Range(0, (int)after[axis.Tensor].dim()).Select(i => i == axis.Axis ? (long)axis.Length : 1)];
            after[axis.Tensor].sub_(before[axis.Tensor] * tensor(along, device: device).reshape(shape));
        }
    }
}
