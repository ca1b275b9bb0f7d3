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

        return (hard * (1 - options.Distillation)) + (Soft(logits, teacher, options.DistillationTemperature) * options.Distillation);
    }

    /// <summary>
    /// T²·KL(softmax(teacher/T) ‖ softmax(student/T)), the mean over the samples: the factor keeps gradients as large as those of
    /// cross-entropy whatever T (the same source).
    /// </summary>
    public static Tensor Soft(Tensor logits, Tensor teacher, double temperature)
    {
        Tensor divergence = nn.functional.kl_div(
            nn.functional.log_softmax(logits / temperature, 1),
            nn.functional.softmax(teacher / temperature, 1),
            log_target: false,
            reduction: nn.Reduction.Sum) / logits.shape[0];
        return divergence * (temperature * temperature);
    }

    /// <summary>The mean squared difference of the outputs, each output's mean counting alike: for networks that tell no classes apart.</summary>
    public static Tensor Squared(IReadOnlyList<Tensor> outputs, IReadOnlyList<Tensor> teacher)
    {
        Tensor sum = nn.functional.mse_loss(outputs[0], teacher[0]);
        for (int i = 1; i < outputs.Count; i++)
        {
            sum = sum + nn.functional.mse_loss(outputs[i], teacher[i]);
        }

        return sum / outputs.Count;
    }
}
