using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training.Torch;

/// <summary>What training minimises, penalties apart.</summary>
internal static class Losses
{
    /// <summary>
    /// Mean cross-entropy with label smoothing; with a teacher (1 − a)·that + a·T²·KL(softmax(teacher/T) ‖ softmax(student/T)),
    /// as in Hinton, Vinyals, Dean 2015, section 2.
    /// </summary>
    /// <param name="logits">samples × classes.</param>
    /// <param name="labels">samples.</param>
    /// <param name="teacher">samples × classes, or null.</param>
    /// <param name="options">Smoothing, a (distillation) and T (its temperature).</param>
    public static Tensor Of(Tensor logits, Tensor labels, Tensor? teacher, TrainingOptions options)
    {
        Tensor hard = nn.functional.cross_entropy(logits, labels, label_smoothing: options.LabelSmoothing);
        if (teacher is null)
        {
            return hard;
        }

        double temperature = options.DistillationTemperature;
        Tensor soft = nn.functional.kl_div(
            nn.functional.log_softmax(logits / temperature, 1),
            nn.functional.softmax(teacher / temperature, 1),
            log_target: false,
            reduction: nn.Reduction.Sum) / logits.shape[0];
        return (hard * (1 - options.Distillation)) + (soft * (options.Distillation * temperature * temperature));
    }
}
