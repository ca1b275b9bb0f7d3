using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace EdgeSparse.Compiler.Recipes;

/// <summary>What to compress, on which data, in which stages.</summary>
public sealed record Recipe : IOptionRules
{
    [Description("what reports call the run")]
    public required string Name { get; init; }

    [Description("a network of the zoo by name, or {\"onnx\": \"FILE\"}")]
    public required ModelSource Model { get; init; }

    [Description("the data set to train on and measure with")]
    public DataOptions? Data { get; init; }

    [Range(0, int.MaxValue), Description("seed of all randomness: the same seed gives the same blob")]
    public int Seed { get; init; } = 1;

    [Description("what happens to the network, in order")]
    public required ImmutableArray<RecipeStage> Stages { get; init; }

    [Description("what comes out")]
    public OutputOptions Output { get; init; } = new();

    public OptionFault? FirstFault() => Stages.IsEmpty ? new OptionFault(nameof(Stages), "stages is empty; a recipe needs at least one") : null;
}

/// <summary>Where the network comes from: one of the two.</summary>
/// <param name="Zoo">Name in the zoo.</param>
/// <param name="OnnxPath">An ONNX file; a relative path counts from the recipe's folder.</param>
public sealed record ModelSource(string? Zoo, string? OnnxPath);

/// <summary>The data set of a recipe.</summary>
public sealed record DataOptions : IOptionRules
{
    [Description("a name of 'edgesparse data list', or a folder")]
    public required string Name { get; init; }

    [Description("mean of pixel/255 per channel; the set's own when left out")]
    public ImmutableArray<float>? Mean { get; init; }

    [Description("standard deviation of pixel/255 per channel; the set's own when left out")]
    public ImmutableArray<float>? Std { get; init; }

    [Range(1, int.MaxValue), Description("train on the first so many samples only")]
    public int? TrainLimit { get; init; }

    [Range(1, int.MaxValue), Description("measure on the first so many samples only")]
    public int? TestLimit { get; init; }

    [Range(1, 4096), Description("rows and columns that images of a folder are resized and cropped to")]
    public int? ImageSize { get; init; }

    public OptionFault? FirstFault()
    {
        if ((Mean is null) != (Std is null))
        {
            return new OptionFault(Mean is null ? nameof(Std) : nameof(Mean), "mean and std are given together or not at all");
        }

        if (Mean is { } mean && Std is { } std)
        {
            return mean.Length != std.Length ? new OptionFault(nameof(Std), $"std has {std.Length} values, mean has {mean.Length}; one a channel each")
                : mean.IsEmpty ? new OptionFault(nameof(Mean), "mean is empty; one value a channel")
                : std.Any(s => s <= 0) ? new OptionFault(nameof(Std), "std must be above 0 in every channel")
                : null;
        }

        return null;
    }
}

/// <summary>What the blob is made for.</summary>
public sealed record OutputOptions
{
    [Description("target profile of the blob; the machine at hand when left out")]
    public string? Target { get; init; }
}

/// <summary>One stage, its options already read.</summary>
/// <param name="Kind">The row of the table it is.</param>
/// <param name="Name">Unique in the recipe: its key <c>name</c>, else the kind of stage.</param>
/// <param name="Options">A record of the kind's type.</param>
public sealed record RecipeStage(StageKind Kind, string Name, object Options);

/// <summary>A recipe as read from a file, with what the file says beyond the values.</summary>
/// <param name="Recipe">The values, overrides applied.</param>
/// <param name="Json">The same as compact JSON without comments: what provenance records and a resumed run compares.</param>
/// <param name="Layers">Every layer the recipe names.</param>
/// <param name="Path">The file.</param>
public sealed record RecipeFile(Recipe Recipe, string Json, ImmutableArray<LayerReference> Layers, string Path)
{
    /// <summary>The path of an ONNX model named by the recipe, relative to the recipe's folder.</summary>
    public string ResolvePath(string path) => System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path) ?? "", path);
}
