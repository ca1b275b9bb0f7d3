namespace EdgeSparse.Compiler.Training.Gradients;

/// <summary>Which gradients are collected.</summary>
/// <param name="Count">N.</param>
/// <param name="Mean">m: each gradient is the mean over so many samples.</param>
/// <param name="Round">Draws of different rounds take different samples.</param>
/// <param name="SampledLabels">
/// Labels are drawn from the network's own softmax, which makes their second moment the true Fisher matrix; else they are the
/// samples' labels (the empirical one).
/// </param>
/// <param name="Augmentation">How samples are changed; null: not at all.</param>
/// <param name="Temperature">Of sampled labels: logits are divided by it, both to draw and for the loss.</param>
internal readonly record struct GradientDraw(
    int Count, int Mean, int Round, bool SampledLabels = false, AugmentationOptions? Augmentation = null, double Temperature = 1);

/// <summary>What a draw also tells.</summary>
/// <param name="Samples">N × m.</param>
/// <param name="Loss">Mean over the samples.</param>
/// <param name="Error">Share of the samples classified wrongly; without labels, otherwise than by the dense network.</param>
internal readonly record struct GradientSummary(int Samples, double Loss, double Error);
