using System.Collections.Immutable;
using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training.Gradients;

/// <summary>
/// Collects gradients of prunable weights over training samples: in evaluation mode, so that one sample's gradient does not depend
/// on the others' and running statistics stay, on samples drawn without replacement, times the mask. The loss is
/// the cross-entropy with labels, or, without, with the dense network's softmax (for networks without classes, the squared
/// difference from its outputs).
/// </summary>
internal sealed class GradientCollector : IDisposable
{
    /// <summary>Up to so many samples a gradient, single products are faster than a backward pass for each.</summary>
    private const int LargestProductMean = 4;

    // Samples at a time: unfolded inputs are nine times as large as inputs.
    private const int LargestBatch = 64;
    private const long LargestBatchElements = 1 << 21;

    private static readonly AugmentationOptions NoAugmentation = new();

    private readonly TrainingRun run;
    private readonly TorchGraph model;
    private readonly TorchGraph? teacher;
    private readonly SampleBatches samples;
    private readonly ImmutableArray<(string Weight, ImmutableArray<WeightedLayer> Nodes)> layers;
    private readonly bool productsFit;
    private readonly bool labelled;

    /// <param name="graph">The network, with masks.</param>
    /// <param name="run">Data, scaling, seed, device; the teacher where samples have no labels.</param>
    /// <param name="weights">Names of prunable weights, each once.</param>
    /// <exception cref="TrainingException">The graph cannot be run, or there is nothing to compare its outputs with.</exception>
    public GradientCollector(Graph graph, TrainingRun run, IReadOnlyList<string> weights)
    {
        this.run = run;
        Device device = TorchDevice.Open(run.Device);
        set_num_threads(run.Threads ?? Environment.ProcessorCount);
        layers = [.. weights.Select(w => (w, graph.Nodes.OfType<WeightedLayer>().Where(n => n.Weight == w).ToImmutableArray()))];
        model = new TorchGraph(graph, device);
        labelled = run.Data.Train.IsLabelled;
        if (!labelled && run.Teacher is null)
        {
            throw new TrainingException($"the samples of '{run.Data.Name}' have no labels, and there is no dense network to compare with");
        }

        teacher = labelled ? null : new TorchGraph(run.Teacher!, device);
        DataSplit train = MemorySplit.Of(run.Data.Train, run.Data.SampleShape.ElementCount);
        samples = new SampleBatches(train, run.Data.SampleShape, run.Scaling, labelled ? model.ClassCount : int.MaxValue);
        productsFit = !model.RunsOneByOne && layers.All(l => l.Nodes.All(n => SampleProducts.Know(graph, n)));
        foreach ((string weight, _) in layers)
        {
            model.Weights[weight].requires_grad_();
        }
    }

    /// <param name="draw">How many, of what.</param>
    /// <param name="use">Gets gradients as they come: one tensor a weight, [k, elements], float32, on the device, disposed afterwards.</param>
    /// <param name="progress">Told each batch.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="TrainingException">There are fewer samples than asked for, or the loss is no number.</exception>
    public GradientSummary Collect(
        GradientDraw draw, Action<IReadOnlyList<Tensor>> use, IProgressSink progress, CancellationToken cancellation)
    {
        int[] order = Draw(draw);
        bool products = productsFit && draw.Mean <= LargestProductMean;
        double loss = 0;
        long wrong = 0;
        using IProgressTask task = progress.Begin($"{run.Title}: gradients", order.Length, "samples");
        int step = products ? BatchSamples / draw.Mean * draw.Mean : draw.Mean;
        for (int start = 0; start < order.Length; start += step)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            ReadOnlySpan<int> batch = order.AsSpan(start, Math.Min(step, order.Length - start));
            ulong seed = new SeededRandom(run.Seed, RandomPurpose.SampledLabels, ((long)draw.Round << 32) + start).NextUInt64();
            (Tensor[] gradients, double sum, long errors) = products ? BySamples(batch, draw, seed) : ByBatches(batch, draw, seed);
            (loss, wrong) = (loss + sum, wrong + errors);
            using (no_grad())
            {
                use([.. gradients.Select((g, i) => model.Masks.TryGetValue(layers[i].Weight, out Tensor? mask) ? g.mul_(mask.reshape(1, -1)) : g)]);
            }

            task.Advance(batch.Length);
        }

