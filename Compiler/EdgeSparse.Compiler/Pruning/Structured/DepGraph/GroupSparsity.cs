using System.Text.Json;
using EdgeSparse.Compiler.Pruning.Structured.Dependencies;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Training.Torch;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Structured.DepGraph;

/// <summary>
/// The group-sparse penalty as its authors' code has it: before each update reg · γ_k · w is added to the gradient of all rows,
/// columns and scales of channel k, with γ_k = 2^(α (J_max − J_k) / (J_max − J_min)) and J the root of the group's scores.
/// </summary>
internal sealed class GroupSparsity(DependencyGraph dependencies, SparseLearningOptions options, ImportanceOptions importanceOptions) : ITrainingExtension
{
    private readonly GroupImportance importance = new(dependencies, importanceOptions);

    public string Identity { get; } = $"group sparsity {JsonSerializer.Serialize(options)} {JsonSerializer.Serialize(importanceOptions)}";

    public IReadOnlyDictionary<string, Tensor> State { get; } = new Dictionary<string, Tensor>();

    public void BeforeUpdate(in TrainingStep step)
    {
        Dictionary<string, float[]> weights = [];
        TorchGraph model = step.Model;
        float[] Values(string name) => weights.TryGetValue(name, out float[]? known) ? known : weights[name] = TorchGraph.Download(model.Weights[name]);
        Dictionary<TensorAxis, float[]> pulls = [];
        foreach (ChannelGroup group in dependencies.Groups)
        {
            if (Pulls(GroupImportance.Scaled(importance.Raw(group.Index, Values), options.Scale), options) is not { } pull)
            {
                continue;
            }

            for (int k = 0; k < pull.Length; k++)
            {
                foreach (ChannelMember member in group.Channels[k].Weights.Where(m => m.Axis.Role is AxisRole.Out or AxisRole.In or AxisRole.Scale))
                {
                    float[] along = pulls.TryGetValue(member.Axis, out float[]? known) ? known : pulls[member.Axis] = new float[member.Axis.Length];
                    foreach (int position in member.Positions)
                    {
                        along[position] = (float)(options.Regularization * pull[k]);
                    }
                }
            }
        }

        foreach ((TensorAxis axis, float[] along) in pulls)
        {
            if (step.Gradients.TryGetValue(axis.Tensor, out Tensor? gradient))
            {
                Tensor weight = model.Weights[axis.Tensor];
                long[] shape = [.. Enumerable.Range(0, (int)weight.dim()).Select(i => i == axis.Axis ? (long)axis.Length : 1)];
                gradient.add_(weight * tensor(along, device: model.Device).reshape(shape));
            }
        }
    }

    public void AfterUpdate(in TrainingStep step)
    {
    }

    /// <summary>γ of each channel of a group, or null where all scores are equal.</summary>
    public static double[]? Pulls(IReadOnlyList<double> scores, SparseLearningOptions options)
    {
        double[] j = [.. scores.Select(s => options.OnImportance ? s : Math.Sqrt(s))];
        (double low, double high) = (j.Min(), j.Max());
        return high > low ? [.. j.Select(v => Math.Pow(2, options.Alpha * (high - v) / (high - low)))] : null;
    }

    public void Dispose()
    {
    }
}
