using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pipeline;
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

        ICandidateTimer? timer = measure ? Timer ?? TuningMachine.Timer(lanes) : null;
        CostTable table = path is null || (measure && !File.Exists(path)) ? CostTable.Empty : CostTable.Read(path);
        TargetCosts? known = measure ? table.Find(targetId, lanes, machine) : table.For(targetId, lanes, machine);
        KernelCosts costs = known?.Costs ?? KernelCosts.ForLanes(lanes);

        // Another version's kernels take other times: they serve to predict, not to be taken for these.
        IEnumerable<LayerMeasurements> measured = known?.Version == BlobMetadata.Version ? known.Layers : [];
        int layers = graph.PrunableNodes.Count();
        using IProgressTask task = progress.Begin(measure ? "measuring formats" : "choosing formats", layers, "layers");
        LayerTuner tuner = new(measured, timer, task, cancellation);
        PackedModel packed = Packer.Pack(graph, options with { Costs = costs, Tuner = tuner });
        if (measure && path is not null)
        {
            table.With(new TargetCosts
            {
                Target = targetId,
                Lanes = lanes,
                InstructionSet = machine.InstructionSet,
                Processor = processor,
                Version = BlobMetadata.Version,
                Costs = CostFit.Fit(tuner.Layers, KernelCosts.ForLanes(lanes)),
                Layers = [.. tuner.Layers],
            }).Write(path);
        }

        return (packed, new TuningCount(tuner.Measured, tuner.Reused, packed.Layers.Length - tuner.Measured - tuner.Reused, path));
    }
}
