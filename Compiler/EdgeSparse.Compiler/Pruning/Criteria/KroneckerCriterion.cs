using System.Collections.Immutable;
using EdgeSparse.Compiler.Pruning.Curvature;
using EdgeSparse.Compiler.Training.Gradients;
using EdgeSparse.Compiler.Training.Torch;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Criteria;

/// <summary>Curvature by the second moments of layers' inputs and output gradients (K-FAC, Martens and Grosse 2015).</summary>
internal sealed class KroneckerCriterion(KroneckerOptions options) : IPruningCriterion
{
    public Judgement Judge(CriterionContext context)
    {
        Device device = TorchDevice.Open(context.Run.Device);
        using GradientCollector collector = new(context.Graph, context.Run, [.. context.Layers.Select(l => l.Weight)]);
        (ImmutableArray<(Tensor A, Tensor S)> factors, GradientSummary seen) = collector.CollectMoments(
            new GradientDraw(options.Gradients, 1, context.Round, options.TrueFisher, options.GradientAugmentation, options.Temperature), context.Progress, context.Cancellation);
        List<CurvaturePart> made = [];
        try
        {
            for (int i = 0; i < factors.Length; i++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                made.Add(CurvaturePart.Of(context, [i], new KroneckerInverse(factors[i].A, factors[i].S, options.Dampening), null, device));
            }

            CurvatureJudgement judgement = new([.. made], options.Update, options.UpdateScale, seen);
            made.Clear();
            return judgement;
        }
        finally
        {
            made.ForEach(part => part.Dispose());
            foreach ((Tensor a, Tensor s) in factors)
            {
                a.Dispose();
                s.Dispose();
            }
        }
    }
}
