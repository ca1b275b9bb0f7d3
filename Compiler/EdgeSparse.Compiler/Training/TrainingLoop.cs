using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training;

/// <summary>The state of one run: the network on its device, the optimizer, and how far the run is.</summary>
internal sealed class TrainingLoop : IDisposable
{
    private readonly TrainingRun run;
    private readonly string digest;
    private readonly TorchGraph model;
    private readonly TorchGraph? teacher;
    private readonly bool labelled;
    private readonly WeightUpdate update;
    private readonly ITrainingExtension? extension;
    private readonly SampleBatches samples;
    private readonly int[] order;
    private readonly long stepsPerEpoch;
    private readonly long steps;
    private readonly List<EpochRecord> epochs = [];
    private readonly Stopwatch sinceCheckpoint = Stopwatch.StartNew();

    private long step;
    private double epochLoss;
    private int orderedEpoch = -1;

    public TrainingLoop(Graph graph, TrainingRun run)
    {
        this.run = run;
        Device device = TorchDevice.Open(run.Device);
        set_num_threads(run.Threads ?? Environment.ProcessorCount);
        model = new TorchGraph(graph, device, run.FrozenLayers) { Precision = run.Options.Precision };
        extension = run.Extension?.Invoke(model);
        digest = run.CheckpointPath is null ? "" : RunDigest.Of(graph, run, extension?.Identity);
        teacher = run.Options.Distillation > 0 && run.Teacher is not null ? new TorchGraph(run.Teacher, device) { Precision = run.Options.Precision } : null;
        labelled = run.Data.Train.IsLabelled && run.Options.Distillation < 1;
        if (teacher is not null && (teacher.SampleElements != model.SampleElements || !teacher.OutputShapes.SequenceEqual(model.OutputShapes)))
        {
            throw new TrainingException("the network to distil from has other inputs or outputs than the network trained");
        }

        update = new WeightUpdate(model, graph.PrunableNodes.Select(n => n.PrunableWeight!).ToHashSet(), run.Options.Optimizer);
        if (run.Start is { } start)
        {
            update.Start(start);
        }

        foreach (Tensor weight in update.Trained)
        {
            weight.requires_grad_();
        }

        DataSplit train = MemorySplit.Of(run.Data.Train, run.Data.SampleShape.ElementCount);
        samples = new SampleBatches(train, run.Data.SampleShape, run.Scaling, labelled ? model.ClassCount : int.MaxValue);
        order = new int[samples.Count];
        stepsPerEpoch = (samples.Count + run.Options.BatchSize - 1) / run.Options.BatchSize;
        steps = stepsPerEpoch * run.Options.Epochs;
        Resume();
    }

    public TrainingResult Run(IProgressSink progress, CancellationToken cancellation)
    {
        using (IProgressTask task = progress.Begin(run.Title, (long)run.Options.Epochs * samples.Count, "samples"))
        {
            task.Advance((step / stepsPerEpoch * samples.Count) + (step % stepsPerEpoch * run.Options.BatchSize));
            while (step < steps)
            {
                if (cancellation.IsCancellationRequested)
                {
                    WriteCheckpoint();
                    cancellation.ThrowIfCancellationRequested();
                }

                task.Advance(TrainOneBatch(task));
                if (step == steps || sinceCheckpoint.Elapsed >= run.CheckpointInterval)
                {
                    CheckFinite();
                    WriteCheckpoint();
                }
            }
        }

        return new TrainingResult(model.ToGraph(), [.. epochs]) { Optimizer = update.Snapshot(steps) };
    }

    public void Dispose()
    {
        extension?.Dispose();
        update.Dispose();
        teacher?.Dispose();
        model.Dispose();
    }

    private int TrainOneBatch(IProgressTask task)
    {
        using DisposeScope scope = NewDisposeScope();
        TrainingOptions options = run.Options;
        int epoch = (int)(step / stepsPerEpoch);
        ReadOnlySpan<int> batch = BatchOf(epoch);
        Tensor pixels = empty([batch.Length, samples.SampleElements], ScalarType.Float32);
        Tensor labels = empty([batch.Length], ScalarType.Int64);
        samples.Fill(
            batch,
            options.Augmentation,
            new SeededRandom(run.Seed, RandomPurpose.Augmentation, step),
            MemoryMarshal.Cast<byte, float>(pixels.bytes),
            MemoryMarshal.Cast<byte, long>(labels.bytes));
        pixels = pixels.to(model.Device);
        model.SeedDropout(new SeededRandom(run.Seed, RandomPurpose.Dropout, step).NextUInt64());

        Tensor loss = Loss(pixels, labels);
        double value = loss.item<float>();
        if (!double.IsFinite(value))
        {
            throw new TrainingException(
                $"the loss is {value} in epoch {epoch + 1}, step {(step % stepsPerEpoch) + 1} of {stepsPerEpoch}; lower the learning rate, or look for values in the data that are no numbers");
        }

        double rate = LearningRate.At(
            options.Optimizer, options.Schedule, step + (run.EpochsBefore * stepsPerEpoch), (run.EpochsOfSchedule ?? options.Epochs) * stepsPerEpoch, stepsPerEpoch);
        Update(autograd.grad([loss], update.Trained), rate, value);
        step++;
        epochLoss += value * batch.Length;
        if (step % stepsPerEpoch == 0)
        {
            epochs.Add(new EpochRecord(epoch + 1, epochLoss / samples.Count, rate));
            epochLoss = 0;
        }

        if (step % 20 == 0 || step % stepsPerEpoch == 0)
        {
            task.Describe($"epoch {epoch + 1}/{options.Epochs}, loss {value:0.0000}, rate {rate:0.#####}");
        }

        return batch.Length;
    }

