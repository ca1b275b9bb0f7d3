using System.Collections.Immutable;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Zoo;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>A recipe with its model and data at hand, all checked against each other: work can begin.</summary>
/// <param name="Request">Where it comes from.</param>
/// <param name="Graph">The network to start from, with its input scaling.</param>
/// <param name="Data">Limits of the recipe applied.</param>
/// <param name="Scaling">The recipe's, else the model's own, else the data set's.</param>
/// <param name="ModelName">Name in the zoo, or of the ONNX file without its folders.</param>
/// <param name="SourceDigests"><c>sha256:…</c> of the files that the network and its weights come from.</param>
internal sealed record PreparedRun(
    RunRequest Request, Graph Graph, Dataset Data, InputScaling Scaling, string ModelName, ImmutableArray<string> SourceDigests)
{
    public Recipe Recipe => Request.Recipe.Recipe;

    /// <summary>A digest of all that determines the result: two runs with the same key may share checkpoints.</summary>
    public string Key
    {
        get
        {
            string version = typeof(PreparedRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
            string all = string.Join('\n', [version, Request.Recipe.Json, Data.Name, Request.Device, .. SourceDigests]);
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)));
        }
    }

    /// <exception cref="EdgeSparseException">Model, weights, data and recipe are missing, damaged, or do not fit each other.</exception>
    public static PreparedRun Of(RunRequest request, IProgressSink progress)
    {
        Recipe recipe = request.Recipe.Recipe;
        string? onnx = request.ModelPath
            ?? (recipe.Model.OnnxPath is { } path ? request.Recipe.ResolvePath(path) : null);
        Graph graph = onnx is not null ? OnnxImporter.Read(onnx) : ModelZoo.Create(recipe.Model.Zoo!, recipe.Seed);
        RecipeLayerCheck.Check(request.Recipe, graph);
        Dataset data = OpenData(request, progress);
        if (onnx is null)
        {
            graph = FitToData(recipe, graph, data);
        }

        RecipeLayerCheck.CheckGranularities(request.Recipe, graph);

        if (request.WeightsPath is not null)
        {
            graph = WeightsFile.LoadInto(graph, request.WeightsPath);
        }

        CheckInput(graph, data);
        data = LabelNeed.Settle(request.Recipe, graph, data, trained: onnx is not null || request.WeightsPath is not null, progress);
        InputScaling scaling = ScalingOf(recipe, graph, data);
        return new PreparedRun(
            request, scaling.ApplyTo(graph), data, scaling, onnx is null ? recipe.Model.Zoo! : Path.GetFileName(onnx),
            [.. new[] { onnx, request.WeightsPath }.OfType<string>().Select(Digest)]);
    }

    private static Dataset OpenData(RunRequest request, IProgressSink progress)
    {
        DataOptions options = request.Recipe.Recipe.Data
            ?? throw new RecipeException(new SourceLocation(request.Recipe.Path), "the recipe names no data; add \"data\" or give --data NAME");
        Dataset data = DatasetCatalog.Open(options.Name, request.DataLocations, progress, options.ImageSize);
        return data with
        {
            Train = options.TrainLimit is { } train ? data.Train.Take(train) : data.Train,
            Test = options.TestLimit is { } test ? data.Test.Take(test) : data.Test,
        };
    }

    /// <summary>A network of the zoo is made for the data's samples and classes where these differ from what it was published for.</summary>
    private static Graph FitToData(Recipe recipe, Graph graph, Dataset data)
    {
        TensorShape input = new([TensorShape.Symbolic, .. data.SampleShape.Dims]);
        int classes = data.IsLabelled ? data.ClassNames.Length : LabelNeed.ClassesOf(graph);
        return graph.Inputs[0].Shape == input && LabelNeed.ClassesOf(graph) == classes
            ? graph
            : ModelZoo.Create(recipe.Model.Zoo!, recipe.Seed, input, classes);
    }

    private static void CheckInput(Graph graph, Dataset data)
    {
        if (graph.Inputs.Length != 1)
        {
            throw new EdgeSparseException(
                $"'{graph.Name}' has {graph.Inputs.Length} inputs and {graph.Outputs.Length} outputs; a network to train has one of each");
        }

        TensorShape input = graph.Inputs[0].Shape;
        if ((input.Rank == 0 ? 0 : input.WithBatch(1).ElementCount) != data.SampleShape.ElementCount)
        {
            throw new EdgeSparseException($"'{graph.Name}' takes inputs of shape {input}, but the samples of '{data.Name}' have the shape {data.SampleShape}");
        }
    }

    private static InputScaling ScalingOf(Recipe recipe, Graph graph, Dataset data)
    {
        InputScaling scaling = recipe.Data is { Mean: { } mean, Std: { } std }
            ? new InputScaling(mean, std)
            : InputScaling.Of(graph) ?? data.Scaling;
        int channels = data.Scaling.Mean.Length;
        return scaling.Mean.Length == channels
            ? scaling
            : throw new EdgeSparseException($"mean and std are given for {scaling.Mean.Length} channels, but the samples of '{data.Name}' have {channels}");
    }

    private static string Digest(string path)
    {
        using FileStream file = File.OpenRead(path);
        return $"sha256:{Convert.ToHexStringLower(SHA256.HashData(file))}";
    }
}
