using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse explain MODEL.esb</c>.</summary>
internal sealed class ExplainVerb : Verb
{
    private const double MeasureSeconds = 1.5;

    private const int MostKinds = 4;
    private const string NonZerosHeading = " non-zeros";
    private const string TunedHeading = " tuned µs";
    private const string WhyHeading = "why";

    private readonly Argument<string> blob = new("MODEL.esb") { Description = "the blob" };
    private readonly Option<bool> noMeasure = new("--no-measure") { Description = "run nothing; say what the blob says" };
    private readonly Option<int> threads = ThreadsOption.One("threads that the measured run uses");

    private readonly Option<string?> data = new("--data") { Description = "data set whose test samples are run; random inputs, none of them zero, when left out", HelpName = "NAME" };
    private readonly Option<string?> dataDir = DataDirOption.Create();

    public ExplainVerb()
        : base("explain", "say of each layer what runs it, why its format was chosen, and how long it takes")
    {
        Add(blob);
        Add(noMeasure);
        Add(threads);
        Add(data);
        Add(dataDir);
    }

    /// <param name="Threads">Threads of the measured run; null without one.</param>
    /// <param name="TotalMicroseconds">All layers together; null without a measured run.</param>
    /// <param name="Dominant">The layer that takes most; null without a measured run.</param>
    /// <param name="Layers">The steps of the plan in execution order.</param>
    private sealed record Explanation(int? Threads, double? TotalMicroseconds, string? Dominant, ImmutableArray<LayerReport> Layers);

    private sealed record Column(string Heading, Func<LayerReport, string> Cell);

    protected override int Run(VerbContext context)
    {
        using Model model = Model.Load(context.Required(blob));
        int threadCount = context.Required(threads);
        bool measures = !context.Value(noMeasure);
        ImmutableArray<LayerReport> layers = measures
            ? LayerReports.Measure(model, SampleInputs.Of(context, model, data, dataDir), threadCount, MeasureSeconds, context.Cancellation)
            : LayerReports.Describe(model);
        context.Report(
            new Explanation(
                measures ? threadCount : null,
                measures ? layers.Sum(l => l.MeasuredMicroseconds) : null,
                measures ? layers.MaxBy(l => l.MeasuredMicroseconds)?.Name : null,
                layers),
            Show);
        return ExitCode.Success;
    }

    private static void Show(IAnsiConsole console, Explanation explanation)
    {
        bool reasons = explanation.Layers.Any(l => l.Why is not null);
        bool predictions = explanation.Layers.Any(l => l.PredictedMicroseconds is not null);
        List<Column> columns = Columns(explanation, reasons, predictions);

        // What is longest goes below where the terminal is too narrow for it, and what says least is left out.
        bool reasonsBelow = reasons && WidthOf(columns, explanation.Layers) > console.Profile.Width;
        if (reasonsBelow)
        {
            columns.RemoveAll(c => c.Heading == WhyHeading);
        }

        if (WidthOf(columns, explanation.Layers) > console.Profile.Width)
        {
            columns.RemoveAll(c => c.Heading == NonZerosHeading);
        }

        Table table = ResultTable.Create([.. columns.Select(c => c.Heading)]);
        foreach (LayerReport layer in explanation.Layers)
        {
            table.Add([.. columns.Select(c => c.Cell(layer))]);
        }

        console.Write(table);
        if (reasonsBelow)
        {
            console.WriteFacts([.. explanation.Layers.Where(l => l.Why is not null).Select(l => (l.Name, l.Why!))]);
            console.WriteLine();
        }

        console.WriteFacts(
        [
            .. explanation.TotalMicroseconds is null
                ? [("time", "not measured")]
                : new[] { ("time", Time(explanation)), ("most of it", Slowest(explanation.Layers)), ("by kind", Kinds(explanation.Layers)) },
            .. reasons ? Array.Empty<(string, string)>() : [("why", "the blob does not say how its formats were chosen")],
            .. predictions ? Array.Empty<(string, string)>() : [("predicted", "the blob does not say what times were predicted")],
        ]);
    }

    private static List<Column> Columns(Explanation explanation, bool reasons, bool predictions)
    {
        List<Column> columns =
        [
            new("layer", l => l.Name),
            new("kernel", l => l.Kernel),
            new(NonZerosHeading, l => l.Format is null ? "" : Quantity.Short(l.NonZeros)),
            new(" kept", l => l.Format is null ? "" : Quantity.Percent(l.NonZeros / Math.Max(1, (double)l.Rows * l.Columns), 1)),
        ];
        if (predictions)
        {
            columns.Add(new(" predicted µs", l => l.PredictedMicroseconds is { } predicted ? Quantity.Micro(predicted) : ""));
        }

        if (explanation.Layers.Any(l => l.TunedMicroseconds is not null))
        {
            columns.Add(new(TunedHeading, l => l.TunedMicroseconds is { } tuned ? Quantity.Micro(tuned) : ""));
        }

        if (explanation.TotalMicroseconds is not null)
        {
            columns.Add(new(" µs", l => Quantity.Micro(l.MeasuredMicroseconds!.Value)));
            columns.Add(new(" share", l => Quantity.Percent(l.Share!.Value, 1)));
        }

        if (reasons)
        {
            columns.Add(new(WhyHeading, l => l.Why ?? ""));
        }

        return columns;
    }

    /// <summary>As <see cref="ResultTable"/> draws it: a space at either side of a cell, and one between cells.</summary>
    private static int WidthOf(List<Column> columns, ImmutableArray<LayerReport> layers) =>
        columns.Sum(c => layers.Select(l => c.Cell(l).Length).Append(c.Heading.Trim().Length).Max() + 3) + 1;

    private static string Time(Explanation explanation) =>
        $"{Quantity.Micro(explanation.TotalMicroseconds!.Value)} µs in layers on {explanation.Threads} thread{(explanation.Threads == 1 ? "" : "s")}, on random inputs";

    /// <summary>The layer that takes most, and how few take four fifths.</summary>
    private static string Slowest(ImmutableArray<LayerReport> layers)
    {
        LayerReport[] slowest = [.. layers.OrderByDescending(l => l.Share)];
        string text = $"{slowest[0].Name} takes {Quantity.Percent(slowest[0].Share!.Value, 0)}";
        double share = 0;
        int count = 0;
        while (share < 0.8 && count < slowest.Length)
        {
            share += slowest[count++].Share!.Value;
        }

        return count > 1 && count < layers.Length
            ? string.Create(CultureInfo.InvariantCulture, $"{text}; {count} of {layers.Length} layers take {Quantity.Percent(share, 0)}")
            : text;
    }

    /// <summary>The operations that take most.</summary>
    private static string Kinds(ImmutableArray<LayerReport> layers) => string.Join(", ", layers
        .GroupBy(l => l.Operation)
        .Select(g => (Operation: g.Key, Share: g.Sum(l => l.Share!.Value)))
        .OrderByDescending(g => g.Share)
        .Take(MostKinds)
        .Select(g => $"{g.Operation} {Quantity.Percent(g.Share, 0)}"));
}
