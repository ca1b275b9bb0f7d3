using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Training;

/// <summary>A digest of all that determines the result of a run, so that a checkpoint is never taken for another run's.</summary>
internal static class RunDigest
{
    private static readonly JsonSerializerOptions NodeText = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static string Of(Graph graph, TrainingRun run, string? extension = null)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, JsonSerializer.Serialize(run.Options));
        Append(hash, JsonSerializer.Serialize(new
        {
            run.Data.Name,
            Samples = run.Data.Train.Count,
            Shape = run.Data.SampleShape.ToString(),
            run.Scaling.Mean,
            run.Scaling.Std,
            run.Seed,
            run.EpochsBefore,
            run.EpochsOfSchedule,
            Frozen = run.FrozenLayers.Order(StringComparer.Ordinal),
        }));
        Append(hash, graph);
        if (run.Teacher is not null && run.Options.Distillation > 0)
        {
            Append(hash, run.Teacher);
        }

        run.Start?.AppendTo(hash);
        if (extension is not null)
        {
            Append(hash, extension);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, Graph graph)
    {
        foreach (Node node in graph.Nodes)
        {
            Append(hash, Describe(node));
        }

        foreach (Weight weight in graph.Weights.Values.OrderBy(w => w.Name, StringComparer.Ordinal))
        {
            Append(hash, $"{weight.Name} {weight.Shape}");
            hash.AppendData(MemoryMarshal.AsBytes(weight.Values.Span));
            if (weight.Mask is { } mask)
            {
                hash.AppendData(MemoryMarshal.AsBytes(mask.Span));
            }
        }
    }

    /// <summary>A node with all its values; a record's own text says nothing of what is in its lists.</summary>
    private static string Describe(Node node) => JsonSerializer.Serialize(node, node.GetType(), NodeText);

    private static void Append(IncrementalHash hash, string text)
    {
        // The terminator keeps neighbouring texts apart.
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        hash.AppendData([0]);
    }
}
