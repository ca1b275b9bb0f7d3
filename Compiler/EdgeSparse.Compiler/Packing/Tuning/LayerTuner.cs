using EdgeSparse.Compiler.Reporting;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Chooses a layer's format by the times of its candidates: those that a cost table has of the same layer, or else, where there is
/// a timer, those that it measures.
/// </summary>
/// <param name="known">Layers measured before.</param>
/// <param name="timer">Measures others; null to leave them to the cost model.</param>
/// <param name="progress">Told each layer.</param>
/// <param name="cancellation">Ends measuring.</param>
internal sealed class LayerTuner(
    IEnumerable<LayerMeasurements> known, ICandidateTimer? timer, IProgressTask progress, CancellationToken cancellation = default)
{
    /// <summary>A gain below this share is taken for noise, and the model's choice stays.</summary>
    private const double LeastGain = 0.02;

    /// <summary>Candidates that the model expects to take so many times the best one's time are not measured.</summary>
    private const double HopelessRatio = 6;

    private readonly Dictionary<string, LayerMeasurements> layers = known.ToDictionary(l => l.Digest);

    /// <summary>All that is known by now, in the order of digests.</summary>
    public IEnumerable<LayerMeasurements> Layers => layers.Values.OrderBy(l => l.Digest, StringComparer.Ordinal);

    /// <summary>Called after each layer measured, whose times <see cref="Layers"/> then has; null for nothing.</summary>
    public Action<LayerTuner>? LayerMeasured { get; init; }

    /// <summary>Layers measured.</summary>
    public int Measured { get; private set; }

    /// <summary>Layers whose times were known.</summary>
    public int Reused { get; private set; }

    /// <param name="problem">The layer.</param>
    /// <param name="costs">What kernels cost.</param>
    /// <param name="options">Lanes, and the formats that are allowed.</param>
    /// <returns>Null where neither the table nor the timer has times for the layer, or no allowed format fits it.</returns>
    public FormatChoice? TryChoose(LayerProblem problem, KernelCosts costs, PackOptions options)
    {
        progress.Describe(problem.Matrix.Layer);
        string digest = LayerDigest.Of(problem);
        FormatChoice? choice = timer is null && !layers.ContainsKey(digest) ? null
            : Candidates(problem, costs, options) is { Count: > 0 } candidates ? TryChoose(problem, digest, candidates)
            : null;
        progress.Advance();
        return choice;
    }

    /// <summary>What is worth measuring, by the built-in costs: a table's change, and would change what it is asked for.</summary>
    private static List<FormatCandidate> Candidates(LayerProblem problem, KernelCosts costs, PackOptions options)
    {
        IEnumerable<FormatCandidate> possible = problem.IsConvolution
            ? FormatCandidate.ForConvolution(
                problem.Matrix, ChunkWindow.Of(problem.Window), problem.Output.Geometry.Slots, costs, wanted: null, everyChunking: true)
            : FormatCandidate.ForLinear(problem.Matrix, costs, options.Lanes, wanted: null, problem.Inputs);
        FormatCandidate[] all = [.. possible.Where(c => options.Allows(c.Layout))];
        if (all.Length == 0)
        {
            return [];
        }

        KernelCosts builtIn = KernelCosts.ForLanes(options.Lanes);
        double Expected(FormatCandidate c) => builtIn.Nanoseconds(problem.IsConvolution, c.Layout, c.Work);
        double limit = HopelessRatio * all.Min(Expected);
        return [.. all.Where(c => Expected(c) <= limit)];
    }

    private FormatChoice? TryChoose(LayerProblem problem, string digest, List<FormatCandidate> candidates)
    {
        if (layers.TryGetValue(digest, out LayerMeasurements? entry) && entry.TimesOf(candidates) is { } times)
        {
            Reused++;
            int best = Best(candidates, times);
            return ChoiceOf(problem, candidates, times, best, candidates[best].Pack()!);
        }

        if (timer is null)
        {
            return null;
        }

        List<Trial> trials = [];
        foreach (FormatCandidate candidate in candidates)
        {
            if (candidate.Pack() is { } weight)
            {
                trials.Add(new Trial(candidate, weight, TrialNetwork.Pack(problem, weight), problem.Inputs?.Share ?? 1));
            }
        }

        candidates = [.. trials.Select(t => t.Candidate)];
        times = [.. timer.Measure(trials, cancellation).Select(t => Math.Round(t, 4))];
        Measured++;
        layers[digest] = Entry(problem, digest, candidates, times);
        LayerMeasured?.Invoke(this);
        int fastest = Best(candidates, times);
        return ChoiceOf(problem, candidates, times, fastest, trials[fastest].Weight);
    }

    /// <summary>The index of the fastest, or of the model's choice where that is nearly as fast.</summary>
    private static int Best(List<FormatCandidate> candidates, IReadOnlyList<double> times)
    {
        int fastest = Enumerable.Range(0, candidates.Count).MinBy(i => times[i]);
        int predicted = Enumerable.Range(0, candidates.Count).Where(i => candidates[i].IsPlanned).MinBy(i => candidates[i].Nanoseconds);
        return times[fastest] <= (1 - LeastGain) * times[predicted] ? fastest : predicted;
    }

    private static FormatChoice ChoiceOf(
        LayerProblem problem, List<FormatCandidate> candidates, IReadOnlyList<double> times, int chosen, PackedWeight weight)
    {
        // Each format once, with its best number of chunks.
        string measured = string.Join(", ", Enumerable.Range(0, candidates.Count)
            .GroupBy(i => candidates[i].Layout)
            .Select(g => g.MinBy(i => i == chosen ? double.MinValue : times[i]))
            .OrderBy(i => times[i])
            .Select(i => $"{candidates[i].Name} {FormatChoice.Text(times[i])}"));
        FormatCandidate choice = candidates[chosen];
        return new FormatChoice(weight, choice.Layout, $"measured {measured}{FormatChoice.Text(problem.Inputs, candidates)}", Math.Round(choice.Nanoseconds / 1000, 3))
        {
            MeasuredMicroseconds = times[chosen],
        };
    }

    private static LayerMeasurements Entry(
        LayerProblem problem, string digest, List<FormatCandidate> candidates, IReadOnlyList<double> times)
    {
        WeightMatrix matrix = problem.Matrix;
        return new LayerMeasurements(
            digest, problem.IsConvolution ? LayerMeasurements.Convolution : LayerMeasurements.Linear, matrix.Weight.Shape.Dims,
            problem.IsConvolution ? problem.Output.Geometry.Slots : 1,
            Math.Round((double)matrix.Weight.NonZeroCount / matrix.Weight.ElementCount, 5),
            [
                .. candidates.Select((c, i) => new FormatMeasurement(
                    WeightLayouts.NameOf(c.Layout), c.Chunks, c.IsPlanned, c.Work.Weights, c.Work.Rows, times[i])),
            ]);
    }
}
