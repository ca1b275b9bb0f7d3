using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Pruning.Criteria;

/// <summary>One thing that a run does: prune to a share of the way, or train some epochs.</summary>
/// <param name="Level">Maps a layer's or network's target to the sparsity reached now; null: training.</param>
/// <param name="FirstEpoch">Of training, 0-based.</param>
/// <param name="Epochs">Of training.</param>
internal sealed record PruningEvent(Func<double, double>? Level, int FirstEpoch, int Epochs);

/// <summary>The order in which a run prunes and trains.</summary>
internal static class SparsitySteps
{
    public static ImmutableArray<PruningEvent> Of(CriterionOptions options)
    {
        var events = ImmutableArray.CreateBuilder<PruningEvent>();
        int trained = 0;
        int epochs = options.Training?.Epochs ?? 0;
        if (options.Gradual is { } gradual)
        {
            ImmutableArray<int> firings = gradual.Firings;
            for (int i = 0; i < firings.Length; i++)
            {
                Train(firings[i]);
                int number = i;
                AddSteps(
                    target => i0(number, target),
                    target => i1(number, target));
            }

            double i0(int number, double target) => number == 0 ? 0 : i1(number - 1, target);

            // The last one reaches the target, whether or not the frequency comes out even.
            double i1(int number, double target) => number == firings.Length - 1
                ? target
                : SparsitySchedule.Cubic(Math.Min(gradual.InitialSparsity, target), target, gradual.StartEpoch, gradual.EndEpoch, firings[number]);
        }
        else
        {
            AddSteps(_ => 0, target => target);
        }

        Train(epochs);
        return events.ToImmutable();

        void Train(int until)
        {
            if (until > trained)
            {
                events.Add(new PruningEvent(null, trained, until - trained));
                trained = until;
            }
        }

        void AddSteps(Func<double, double> from, Func<double, double> to)
        {
            for (int step = 1; step <= options.Steps; step++)
            {
                double share = (double)step / options.Steps;
                events.Add(new PruningEvent(target => Between(options, from(target), to(target), share), 0, 0));
            }
        }
    }

    /// <summary>The sparsity after a share of the steps from one to another.</summary>
    internal static double Between(CriterionOptions options, double from, double to, double share) =>
        share >= 1 || to <= from ? to
        : options.StepShape == StepShape.Geometric ? 1 - ((1 - from) * Math.Pow((1 - to) / (1 - from), share))
        : from + ((to - from) * (1 - Math.Pow(1 - share, options.StepPower)));
}
