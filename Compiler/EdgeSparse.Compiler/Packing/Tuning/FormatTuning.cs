using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Packs by a cost table: chooses formats by it and, when tuning, completes it by what is measured.</summary>
/// <param name="targetId">The target's id.</param>
/// <param name="lanes">Floats of its vectors.</param>
/// <param name="processor">This machine's processor.</param>
/// <param name="path">The cost table, or null.</param>
/// <param name="measure">Whether layers that the table does not know are measured here.</param>
internal sealed class FormatTuning(string targetId, int lanes, string processor, string? path, bool measure)
{
    private readonly MeasuringMachine machine = TuningMachine.Of(lanes, processor);

    /// <summary>The timer to use instead of this machine's clock; for tests.</summary>
    public ICandidateTimer? Timer { get; init; }

    /// <exception cref="PackingException">The table is malformed or has nothing for the target, or the network cannot be packed.</exception>
    public (PackedModel Packed, TuningCount? Count) Pack(
        Graph graph, PackOptions options, IProgressSink progress, CancellationToken cancellation)
    {
        if (!measure && path is null)
        {
            return (Packer.Pack(graph, options), null);
        }

        CostTable table = path is null || (measure && !File.Exists(path)) ? CostTable.Empty : CostTable.Read(path);
        if (!measure)
        {
            return Choose(graph, options, table.For(targetId, lanes, machine), path);
        }

        LayerTuner tuner = Measure(graph, options, table, progress, cancellation);
        TargetCosts part = PartOf(tuner);

        // Packed by the table as it now is, so that packing by it once more gives the same.
        (PackedModel packed, TuningCount count) = Choose(graph, options, part, path);
        Keep(table, part);
        return (packed, count with { Measured = tuner.Measured, Known = count.Known - tuner.Measured });
    }

    private static (PackedModel Packed, TuningCount Count) Choose(Graph graph, PackOptions options, TargetCosts part, string? path)
    {
        using IProgressTask task = IProgressSink.Silent.Begin("choosing formats", 0, "layers");
        LayerTuner tuner = new(KnownOf(part), timer: null, task);
        PackedModel packed = Packer.Pack(graph, options with { Costs = part.Costs, Tuner = tuner });
        return (packed, new TuningCount(0, tuner.Reused, packed.Layers.Length - tuner.Reused, path));
    }

    /// <summary>Another version's kernels take other times: those serve to predict, not to be taken for this one's.</summary>
    private static ImmutableArray<LayerMeasurements> KnownOf(TargetCosts? part) => part?.Version == BlobMetadata.Version ? part.Layers : [];

    /// <summary>
    /// Completes what is known by the layers of a network, and keeps the table as far as it has come after each: measuring takes
    /// minutes, and what ends it early shall not cost what was measured. What is packed meanwhile is of no use.
    /// </summary>
    private LayerTuner Measure(Graph graph, PackOptions options, CostTable table, IProgressSink progress, CancellationToken cancellation)
    {
        using IProgressTask task = progress.Begin("measuring formats", graph.PrunableNodes.Count(), "layers");
        LayerTuner tuner = new(KnownOf(table.Find(targetId, lanes, machine)), Timer ?? TuningMachine.Timer(lanes), task, cancellation)
        {
            LayerMeasured = t => Keep(table, PartOf(t)),
        };
        Packer.Pack(graph, options with { Tuner = tuner });
        return tuner;
    }

    /// <summary>This machine's part of the table, by all that is known now.</summary>
    private TargetCosts PartOf(LayerTuner tuner) => new()
    {
        Target = targetId,
        Lanes = lanes,
        InstructionSet = machine.InstructionSet,
        Processor = processor,
        Version = BlobMetadata.Version,
        Costs = CostFit.Fit(tuner.Layers, KernelCosts.ForLanes(lanes)),
        Layers = [.. tuner.Layers],
    };

    /// <summary>Writes the table with a part added or replaced, where there is a file for it.</summary>
    private void Keep(CostTable table, TargetCosts part)
    {
        if (path is not null)
        {
            table.With(part).Write(path);
        }
    }
}
