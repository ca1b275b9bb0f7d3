using EdgeSparse.Compiler.Training.Torch;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training;

/// <summary>One step of a run, as an extension sees it.</summary>
/// <param name="Index">0 at the first step of the run.</param>
/// <param name="Count">Steps of the run.</param>
/// <param name="StepsPerEpoch">Steps that go once through the training set.</param>
/// <param name="LearningRate">Of this step.</param>
/// <param name="Loss">Of the step's batch, without penalties.</param>
/// <param name="Model">The network; its weights may be changed in place outside of the update.</param>
/// <param name="Update">The optimizer; its momentum may be changed in place.</param>
/// <param name="Gradients">
/// By weight name: before the update, of the loss without penalties, and what is done to them in place counts; after it, used up.
/// </param>
internal readonly record struct TrainingStep(
    long Index, long Count, long StepsPerEpoch, double LearningRate, double Loss, TorchGraph Model, WeightUpdate Update,
    IReadOnlyDictionary<string, Tensor> Gradients);

/// <summary>
/// What takes part in every step of a run: regularisers, and pruning that scores, decays, gates or releases weights as they
/// learn. Called without recording gradients, within a scope that disposes of what it leaves.
/// </summary>
internal interface ITrainingExtension : IDisposable
{
    /// <summary>All that determines what it does, as text: a checkpoint of another extension, or of other options, is refused.</summary>
    string Identity { get; }

    /// <summary>What it has to remember from step to step, by name; of a fixed shape, saved in checkpoints and restored in place.</summary>
    IReadOnlyDictionary<string, Tensor> State { get; }

    /// <summary>Called with the gradients at hand, before weight decay and mask are applied to them.</summary>
    void BeforeUpdate(in TrainingStep step);

    /// <summary>Called when the weights have moved and masks are in force again.</summary>
    void AfterUpdate(in TrainingStep step);
}
