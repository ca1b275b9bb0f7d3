using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Runtime;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse inspect MODEL.esb</c>.</summary>
internal sealed class InspectVerb : Verb
{
    private readonly Argument<string> blob = new("MODEL.esb") { Description = "the blob" };
    private readonly Option<bool> plan = new("--plan") { Description = "also show the steps and the kernel that runs each on this machine" };

    public InspectVerb()
        : base("inspect", "show what is in a blob: tensors, formats, sparsity, bytes, provenance")
    {
        Add(blob);
        Add(plan);
    }

    protected override int Run(VerbContext context)
    {
        bool withPlan = context.Value(plan);
        context.Report(BlobInspector.Inspect(context.Required(blob)), (console, summary) => Show(console, summary, withPlan));
        return ExitCode.Success;
    }

    private static void Show(IAnsiConsole console, BlobSummary summary, bool withPlan)
    {
        WeightTotals weights = summary.Weights;
        console.WriteFacts(
        [
            ("format", $"version {summary.FormatVersion}, {Quantity.Bytes(summary.BlobBytes)}, digest {summary.Digest}"),
            .. summary.Inputs.Select(i => ("input", Describe(i))),
            .. summary.Outputs.Select(o => ("output", Describe(o))),
            ("weights", $"{Quantity.Count(weights.NonZeros)} of {Quantity.Count(weights.Total)} ({Quantity.Percent(weights.Sparsity)} sparse), {Quantity.Bytes(weights.Bytes)} for {Quantity.Bytes(weights.DenseBytes)} dense"),
            ("arena", Quantity.Bytes(summary.ArenaBytes)),
            .. Provenance(summary.Metadata),
        ]);

        Table tensors = ResultTable.Create("tensor", "shape", "format", " kept", " sparsity", " fill", " bytes");
        foreach (TensorSummary tensor in summary.Tensors)
        {
            tensors.Add(
                tensor.Name, string.Join('×', tensor.Shape), tensor.Format, Quantity.Count(tensor.NonZeros), Quantity.Percent(tensor.Sparsity),
                Quantity.Percent(tensor.Fill, 0), Quantity.Bytes(tensor.ValueBytes + tensor.IndexBytes + tensor.PointerBytes + tensor.RowMapBytes + tensor.BiasBytes));
        }

        console.Write(tensors);
        if (withPlan)
        {
            Table steps = ResultTable.Create("step", "operation", "kernel");
            foreach (OperationSummary step in summary.Operations)
            {
                steps.Add(step.Name, step.Activation == "None" ? step.Kind : $"{step.Kind}+{step.Activation}", step.Kernel);
            }

            console.Write(steps);
        }
    }

    private static string Describe(TensorInfo tensor)
    {
        string scaling = tensor.Scaling is { } s ? $", (pixel/255 − {Numbers(s.Mean)}) / {Numbers(s.Std)}" : "";
        return $"{tensor.Name} {string.Join('×', tensor.Shape)}{scaling}";
    }

    private static string Numbers(IReadOnlyList<float> values)
    {
        string all = string.Join(", ", values.Select(v => v.ToString("0.####", CultureInfo.InvariantCulture)));
        return values.Count == 1 ? all : $"[{all}]";
    }

    /// <summary>Compiler, target and where the network comes from, as far as the blob says; the recipe itself is in the JSON.</summary>
    private static IEnumerable<(string, string)> Provenance(JsonElement metadata)
    {
        if (metadata.TryGetProperty("compiler", out JsonElement compiler))
        {
            yield return ("compiler", $"{compiler.GetProperty("name").GetString()} {compiler.GetProperty("version").GetString()}");
        }

        if (metadata.TryGetProperty("target", out JsonElement target))
        {
            yield return ("target", $"{target.GetProperty("id").GetString()}, {target.GetProperty("lanes").GetInt32()} lanes");
        }

        if (metadata.TryGetProperty("provenance", out JsonElement provenance))
        {
            foreach (JsonProperty fact in provenance.EnumerateObject().Where(p => p.Name != ProvenanceKeys.Recipe))
            {
                yield return (Words(fact.Name), fact.Value.ToString());
            }
        }
    }

    /// <summary><c>denseError</c> as <c>dense error</c>.</summary>
    private static string Words(string key) => string.Concat(key.Select(c => char.IsAsciiLetterUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{c}"));
}
