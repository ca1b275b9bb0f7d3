using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;

namespace EdgeSparse.Compiler.Tests.Training.Torch;

/// <summary>One sample with the logits (ln 3, 0), that is probabilities 3/4 and 1/4, of class 0.</summary>
public sealed class LossesTests
{
    [Fact]
    public void Cross_entropy_is_minus_the_log_of_the_probability() =>
        Assert.Equal(0.287682072, Loss(new TrainingOptions()), 1e-6);

    // 0.9·(−ln ¾) + 0.1·(−ln ¾ − ln ¼)/2
    [Fact]
    public void Label_smoothing_spreads_the_label() =>
        Assert.Equal(0.342612687, Loss(new TrainingOptions { LabelSmoothing = 0.1 }), 1e-6);

    // Teacher (ln 9, 0) at T = 2: 3/4 and 1/4; the student at T = 2 has √3/(1 + √3) = 0.633975 and 0.366025.
    // KL = ¾ ln(¾/0.633975) + ¼ ln(¼/0.366025) = 0.030734; the loss is ½·0.287682 + ½·4·KL.
    [Fact]
    public void Distillation_mixes_in_the_divergence_from_the_teacher() => Assert.Equal(
        0.20531,
        Loss(new TrainingOptions { Distillation = 0.5, DistillationTemperature = 2 }, [MathF.Log(9), 0f]),
        1e-4);

    private static double Loss(TrainingOptions options, float[]? teacher = null)
    {
        TorchLibrary.EnsureLoaded();
        using torch.Tensor logits = torch.tensor([MathF.Log(3), 0f], [1, 2]);
        using torch.Tensor labels = torch.tensor([0L]);
        using torch.Tensor? teacherLogits = teacher is null ? null : torch.tensor(teacher, [1, 2]);
        using torch.Tensor loss = Losses.Of(logits, labels, teacherLogits, options);
        return loss.item<float>();
    }
}
