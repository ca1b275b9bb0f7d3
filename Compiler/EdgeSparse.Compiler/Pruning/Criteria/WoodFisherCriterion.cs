using System.Collections.Immutable;
using System.Globalization;
using EdgeSparse.Compiler.Pruning.Curvature;
using EdgeSparse.Compiler.Training.Gradients;
using EdgeSparse.Compiler.Training.Torch;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Criteria;

/// <summary>The inverse of the empirical Fisher matrix in blocks (Singh and Alistarh 2020).</summary>
internal sealed class WoodFisherCriterion(WoodFisherOptions options) : IPruningCriterion
{
    public Judgement Judge(CriterionContext context) => FisherJudgement.Of(
        context, options, options.Fisher, options.Scope == CurvatureScope.Network, options.Update, options.UpdateScale, options.Taylor);
}

/// <summary>The diagonal of the empirical Fisher matrix: w²·(F + λ)/2, and no weight makes up for another.</summary>
internal sealed class DiagonalFisherCriterion(DiagonalFisherOptions options) : IPruningCriterion
{
    public Judgement Judge(CriterionContext context) => FisherJudgement.Of(
        context, options, new FisherOptions(options.Dampening, null, options.Centred, CurvatureForm.Diagonal), overLayers: false, SurvivorUpdate.None, 1, taylor: false);
}

/// <summary>Collects gradients and inverts what they make.</summary>
internal static class FisherJudgement
{
    public static CurvatureJudgement Of(
        CriterionContext context, GradientCriterionOptions options, FisherOptions fisher, bool overLayers, SurvivorUpdate update, double updateScale, bool taylor)
    {
        ImmutableArray<ImmutableArray<int>> parts = overLayers
            ? [[.. Enumerable.Range(0, context.Layers.Length)]]
            : [.. Enumerable.Range(0, context.Layers.Length).Select(i => ImmutableArray.Create(i))];
        Device device = TorchDevice.Open(context.Run.Device);
        using GradientCollector collector = new(context.Graph, context.Run, [.. context.Layers.Select(l => l.Weight)]);
        GradientDraw draw = new(options.Gradients, options.GradientBatch, context.Round, options.TrueFisher, options.GradientAugmentation, options.Temperature);
        collector.RequireSamples(draw);
        RequireMemory(context, [.. parts.Select(p => p.Sum(l => (long)context.Layers[l].Count))], options.Gradients, fisher);
        FisherBuilder[] builders = [];
        List<CurvaturePart> made = [];
        try
        {
            builders = [.. parts.Select(p => InverseCurvatures.Builder(p.Sum(l => (long)context.Layers[l].Count), options.Gradients, fisher, device))];
            GradientSummary seen = collector.Collect(
                draw,
                gradients =>
                {
                    for (int p = 0; p < parts.Length; p++)
                    {
                        builders[p].Add(parts[p].Length == 1 ? gradients[parts[p][0]] : cat([.. parts[p].Select(l => gradients[l])], 1));
                    }
                },
                context.Progress,
                context.Cancellation);

            using var task = context.Progress.Begin($"{context.Run.Title}: inverting", context.Layers.Sum(l => (long)l.Count), "weights");
            for (int p = 0; p < parts.Length; p++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                Tensor? mean = taylor ? builders[p].MeanGradient().DetachFromDisposeScope() : null;
                made.Add(CurvaturePart.Of(context, parts[p], builders[p].Build(), mean, device));
                builders[p].Dispose();
                task.Advance(parts[p].Sum(l => (long)context.Layers[l].Count));
            }

            CurvatureJudgement judgement = new([.. made], update, updateScale, seen);
            made.Clear();
            return judgement;
        }
        finally
        {
            made.ForEach(part => part.Dispose());
            foreach (FisherBuilder builder in builders)
            {
                builder.Dispose();
            }
        }
    }

    /// <summary>Says what the curvature takes of memory, once, before any of it is taken, and refuses what is not there.</summary>
    private static void RequireMemory(CriterionContext context, ImmutableArray<long> counts, int samples, FisherOptions fisher)
    {
        // All inverses are needed at once: which weights go is known when all are there.
        long needed = counts.Sum(c => CurvatureMemory.KeptBytes(c, samples, fisher)) + counts.Max(c => CurvatureMemory.ScratchBytes(c, samples, fisher));
        string text = string.Create(
            CultureInfo.InvariantCulture, $"the curvature of {counts.Sum()} weights from {samples} gradients takes {needed / 1073741824.0:0.00} GiB of memory");
        if (context.Run.Device == "cpu" && needed > CurvatureMemory.AvailableOnHost())
        {
            throw new PruningException(string.Create(
                CultureInfo.InvariantCulture,
                $"{text}, where {CurvatureMemory.AvailableOnHost() / 1073741824.0:0.00} GiB are free; lower gradients or blockSize"));
        }

        if (context.Round == 0)
        {
            context.Progress.Note(text);
        }
    }
}
