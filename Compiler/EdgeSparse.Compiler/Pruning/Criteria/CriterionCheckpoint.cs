using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Training;

namespace EdgeSparse.Compiler.Pruning.Criteria;

/// <summary>How far a run of prunings and trainings is: the network after its last finished event.</summary>
/// <param name="Events">Finished.</param>
/// <param name="Graph">With masks.</param>
/// <param name="Movement">See <see cref="CriterionContext.Movement"/>.</param>
internal sealed record CriterionCheckpoint(int Events, Graph Graph, ImmutableDictionary<string, float[]> Movement)
{
    private const string Mask = "mask ";
    private const string Moved = "movement ";

    /// <summary>A digest of all that determines the run.</summary>
    public static string Digest(Graph graph, CriterionOptions options, TrainingRun run) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(RunDigest.Of(graph, run, $"{options.GetType().Name} {JsonSerializer.Serialize(options, options.GetType())}"))));

    public void Write(string path, string digest)
    {
        var tensors = ImmutableSortedDictionary.CreateBuilder<string, float[]>(StringComparer.Ordinal);
        foreach (Weight weight in Graph.Weights.Values)
        {
            tensors[weight.Name] = weight.Values.ToArray();
            if (weight.Mask is { } mask)
            {
                tensors[Mask + weight.Name] = [.. mask.ToArray().Select(kept => kept ? 1f : 0f)];
            }
        }

        foreach ((string weight, float[] sums) in Movement)
        {
            tensors[Moved + weight] = sums;
        }

        new Checkpoint(digest, Events, 0, [], tensors.ToImmutable()).Write(path);
    }

    /// <summary>What a file says, or the beginning where there is none.</summary>
    /// <exception cref="TrainingException">The file is damaged or of another run.</exception>
    public static CriterionCheckpoint Read(string? path, string digest, Graph start)
    {
        if (path is null || !File.Exists(path))
        {
            return new CriterionCheckpoint(0, start, ImmutableDictionary<string, float[]>.Empty);
        }

        Checkpoint saved = Checkpoint.Read(path);
        if (saved.Run != digest)
        {
            throw new TrainingException($"the checkpoint '{path}' is of another run (other weights, options, data or seed); delete it or name another folder");
        }

        Graph graph = start.WithWeights(start.Weights.Values.Select(w => w.With(
            saved.Tensors[w.Name],
            saved.Tensors.TryGetValue(Mask + w.Name, out float[]? mask) ? [.. mask.Select(kept => kept != 0)] : default(bool[]))));
        return new CriterionCheckpoint(
            (int)saved.Step,
            graph,
            saved.Tensors.Where(t => t.Key.StartsWith(Moved, StringComparison.Ordinal)).ToImmutableDictionary(t => t.Key[Moved.Length..], t => t.Value));
    }
}
