using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning.Structured;
using EdgeSparse.Compiler.Pruning.Structured.Decay;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Pruning.Structured.GateDecorator;
using EdgeSparse.Compiler.Pruning.Structured.Oto;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Tests.Training;
using EdgeSparse.Compiler.Training;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Tests.Pruning.Structured.Decay;

/// <summary>A decay of one step is the host as its authors have it, bit for bit; DepGraph's is among the tests of its pruner.</summary>
public sealed class OneStepTests
{
    private static TrainingRun Run => TinyProblem.Run(new TrainingOptions());

    [Fact]
    public void Of_a_tick_it_is_the_tick_without_pruning_and_then_a_mask()
    {
        TrainingOptions tick = new() { Epochs = 1, BatchSize = 16, Optimizer = new OptimizerOptions { LearningRate = 0.01 } };
        Graph network = TinyProblem.Convolutional();
        Graph Ticked(double macs)
        {
            GateDecoratorOptions options = new() { Macs = macs, Share = 0.3, Tick = tick };
            PruningGoal goal = new(network, options);
            return Trained(network, tick, m => new GateTraining(m, goal, options, true, new HashSet<int>(), []));
        }

        // With all multiplications allowed a Tick chooses nothing.
        Graph unpruned = Ticked(1);
        Graph pruned = Ticked(0.5);
        int[] closed = [.. StructuredRun.ZeroChannels(DependencyGraph.Of(network), pruned, role => role == AxisRole.Scale)];
        Assert.NotEmpty(closed);
        Graph masked = StructuredSamples.Zeroed(unpruned, closed.Select(c => DependencyGraph.Of(network).Channels[c]), role => role is AxisRole.Scale or AxisRole.Shift);
        Assert.Equal(TinyProblem.ValuesOf(masked), TinyProblem.ValuesOf(pruned));
    }

    [Fact]
    public void Of_a_half_space_it_is_the_projection()
    {
        OtoOptions options = new()
        {
            Macs = 0.5,
            StartEpochs = 0.5,
            HalfSpaceEpochs = 0.5,
            LargestFactor = 1000,
            Lambda = 2,
            Training = new TrainingOptions { Epochs = 6, BatchSize = 16, Optimizer = new OptimizerOptions { LearningRate = 0.05, WeightDecay = 1e-3 } },
        };
        Graph network = TinyProblem.Perceptron();
        PruningGoal goal = new(network, options);
        float[] penalised = [];
        Graph decayed = Trained(network, options.Training, _ => new Watched(new OtoTraining(goal, options), p => penalised = p));
        Assert.Contains(1f, penalised);
        Graph projected = Trained(network, options.Training, _ => new Projection(goal, options, penalised));
        Assert.Equal(6, StructuredRun.ZeroChannels(goal.Dependencies, projected, OtoPruner.IsOwn).Count());
        Assert.Equal(TinyProblem.ValuesOf(projected), TinyProblem.ValuesOf(decayed));
    }

    private static Graph Trained(Graph graph, TrainingOptions options, Func<Compiler.Training.Torch.TorchGraph, ITrainingExtension> extension) =>
        Trainer.Train(graph, Run with { Options = options, Extension = extension }, IProgressSink.Silent, TestContext.Current.CancellationToken).Graph;

    /// <summary>Tells which groups were penalised in the end.</summary>
    private sealed class Watched(OtoTraining training, Action<float[]> tell) : ITrainingExtension
    {
        public string Identity => training.Identity;

        public IReadOnlyDictionary<string, Tensor> State => training.State;

        public void BeforeUpdate(in TrainingStep step) => training.BeforeUpdate(step);

        public void AfterUpdate(in TrainingStep step) => training.AfterUpdate(step);

        public void Dispose()
        {
            tell(State["penalised"].data<float>().ToArray());
            training.Dispose();
        }
    }

    /// <summary>DHSPG alone, its groups given: penalised groups shrink, and those that leave their half-space are zero from then on.</summary>
    private sealed class Projection(PruningGoal goal, OtoOptions options, float[] penalised) : ITrainingExtension
    {
        private readonly ChannelVectors vectors = new(goal.Dependencies, OtoPruner.IsOwn);
        private readonly ChannelCounts counts = goal.NewCounts();
        private Dictionary<string, Tensor> before = [];

        public string Identity => "projection";

        public IReadOnlyDictionary<string, Tensor> State { get; } = new Dictionary<string, Tensor>();

        public void BeforeUpdate(in TrainingStep step)
        {
            Dictionary<string, Tensor> now = [];
            foreach (string name in step.Gradients.Keys)
            {
                now[name] = step.Model.Weights[name].clone();
            }

            before = now;
        }

        public void AfterUpdate(in TrainingStep step)
        {
            if (step.Index >= step.StepsPerEpoch / 2)
            {
                Project(step);
            }

            IReadOnlyDictionary<string, Tensor> weights = step.Model.Weights;
            foreach (Tensor part in counts.Removed.SelectMany(c => vectors.Of(c, weights)))
            {
                part.zero_();
            }
        }

        public void Dispose()
        {
        }

        private void Project(in TrainingStep step)
        {
            IReadOnlyDictionary<string, Tensor> after = step.Model.Weights;
            double rate = step.LearningRate;
            Dictionary<string, Tensor> moved = before.ToDictionary(w => w.Key, w => w.Value.to(ScalarType.Float64) - after[w.Key].to(ScalarType.Float64));
            double[] squares = vectors.Products(before, before);
            double[] dots = [.. vectors.Products(before, moved).Select(d => d / rate)];
            double[] gradients = [.. vectors.Products(moved, moved).Select(d => d / rate / rate)];
            if (goal.IsMet(counts.Cost, counts.Before))
            {
                return;
            }

            List<(int Group, double Share)> leaving = [];
            for (int i = 0; i < penalised.Length; i++)
            {
                if (penalised[i] == 0 || counts.IsRemoved(i))
                {
                    continue;
                }

                double norm = Math.Sqrt(squares[i]);
                double shrink = HalfSpace.Shrink(rate, HalfSpace.Penalty(dots[i], gradients[i], norm, options), norm);
                double dotAfter = squares[i] - (rate * dots[i]) - (shrink * squares[i]);
                foreach ((Tensor x, Tensor old) in vectors.Of(i, after).Zip(vectors.Of(i, before)))
                {
                    x.sub_(old * tensor((float)shrink));
                }

                if (HalfSpace.Leaves(dotAfter, norm, options.Epsilon))
                {
                    leaving.Add((i, dotAfter / squares[i]));
                }
            }

            foreach ((int group, _) in leaving.OrderBy(l => l.Share).ThenBy(l => l.Group))
            {
                if (!goal.IsMet(counts.Cost, counts.Before) && counts.TryRemove(group))
                {
                    foreach (Tensor state in vectors.Of(group, step.Update.State.ToDictionary(s => s.Key[..^2], s => s.Value)))
                    {
                        state.zero_();
                    }
                }
            }
        }
    }
}
