using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeSparse.Compiler.Files;

namespace EdgeSparse.Compiler.Packing;

/// <summary>What was measured, and the costs fitted to it, for each target and processor: a JSON file to keep.</summary>
public sealed record CostTable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>In the order of their keys.</summary>
    public required ImmutableArray<TargetCosts> Targets { get; init; }

    /// <summary>A table without targets.</summary>
    public static CostTable Empty { get; } = new() { Targets = [] };

    /// <exception cref="PackingException">The file is missing or no such table; the message says what is wrong.</exception>
    public static CostTable Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            CostTable table = Read(stream);
            return table;
        }
        catch (JsonException e)
        {
            throw new PackingException($"the cost table '{path}' cannot be read: {e.Message}", e);
        }
        catch (FileNotFoundException e)
        {
            throw new PackingException($"there is no cost table '{path}'", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PackingException($"the cost table '{path}' cannot be read: {e.Message}", e);
        }
        catch (PackingException e)
        {
            throw new PackingException($"the cost table '{path}' cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Writes the table as JSON, whole or not at all.</summary>
    /// <exception cref="Runtime.EdgeSparseException">The file cannot be written.</exception>
    public void Write(string path) => AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, Json));

    /// <summary>The part that was measured on a machine, or null.</summary>
    public TargetCosts? Find(string targetId, int lanes, MeasuringMachine machine) => Targets.FirstOrDefault(t => t.IsOf(targetId, lanes, machine));

    /// <summary>The part for a target: that of this machine where there is one, else the only one.</summary>
    /// <exception cref="PackingException">There is none, or one for each of several other machines.</exception>
    public TargetCosts For(string targetId, int lanes, MeasuringMachine machine)
    {
        TargetCosts[] fitting = [.. Targets.Where(t => t.Target == targetId && t.Lanes == lanes)];
        return Find(targetId, lanes, machine) ?? fitting switch
        {
            [var only] => only,
            [] => throw new PackingException(
                $"the cost table has nothing for the target '{targetId}' with {lanes} lanes; it has {List(Targets)}"),
            _ => throw new PackingException(
                $"the cost table has several processors for the target '{targetId}': {List(fitting)}; use a table that has one"),
        };
    }

    /// <summary>The table with one part added or replaced.</summary>
    public CostTable With(TargetCosts part)
    {
        IEnumerable<TargetCosts> others = Targets.Where(t => !t.IsOf(part.Target, part.Lanes, part.Machine));
        return new CostTable
        {
            Targets =
            [
                .. others.Append(part)
                    .OrderBy(t => t.Target, StringComparer.Ordinal).ThenBy(t => t.Lanes)
                    .ThenBy(t => t.InstructionSet, StringComparer.Ordinal).ThenBy(t => t.Processor, StringComparer.Ordinal),
            ],
        };
    }

    /// <summary>The costs that come with the program.</summary>
    internal static CostTable BuiltIn()
    {
        using Stream stream = typeof(CostTable).Assembly.GetManifestResourceStream("built-in-costs.json")
            ?? throw new InvalidOperationException("the assembly has lost its built-in costs");
        return Read(stream);
    }

    private static CostTable Read(Stream stream)
    {
        CostTable table = JsonSerializer.Deserialize<CostTable>(stream, Json) ?? throw new PackingException("it is empty");
        CostTableRules.Check(table);
        return table;
    }

    private static string List(IEnumerable<TargetCosts> targets)
    {
        string[] names = [.. targets.Select(t => $"'{t.Target}' with {t.Lanes} lanes on {t.Processor} ({t.InstructionSet})")];
        return names.Length == 0 ? "no targets" : string.Join(", ", names);
    }
}
