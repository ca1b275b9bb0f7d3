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
    private readonly ChannelCounts counts;
    private readonly HostDecay decay;
    private readonly HashSet<string> penalised;

    public DepGraphRounds(PruningGoal goal, DepGraphOptions options, IReleaseCriterion? criterion = null)
    {
        this.goal = goal;
        this.options = options;
        selection = new GlobalSelection(goal.Dependencies, options);
        counts = goal.NewCounts();
        decay = new HostDecay(new ChannelVectors(goal.Dependencies, DepGraphPruner.IsOwn), options.DecayOrNone, counts, criterion);
        penalised = [.. goal.Dependencies.Graph.PrunableNodes.Select(n => n.PrunableWeight!)];
        Identity = $"depgraph {JsonSerializer.Serialize(options)} {decay.Channels.Identity}";
        State = decay.Channels.Tensors.ToDictionary();
    }

    public string Identity { get; }

    public IReadOnlyDictionary<string, Tensor> State { get; }

    public DecayStates States => decay.States;

    public void BeforeUpdate(in TrainingStep step)
    {
        decay.Load(step.Model.Device);
        decay.Channels.NoteLoss(step.Loss);
        IReadOnlyDictionary<string, Tensor> trained = Trained(step);
        int round = RoundOf(step);
        double due = Math.Min(1, (round + 1.0) / options.Rounds);
        if (step.Count - step.Index >= options.DecayOrNone.Steps && !goal.IsMet(counts.Cost, counts.Before, due))
        {
            Choose(step.Model, trained, round, due);
        }

        OptimizerOptions optimizer = options.Pruning!.Optimizer;
        decay.Channels.BeforeUpdate(trained, step.Gradients, optimizer.Kind == OptimizerKind.Sgd ? optimizer.WeightDecay : 0, penalised);
    }

    public void AfterUpdate(in TrainingStep step) =>
        decay.AfterUpdate(Trained(step), step.Update.State, RoundOf(step), step.Model.Weights, step.Model.Device);

    public void Dispose() => decay.Dispose();

    private static Dictionary<string, Tensor> Trained(TrainingStep step) => step.Gradients.Keys.ToDictionary(name => name, name => step.Model.Weights[name]);

    private int RoundOf(in TrainingStep step) => (int)Math.Min(step.Index / Math.Max(1, step.Count / options.Rounds), options.Rounds - 1);

    private void Choose(TorchGraph model, IReadOnlyDictionary<string, Tensor> trained, int round, double due)
    {
        Dictionary<string, float[]> values = model.Weights.ToDictionary(w => w.Key, w => TorchGraph.Download(w.Value));
        List<int> chosen = selection.Choose(
            counts, values, cost => goal.IsMet(cost, counts.Before, due), channel => !decay.States.IsBarred(channel, round));
        bool rose = decay.Channels.LossRose();
        Dictionary<int, double> norms = [];
        DependencyGraph dependencies = goal.Dependencies;
        foreach (int channel in chosen)
        {
            int group = dependencies.GroupOf[channel];
            double norm = !options.DecayOrNone.Adaptive ? 0
                : norms.TryGetValue(group, out double known) ? known
                : norms[group] = decay.Channels.GroupNorm(dependencies.Groups[group], trained);
            decay.Channels.Begin(channel, trained, norm, rose);
        }
    }
}
