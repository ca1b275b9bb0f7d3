using System.Text.Json;
using EdgeSparse.Compiler.Pruning.Structured.Decay;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Training.Torch;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Structured.DepGraph;

/// <summary>
/// DepGraph's iterative pruning while the network trains: at the beginning of each round the next channels are chosen; all that is
/// coupled with them decays and then stays zero until it is cut out after the run. A released channel's place in the round is
/// filled by the next one.
/// </summary>
internal sealed class DepGraphRounds : ITrainingExtension
{
    private readonly PruningGoal goal;
    private readonly DepGraphOptions options;
    private readonly GlobalSelection selection;
    private readonly ChannelVectors vectors;
    private readonly ChannelDecay decay;
    private readonly HeldChannels held;
    private readonly ChannelCounts counts;
    private readonly HashSet<string> penalised;
    private bool loaded;

    public DepGraphRounds(PruningGoal goal, DepGraphOptions options, IReleaseCriterion? criterion = null)
    {
        this.goal = goal;
        this.options = options;
        selection = new GlobalSelection(goal.Dependencies, options);
        vectors = new ChannelVectors(goal.Dependencies, DepGraphPruner.IsOwn);
        decay = new ChannelDecay(vectors, options.Decay, criterion);
        held = new HeldChannels(vectors);
        counts = goal.NewCounts();
        penalised = [.. goal.Dependencies.Graph.PrunableNodes.Select(n => n.PrunableWeight!)];
        Identity = $"depgraph {JsonSerializer.Serialize(options)} {decay.Identity}";
        State = decay.Tensors.ToDictionary();
    }

    public string Identity { get; }

    public IReadOnlyDictionary<string, Tensor> State { get; }

    public DecayStates States => decay.States;

    public void BeforeUpdate(in TrainingStep step)
    {
        Load(step.Model.Device);
        decay.NoteLoss(step.Loss);
        IReadOnlyDictionary<string, Tensor> trained = Trained(step);
        int round = RoundOf(step);
        double due = Math.Min(1, (round + 1.0) / options.Rounds);
        if (step.Count - step.Index >= options.Decay.Steps && !goal.IsMet(counts.Cost, counts.Before, due))
        {
            Choose(step.Model, trained, round, due);
        }

        OptimizerOptions optimizer = options.Pruning!.Optimizer;
        decay.BeforeUpdate(trained, step.Gradients, optimizer.Kind == OptimizerKind.Sgd ? optimizer.WeightDecay : 0, penalised);
    }

    public void AfterUpdate(in TrainingStep step)
    {
        DecayEvents events = decay.AfterUpdate(Trained(step), step.Update.State, RoundOf(step));
        foreach (int channel in events.Released)
        {
            counts.Restore(channel);
        }

        if (events.Pruned.Count > 0)
        {
            held.Set(decay.States.Pruned, step.Model.Device);
        }

        held.Apply(step.Model.Weights);
        decay.States.Store();
    }

    public void Dispose()
    {
        decay.Dispose();
        held.Dispose();
    }

    private static Dictionary<string, Tensor> Trained(TrainingStep step) => step.Gradients.Keys.ToDictionary(name => name, name => step.Model.Weights[name]);

    private int RoundOf(in TrainingStep step) => (int)Math.Min(step.Index / Math.Max(1, step.Count / options.Rounds), options.Rounds - 1);

    private void Choose(TorchGraph model, IReadOnlyDictionary<string, Tensor> trained, int round, double due)
    {
        Dictionary<string, float[]> values = model.Weights.ToDictionary(w => w.Key, w => TorchGraph.Download(w.Value));
        List<int> chosen = selection.Choose(
            counts, values, cost => goal.IsMet(cost, counts.Before, due), channel => !decay.States.IsBarred(channel, round));
        bool rose = decay.LossRose();
        Dictionary<int, double> norms = [];
        DependencyGraph dependencies = goal.Dependencies;
        foreach (int channel in chosen)
        {
            int group = dependencies.GroupOf[channel];
            double norm = !options.Decay.Adaptive ? 0
                : norms.TryGetValue(group, out double known) ? known
                : norms[group] = decay.GroupNorm(dependencies.Groups[group], trained);
            decay.Begin(channel, trained, norm, rose);
        }
    }

    private void Load(Device device)
    {
        if (loaded)
        {
            return;
        }

        loaded = true;
        decay.States.Load();
        foreach (int channel in decay.States.Pruned.Concat(decay.States.Decaying))
        {
            counts.TryRemove(channel);
        }

        held.Set(decay.States.Pruned, device);
    }
}
