using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Criteria;

/// <summary>Adds up −w·∂L/∂w of each weight in each step of training: above 0 where descending the loss takes it away from zero.</summary>
internal sealed class MovementScores : ITrainingExtension
{
    private readonly SortedDictionary<string, Tensor> scores = new(StringComparer.Ordinal);
    private readonly Action<string, float[]> keep;

    /// <param name="model">The network on its device.</param>
    /// <param name="weights">Names of the weights judged.</param>
    /// <param name="before">What earlier training has added up.</param>
    /// <param name="keep">Told the sums at the end.</param>
    public MovementScores(TorchGraph model, IEnumerable<string> weights, IReadOnlyDictionary<string, float[]> before, Action<string, float[]> keep)
    {
        this.keep = keep;
        foreach (string weight in weights)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor zero = zeros_like(model.Weights[weight]);
            scores[weight] = (before.TryGetValue(weight, out float[]? sums) ? zero.add_(tensor(sums, zero.shape).to(zero.device)) : zero).DetachFromDisposeScope();
        }
    }

    public string Identity => "movement";

    public IReadOnlyDictionary<string, Tensor> State => scores;

    public void BeforeUpdate(in TrainingStep step)
    {
        foreach ((string weight, Tensor sum) in scores)
        {
            sum.addcmul_(step.Model.Weights[weight], step.Gradients[weight], -1);
        }
    }

    public void AfterUpdate(in TrainingStep step)
    {
    }

    public void Dispose()
    {
        foreach ((string weight, Tensor sum) in scores)
        {
            keep(weight, TorchGraph.Download(sum));
            sum.Dispose();
        }
    }
}