    private void Update(IList<Tensor> gradients, double rate, double loss)
    {
        if (extension is null)
        {
            update.Step(gradients, rate, step + 1);
            return;
        }

        using IDisposable noGradient = no_grad();
        TrainingStep now = new(step, steps, stepsPerEpoch, rate, loss, model, update, update.ByName(gradients));
        extension.BeforeUpdate(now);
        update.Step(gradients, rate, step + 1);
        extension.AfterUpdate(now);
    }

    private IEnumerable<KeyValuePair<string, Tensor>> SavedTensors =>
        model.Weights.Concat(update.State).Concat(extension?.State.Select(s => KeyValuePair.Create($"extension {s.Key}", s.Value)) ?? []);

    private Tensor Loss(Tensor pixels, Tensor labels)
    {
        if (labelled)
        {
            return Losses.Of(model.Forward(pixels, training: true), labels.to(model.Device), TeacherOutputs(pixels)?[0].flatten(1), run.Options);
        }

        Tensor[] outputs = model.Outputs(pixels, training: true);
        Tensor[] wanted = TeacherOutputs(pixels) ?? throw new TrainingException("samples without labels need a dense network to learn from");
        return model.TellsClassesApart
            ? Losses.Soft(outputs[0].flatten(1), wanted[0].flatten(1), run.Options.DistillationTemperature)
            : Losses.Squared(outputs, wanted);
    }

    private Tensor[]? TeacherOutputs(Tensor pixels)
    {
        using IDisposable noGradient = no_grad();
        return teacher?.Outputs(pixels, training: false);
    }

    private ReadOnlySpan<int> BatchOf(int epoch)
    {
        if (epoch != orderedEpoch)
        {
            for (int i = 0; i < order.Length; i++)
            {
                order[i] = i;
            }

            new SeededRandom(run.Seed, RandomPurpose.Shuffling, epoch).Shuffle(order);
            orderedEpoch = epoch;
        }

        int start = (int)(step % stepsPerEpoch) * run.Options.BatchSize;
        return order.AsSpan(start, Math.Min(run.Options.BatchSize, order.Length - start));
    }

    private void Resume()
    {
        if (run.CheckpointPath is null || !File.Exists(run.CheckpointPath))
        {
            return;
        }

        Checkpoint checkpoint = Checkpoint.Read(run.CheckpointPath);
        if (checkpoint.Run != digest)
        {
            throw new TrainingException(
                $"the checkpoint '{run.CheckpointPath}' is of another run (other weights, options, data or seed); delete it or name another file");
        }

        using IDisposable noGradient = no_grad();
        foreach ((string name, Tensor state) in SavedTensors)
        {
            using Tensor saved = tensor(checkpoint.Tensors[name], [.. state.shape]);
            state.copy_(saved);
        }

        step = checkpoint.Step;
        epochLoss = checkpoint.EpochLoss;
        epochs.AddRange(checkpoint.Epochs);
    }

    private void WriteCheckpoint()
    {
        if (run.CheckpointPath is not null)
        {
            var tensors = SavedTensors.ToImmutableSortedDictionary(pair => pair.Key, pair => TorchGraph.Download(pair.Value), StringComparer.Ordinal);
            new Checkpoint(digest, step, epochLoss, [.. epochs], tensors).Write(run.CheckpointPath);
            sinceCheckpoint.Restart();
        }
    }

    private void CheckFinite()
    {
        foreach ((string name, Tensor weight) in model.Weights)
        {
            using Tensor finite = weight.isfinite();
            using Tensor all = finite.all();
            if (!all.item<bool>())
            {
                throw new TrainingException($"weight '{name}' is no number after step {step}; lower the learning rate");
            }
        }
    }
}
