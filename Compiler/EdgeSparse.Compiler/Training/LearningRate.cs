namespace EdgeSparse.Compiler.Training;

/// <summary>The learning rate of each step; a step is one batch.</summary>
public static class LearningRate
{
    /// <param name="optimizer">Its learning rate is the highest of the schedule.</param>
    /// <param name="schedule">Shape of the schedule; its warm-up comes first and counts as part of the run.</param>
    /// <param name="step">0 to <paramref name="steps"/> − 1.</param>
    /// <param name="steps">Of the whole run.</param>
    /// <param name="stepsPerEpoch">Batches of one pass over the training set.</param>
    public static double At(OptimizerOptions optimizer, ScheduleOptions schedule, long step, long steps, long stepsPerEpoch)
    {
        double highest = optimizer.LearningRate;
        double lowest = Math.Min(schedule.MinLearningRate, highest);
        double warmup = schedule.WarmupEpochs * stepsPerEpoch;
        if (step < warmup)
        {
            return highest * Math.Min(1.0, (step + 1) / warmup);
        }

        double progress = (step - warmup) / Math.Max(1.0, steps - warmup);
        return schedule.Kind switch
        {
            ScheduleKind.Constant => highest,
            ScheduleKind.Step => highest * Math.Pow(schedule.Gamma, Drops(schedule, step / stepsPerEpoch)),
            ScheduleKind.Cosine => lowest + ((highest - lowest) * 0.5 * (1 + Math.Cos(Math.PI * progress))),
            ScheduleKind.Triangular => lowest + ((highest - lowest) * (1 - Math.Abs((2 * progress) - 1))),
            _ => throw new ArgumentOutOfRangeException(nameof(schedule), schedule.Kind, "unknown schedule"),
        };
    }

    private static long Drops(ScheduleOptions schedule, long epochs) =>
        schedule.Milestones.IsEmpty ? epochs / schedule.StepEpochs : schedule.Milestones.Count(m => epochs >= m);
}
