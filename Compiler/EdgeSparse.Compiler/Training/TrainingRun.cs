using System.Collections.Immutable;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Training.Torch;

namespace EdgeSparse.Compiler.Training;

/// <summary>One run of training: what to train on, how, and where to keep checkpoints.</summary>
public sealed record TrainingRun
{
    public TrainingOptions Options { get; init; } = new();

    public required Dataset Data { get; init; }

    /// <summary>How pixels become input; applied after augmentation.</summary>
    public required InputScaling Scaling { get; init; }

    /// <summary>Determines shuffling, augmentation and dropout; the same seed, machine and thread count give the same weights.</summary>
    public int Seed { get; init; }

    /// <summary>The network to distil from, with the same input and classes; needed when the options ask for distillation.</summary>
    public Graph? Teacher { get; init; }

    /// <summary>
    /// The checkpoint file, or null for none. When it exists the run goes on from it, and a finished one gives its result at once.
    /// </summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Least time between two checkpoints; when checkpoints are written never changes the result.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Threads of libtorch; null for one a core.</summary>
    public int? Threads { get; init; }

    /// <summary>Names of layers whose weights (and running statistics) stay as they are.</summary>
    public ImmutableHashSet<string> FrozenLayers { get; init; } = [];

    /// <summary>Where the run lies in a longer one whose schedule of learning rates it follows: so many epochs came before it.</summary>
    public int EpochsBefore { get; init; }

    /// <summary>Epochs of the longer run; null where this one is whole.</summary>
    public int? EpochsOfSchedule { get; init; }

    /// <summary>What the optimizer goes on with; null where it begins at zero.</summary>
    internal OptimizerState? Start { get; init; }

    /// <summary>Makes what takes part in every step, for the network on its device; null for plain training.</summary>
    internal Func<TorchGraph, ITrainingExtension>? Extension { get; init; }

    /// <summary>Shown beside the progress, for example <c>dense</c> or <c>retrain 3/8</c>.</summary>
    public string Title { get; init; } = "train";
}

/// <summary>One pass over the training set.</summary>
/// <param name="Epoch">1-based.</param>
/// <param name="Loss">Mean over the epoch's samples, distillation and label smoothing included, penalties not.</param>
/// <param name="LearningRate">Of the epoch's last step.</param>
public sealed record EpochRecord(int Epoch, double Loss, double LearningRate);

/// <param name="Graph">The input graph with trained weights; masks are the same.</param>
/// <param name="Epochs">In order.</param>
public sealed record TrainingResult(Graph Graph, ImmutableArray<EpochRecord> Epochs)
{
    /// <summary>What the optimizer remembers at the end, for another run to go on with.</summary>
    internal OptimizerState? Optimizer { get; init; }
}
