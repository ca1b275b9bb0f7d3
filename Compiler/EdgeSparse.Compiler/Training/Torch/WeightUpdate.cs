using System.Collections.Immutable;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training.Torch;

/// <summary>
/// One optimizer over the trainable weights of a graph, in the mask discipline: the gradient of a pruned weight is zero, and after
/// each step the mask is multiplied in again, because momentum moves weights whose gradient is zero. The state starts at zero
/// and takes in masked gradients only, so it is zero wherever a weight is pruned.
/// </summary>
/// <remarks>torch's own optimizers keep state that cannot be masked, saved and restored per weight, hence these few operations.</remarks>
internal sealed class WeightUpdate : IDisposable
{
    // Kingma and Ba 2015; the defaults of every library.
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly OptimizerOptions options;
    private readonly List<(string Name, bool Penalised)> names = [];
    private readonly TorchGraph model;
    private readonly SortedDictionary<string, Tensor> state = new(StringComparer.Ordinal);
    private long stepsBefore;

    /// <param name="model">Weights are changed in place.</param>
    /// <param name="penalised">Names of the weights that decay and L1 act on: of convolutions and fully connected layers.</param>
    /// <param name="options">Kind and coefficients.</param>
    public WeightUpdate(TorchGraph model, IReadOnlySet<string> penalised, OptimizerOptions options)
    {
        this.model = model;
        this.options = options;
        foreach (string name in model.TrainableNames)
        {
            names.Add((name, penalised.Contains(name)));
            for (int slot = 0; slot < (options.Kind == OptimizerKind.Sgd ? 1 : 2); slot++)
            {
                state[OptimizerState.SlotOf(name, slot)] = zeros_like(model.Weights[name]);
            }
        }
    }

    /// <summary>Momentum buffers by <c>weight#slot</c>, for checkpoints.</summary>
    public IReadOnlyDictionary<string, Tensor> State => state;

    public IList<Tensor> Trained => [.. names.Select(n => model.Weights[n.Name])];

    /// <summary>The same tensors by the name of their weight; they are in the order of <see cref="Trained"/>.</summary>
    public IReadOnlyDictionary<string, Tensor> ByName(IList<Tensor> tensors) =>
        names.Zip(tensors).ToDictionary(pair => pair.First.Name, pair => pair.Second);

    /// <summary>One step down the gradients, given in the order of <see cref="Trained"/>; they are used up.</summary>
    /// <param name="gradients">Of the loss without penalties.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="step">1 at the first step of a run.</param>
    public void Step(IList<Tensor> gradients, double rate, long step)
    {
        using IDisposable noGradient = no_grad();
        for (int i = 0; i < names.Count; i++)
        {
            (string name, bool penalised) = names[i];
            Tensor weight = model.Weights[name];
            Tensor gradient = gradients[i];
            if (penalised && options.L1 > 0)
            {
                gradient.add_(weight.sign(), options.L1);
            }

            if (penalised && options.WeightDecay > 0 && options.Kind == OptimizerKind.Sgd)
            {
                gradient.add_(weight, options.WeightDecay);
            }

            model.Masks.TryGetValue(name, out Tensor? mask);
            if (mask is not null)
            {
                gradient.mul_(mask);
            }

            if (options.Kind == OptimizerKind.Sgd)
            {
                StepSgd(weight, gradient, state[OptimizerState.SlotOf(name, 0)], rate);
            }
            else
            {
                StepAdam(weight, gradient, name, penalised ? options.WeightDecay : 0, rate, step + stepsBefore);
            }

            if (mask is not null)
            {
                weight.mul_(mask);
            }
        }
    }

    /// <summary>What another run can go on with.</summary>
    /// <param name="steps">Steps of this run.</param>
    public OptimizerState Snapshot(long steps) => new(
        options.Kind, steps + stepsBefore, state.ToImmutableSortedDictionary(s => s.Key, s => TorchGraph.Download(s.Value), StringComparer.Ordinal));

    /// <summary>Goes on with another run's state; weights that it does not have begin at zero, and masked ones stay there.</summary>
    /// <param name="start">Of an optimizer of another kind: nothing is taken over.</param>
    public void Start(OptimizerState start)
    {
        if (start.Kind != options.Kind)
        {
            return;
        }

        stepsBefore = start.Steps;
        using IDisposable noGradient = no_grad();
        foreach ((string name, Tensor slot) in state)
        {
            if (start.Slots.TryGetValue(name, out float[]? values))
            {
                using Tensor saved = tensor(values, [.. slot.shape]);
                slot.copy_(saved);
                if (model.Masks.TryGetValue(name[..name.LastIndexOf('#')], out Tensor? mask))
                {
                    slot.mul_(mask);
                }
            }
        }
    }

    public void Dispose()
    {
        foreach (Tensor tensor in state.Values)
        {
            tensor.Dispose();
        }
    }

    private void StepSgd(Tensor weight, Tensor gradient, Tensor velocity, double rate)
    {
        if (options.Momentum == 0)
        {
            weight.add_(gradient, -rate);
            return;
        }

        velocity.mul_(options.Momentum).add_(gradient);
        weight.add_(options.Nesterov ? gradient.add_(velocity, options.Momentum) : velocity, -rate);
    }

    private void StepAdam(Tensor weight, Tensor gradient, string name, double decay, double rate, long step)
    {
        Tensor mean = state[OptimizerState.SlotOf(name, 0)];
        Tensor square = state[OptimizerState.SlotOf(name, 1)];
        mean.mul_(Beta1).add_(gradient, 1 - Beta1);
        square.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
        if (decay > 0)
        {
            weight.mul_(1 - (rate * decay));
        }

        double correction = Math.Sqrt(1 - Math.Pow(Beta2, step));
        Tensor scale = square.sqrt().add_(Epsilon * correction);
        weight.addcdiv_(mean, scale, -rate * correction / (1 - Math.Pow(Beta1, step)));
    }
}