        return double.IsFinite(loss)
            ? new GradientSummary(order.Length, loss / order.Length, (double)wrong / order.Length)
            : throw new TrainingException($"the loss of '{run.Data.Name}' is no number: the network's weights are not, or its scaling is wrong");
    }

    /// <summary>
    /// Moments of inputs and output gradients, see <see cref="SampleProducts.Moments"/>, over single samples' losses.
    /// </summary>
    /// <returns>A and S for each weight, float64, the caller's to dispose.</returns>
    /// <exception cref="TrainingException">As above; or a layer has groups, shares its weight, or is of a kind without such factors.</exception>
    public (ImmutableArray<(Tensor A, Tensor S)> Factors, GradientSummary Summary) CollectMoments(
        GradientDraw draw, IProgressSink progress, CancellationToken cancellation)
    {
        if (!productsFit || layers.FirstOrDefault(l => l.Nodes is not [not Conv2d { Groups: > 1 }]) is { Weight: not null } unfit)
        {
            throw new TrainingException(
                $"the Kronecker factors are for fully connected layers and convolutions without groups; leave out what else is pruned in '{run.Title}'");
        }

        int[] order = Draw(draw);
        List<(Tensor A, Tensor S)> sums = [];
        double loss = 0;
        long wrong = 0;
        using IProgressTask task = progress.Begin($"{run.Title}: moments", order.Length, "samples");
        for (int start = 0; start < order.Length; start += BatchSamples)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            ReadOnlySpan<int> batch = order.AsSpan(start, Math.Min(BatchSamples, order.Length - start));
            ulong seed = new SeededRandom(run.Seed, RandomPurpose.SampledLabels, ((long)draw.Round << 32) + start).NextUInt64();
            Captured captured = Capture(batch, draw, seed);
            (loss, wrong) = (loss + captured.Loss, wrong + captured.Wrong);
            double share = (double)batch.Length / order.Length;
            using IDisposable noGradient = no_grad();
            for (int i = 0; i < layers.Length; i++)
            {
                (Tensor a, Tensor s) = SampleProducts.Moments(layers[i].Nodes[0], captured.Inputs[i][0], captured.Gradients[i][0]);
                if (sums.Count <= i)
                {
                    sums.Add((zeros_like(a).DetachFromDisposeScope(), zeros_like(s).DetachFromDisposeScope()));
                }

                sums[i].A.add_(a, share);
                sums[i].S.add_(s, share);
            }

            task.Advance(batch.Length);
        }

        return ([.. sums], new GradientSummary(order.Length, loss / order.Length, (double)wrong / order.Length));
    }

    public void Dispose()
    {
        teacher?.Dispose();
        model.Dispose();
    }

    private int BatchSamples => (int)Math.Clamp(LargestBatchElements / samples.SampleElements, 1, LargestBatch);

    private int[] Draw(GradientDraw draw)
    {
        RequireSamples(draw);
        int[] order = [.. Enumerable.Range(0, samples.Count)];
        new SeededRandom(run.Seed, RandomPurpose.Calibration, draw.Round).Shuffle(order);
        return order[..(draw.Count * draw.Mean)];
    }

    /// <exception cref="TrainingException">There are fewer samples than a draw takes.</exception>
    public void RequireSamples(GradientDraw draw)
    {
        long needed = (long)draw.Count * draw.Mean;
        if (needed > samples.Count)
        {
            throw new TrainingException(
                $"{draw.Count} gradients of {draw.Mean} samples each need {needed} samples, and '{run.Data.Name}' has {samples.Count} to train on; lower gradients or gradientBatch");
        }
    }

    /// <summary>[samples / m, elements] of each weight by one backward pass to the layers' outputs.</summary>
    private (Tensor[] Gradients, double Loss, long Wrong) BySamples(ReadOnlySpan<int> batch, GradientDraw draw, ulong seed)
    {
        Captured captured = Capture(batch, draw, seed);
        int mean = draw.Mean;
        using IDisposable noGradient = no_grad();
        Tensor[] gradients = [.. layers.Select((layer, i) => layer.Nodes
            .Select((node, use) => SampleProducts.Of(node, captured.Inputs[i][use], captured.Gradients[i][use], mean))
            .Aggregate((a, b) => a.add_(b)))];
        return (gradients, captured.Loss, captured.Wrong);
    }

    /// <summary>[1, elements] of each weight: the mean over a batch, some samples at a time.</summary>
    private (Tensor[] Gradients, double Loss, long Wrong) ByBatches(ReadOnlySpan<int> batch, GradientDraw draw, ulong seed)
    {
        Tensor[]? sums = null;
        double loss = 0;
        long wrong = 0;
        for (int start = 0; start < batch.Length; start += BatchSamples)
        {
            using DisposeScope scope = NewDisposeScope();
            (Tensor sum, long errors, _) = Loss(batch.Slice(start, Math.Min(BatchSamples, batch.Length - start)), draw, seed + (ulong)start, []);
            IList<Tensor> parts = autograd.grad([sum], [.. layers.Select(l => model.Weights[l.Weight])]);
            using IDisposable noGradient = no_grad();
            sums = sums is null
                ? [.. parts.Select(p => p.reshape(1, -1).MoveToOuterDisposeScope())]
                : [.. sums.Zip(parts, (a, p) => a.add_(p.reshape(1, -1)))];
            (loss, wrong) = (loss + sum.item<float>(), wrong + errors);
        }

        using IDisposable gradless = no_grad();
        int count = batch.Length;
        return ([.. sums!.Select(s => s.div_(count))], loss, wrong);
    }

    private Captured Capture(ReadOnlySpan<int> batch, GradientDraw draw, ulong seed)
    {
        string[] names = [.. layers.SelectMany(l => l.Nodes).SelectMany(n => new[] { n.Input, n.Output }).Distinct()];
        (Tensor loss, long wrong, Dictionary<string, Tensor> values) = Loss(batch, draw, seed, names);
        string[] outputs = [.. layers.SelectMany(l => l.Nodes).Select(n => n.Output)];
        Dictionary<string, Tensor> gradients = outputs.Zip(autograd.grad([loss], [.. outputs.Select(o => values[o])])).ToDictionary(p => p.First, p => p.Second);
        return new Captured(
            [.. layers.Select(l => l.Nodes.Select(n => values[n.Input].detach()).ToArray())],
            [.. layers.Select(l => l.Nodes.Select(n => gradients[n.Output]).ToArray())],
            loss.item<float>(),
            wrong);
    }

    /// <summary>The sum of the samples' losses.</summary>
    private (Tensor Loss, long Wrong, Dictionary<string, Tensor> Values) Loss(
        ReadOnlySpan<int> batch, GradientDraw draw, ulong seed, string[] names)
    {
        Tensor pixels = empty([batch.Length, samples.SampleElements], ScalarType.Float32);
        Tensor labels = empty([batch.Length], ScalarType.Int64);
        samples.Fill(
            batch, draw.Augmentation ?? NoAugmentation, new SeededRandom(run.Seed, RandomPurpose.Augmentation, unchecked((long)seed)),
            MemoryMarshal.Cast<byte, float>(pixels.bytes), MemoryMarshal.Cast<byte, long>(labels.bytes));
        pixels = pixels.to(model.Device);
        string[] outputs = [.. model.OutputNames];
        Tensor[] all = model.Values(pixels, training: false, [.. outputs, .. names]);
        Dictionary<string, Tensor> values = names.Zip(all.Skip(outputs.Length)).ToDictionary(p => p.First, p => p.Second);
        if (!labelled)
        {
            using IDisposable noGradient = no_grad();
            Tensor[] wanted = teacher!.Outputs(pixels, training: false);
            return WithoutLabels(all[..outputs.Length], wanted, values);
        }

        Tensor logits = all[0].reshape(batch.Length, model.ClassCount);
        Tensor target = labels.to(model.Device);
        long wrong = logits.argmax(1).ne(target).sum().item<long>();
        if (draw.SampledLabels)
        {
            using IDisposable noGradient = no_grad();
            using Generator generator = new(seed >> 1, model.Device);
            target = multinomial(nn.functional.softmax(logits / draw.Temperature, 1), 1, generator: generator).squeeze(1);
        }

        if (draw.Temperature != 1)
        {
            logits = logits / draw.Temperature;
        }

        return (nn.functional.cross_entropy(logits, target, reduction: nn.Reduction.Sum), wrong, values);
    }

    private (Tensor Loss, long Wrong, Dictionary<string, Tensor> Values) WithoutLabels(Tensor[] outputs, Tensor[] wanted, Dictionary<string, Tensor> values)
    {
        if (!model.TellsClassesApart)
        {
            using IDisposable gradients = enable_grad();
            return (Losses.Squared(outputs, wanted) * outputs[0].shape[0], 0, values);
        }

        Tensor soft = nn.functional.softmax(wanted[0].flatten(1), 1);
        long wrong = outputs[0].flatten(1).argmax(1).ne(soft.argmax(1)).sum().item<long>();
        using IDisposable withGradients = enable_grad();
        return ((nn.functional.log_softmax(outputs[0].flatten(1), 1) * soft).sum().neg(), wrong, values);
    }

    /// <summary>What goes into the layers, and the gradients of what comes out, for each use of each weight.</summary>
    private sealed record Captured(Tensor[][] Inputs, Tensor[][] Gradients, double Loss, long Wrong);
}
