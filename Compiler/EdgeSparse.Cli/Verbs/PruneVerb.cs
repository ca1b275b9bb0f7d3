using System.CommandLine;
using System.Globalization;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Pipeline;
using EdgeSparse.Compiler.Pruning;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse prune --scan</c>: what pruning would do to a network, before a recipe is written.</summary>
internal sealed class PruneVerb : Verb
{
    private readonly RecipeOptions recipe = new();
    private readonly Option<bool> scan = new("--scan")
    {
        Description = "prune one layer at a time to several densities and measure the error, with nothing retrained",
        Required = true,
    };

    private readonly Option<double[]> densities = new("--density")
    {
        Description = "a share of weights to keep, above 0 and at most 1; may be given several times",
        HelpName = "D",
        DefaultValueFactory = _ => [.. SensitivityScan.DefaultDensities],
    };

    public PruneVerb()
        : base("prune", "study how sensitive each layer of a recipe's network is to pruning; give --weights or --model for a trained one")
    {
        recipe.AddTo(this);
        Add(scan);
        Add(densities);
    }

    protected override int Run(VerbContext context)
    {
        ScanResult result = ScanPipeline.Run(recipe.Read(context), context.Required(densities), context.Progress, context.Cancellation);
        context.Report(result, Show);
        return ExitCode.Success;
    }

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
