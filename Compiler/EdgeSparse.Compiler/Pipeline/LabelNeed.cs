using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Pruning.Criteria;
using EdgeSparse.Compiler.Pruning.Structured;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>Whether a recipe needs labels, and what happens where data or network have none.</summary>
internal static class LabelNeed
{
    /// <summary>
    /// The data as the run uses them: without labels where the network cannot be told from them and no stage needs them.
    /// </summary>
    /// <param name="recipe">Its stages.</param>
    /// <param name="graph">The network.</param>
    /// <param name="data">Labelled or not.</param>
    /// <param name="trained">Whether the network comes with weights, so that it can be imitated.</param>
    /// <param name="progress">Told where labels are not used.</param>
    /// <exception cref="EdgeSparseException">A stage needs labels that are not there, or that do not fit the network.</exception>
    public static Dataset Settle(RecipeFile recipe, Graph graph, Dataset data, bool trained, IProgressSink progress)
    {
        string? needy = recipe.Recipe.Stages.Select(StageThatNeedsLabels).FirstOrDefault(s => s is not null);
        if (!data.IsLabelled)
        {
            return needy is not null ? throw new EdgeSparseException(Trainer.NeedsDistillation(data.Name, needy))
                : !trained ? throw new EdgeSparseException($"the samples of '{data.Name}' have no labels, and '{graph.Name}' no trained weights to imitate; give --model or --weights")
                : data;
        }

        if (Misfit(graph, data) is not { } misfit)
        {
            return data;
        }

        if (needy is not null || !trained)
        {
            throw new EdgeSparseException(misfit);
        }

        progress.Note($"labels are not used: {misfit}");
        return data.WithoutLabels();
    }

    /// <summary>Classes of a network of one output; 0 for another.</summary>
    public static int ClassesOf(Graph graph) => NetworkOutputs.Of(graph).ClassCount;

    /// <summary>The options that want labels, as a recipe calls them, or null.</summary>
    private static string? StageThatNeedsLabels(RecipeStage stage) => stage.Options switch
    {
        TrainingOptions { Distillation: < 1 } => $"stage '{stage.Name}'",
        HanPruningOptions { Retrain.Distillation: < 1 } => $"'retrain' of stage '{stage.Name}'",
        CriterionOptions { Training.Distillation: < 1 } => $"'training' of stage '{stage.Name}'",
        HanPruningOptions { FinalRetrain.Distillation: < 1 } => $"'finalRetrain' of stage '{stage.Name}'",
        StructuredOptions options when options.Trainings().FirstOrDefault(t => t.Training.Distillation < 1) is { Key: { } key } =>
            $"'{key}' of stage '{stage.Name}'",
        _ => null,
    };

    private static string? Misfit(Graph graph, Dataset data)
    {
        int classes = ClassesOf(graph);
        return graph.Outputs.Length != 1 ? $"'{graph.Name}' has {graph.Inputs.Length} inputs and {graph.Outputs.Length} outputs; a network to train has one of each"
            : classes == 0 ? $"'{graph.Name}' gives {graph.Shapes[graph.Outputs[0]]}, no classes"
            : classes != data.ClassNames.Length ? $"'{graph.Name}' tells {classes} classes apart, but '{data.Name}' has {data.ClassNames.Length}"
            : null;
    }
}
