using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Pipeline;
using EdgeSparse.Compiler.Pruning;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary>
/// <c>edgesparse prune --scan</c> and <c>--show-groups</c>: what pruning would do to a network, before a recipe is written.
/// </summary>
internal sealed class PruneVerb : Verb
{
    private readonly RecipeOptions recipe = new(needsRecipe: false);
    private readonly Option<bool> scan = new("--scan")
    {
        Description = "prune one layer at a time to several densities and measure the error, with nothing retrained; needs --recipe",
    };

    private readonly Option<string?> groups = new("--show-groups")
    {
        Description = "show which channels of an ONNX file, or of a network of the zoo, can only be removed together",
        HelpName = "MODEL",
    };

    private readonly Option<double[]> densities = new("--density")
    {
        Description = "a share of weights to keep, above 0 and at most 1; may be given several times",
        HelpName = "D",
        DefaultValueFactory = _ => [.. SensitivityScan.DefaultDensities],
    };

    public PruneVerb()
        : base("prune", "study what pruning would do to a network: how sensitive each layer is, or which channels go together")
    {
        recipe.AddTo(this);
        Add(scan);
        Add(densities);
        Add(groups);
        Validators.Add(result =>
        {
            bool scans = result.GetValue(scan);
            bool shows = result.GetResult(groups) is not null;
            if (scans == shows)
            {
                result.AddError(scans ? "--scan and --show-groups are two different studies; give one" : "give --scan or --show-groups MODEL");
            }
            else if (scans && !recipe.HasRecipe(result))
            {
                result.AddError("Option '--recipe' is required");
            }
        });
    }

    protected override int Run(VerbContext context)
    {
        if (context.Value(groups) is { } model)
        {
            context.Report(GroupListing.Of(model), Show);
            return ExitCode.Success;
        }

        ScanResult result = ScanPipeline.Run(recipe.Read(context), context.Required(densities), context.Progress, context.Cancellation);
        context.Report(result, Show);
        return ExitCode.Success;
    }

    private static void Show(IAnsiConsole console, GroupListing listing)
    {
        GroupFigures[] free = [.. listing.Groups.Where(g => g.Blocked is null)];
        Table table = ResultTable.Create("group", " channels", "lose outputs", "lose inputs", "lose entries");
        foreach (GroupFigures group in free)
        {
            table.Add(group.Name, Quantity.Count(group.Channels), Layers(group.Producers), Layers(group.Consumers), Layers(group.Others));
        }

        console.Write(table);
        console.WriteFacts(
        [
            ("channels", $"{Quantity.Count(free.Sum(g => g.Channels))} can be removed, in {Quantity.Count(free.Length)} groups"),
            .. listing.Groups.Where(g => g.Blocked is not null).Select(g => ("stays whole", $"{g.Name}: {g.Blocked}")),
            ("multiplications", Quantity.Count(listing.Macs)),
            ("parameters", Quantity.Count(listing.Parameters)),
        ]);
    }

    private static string Layers(ImmutableArray<string> names) => names.IsEmpty ? "–" : string.Join(", ", names);

    private static void Show(IAnsiConsole console, ScanResult result)
    {
        string[] layers = [.. result.Points.Select(p => p.Layer).Distinct()];
        Table table = ResultTable.Create(["density", .. layers.Select(l => $" {l}")]);
        foreach (var row in result.Points.GroupBy(p => p.Asked))
        {
            table.Add([Quantity.Percent(row.Key, 1), .. layers.Select(l => Cell(row.FirstOrDefault(p => p.Layer == l)))]);
        }

        console.Write(table);
        console.WriteLine($"  error with one layer pruned and its quality parameter; unpruned {Quantity.Percent(result.Dense.Error)}");
    }

    private static string Cell(ScanPoint? point) => point is null
        ? "–"
        : Quantity.Percent(point.Error) + (point.Quality is { } quality ? $" q {quality.ToString("F2", CultureInfo.InvariantCulture)}" : "");
}
