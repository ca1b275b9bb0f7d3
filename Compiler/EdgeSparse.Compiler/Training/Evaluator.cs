using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training;

/// <summary>What a network's outputs are compared with.</summary>
public enum EvaluationBasis
{
    /// <summary>The samples' labels.</summary>
    Labels,

    /// <summary>The classes that the dense network gives.</summary>
    DenseClasses,

    /// <summary>The outputs of the dense network, which tells no classes apart.</summary>
    DenseOutputs,
}

/// <summary>How a network does on a split.</summary>
/// <param name="Samples">Count of the split.</param>
/// <param name="Wrong">
/// Samples whose largest logit is not their label's, or not the dense network's where there are no labels; a tie goes to the lower
/// class. 0 for a network that tells no classes apart.
/// </param>
/// <param name="Loss">Mean cross-entropy with labels; without, the mean absolute difference from the dense network's outputs.</param>
/// <param name="Basis">What it was compared with.</param>
public sealed record EvaluationResult(int Samples, int Wrong, double Loss, EvaluationBasis Basis = EvaluationBasis.Labels)
{
    /// <summary>The fraction of samples classified wrongly, 0 to 1.</summary>
    public double Error => (double)Wrong / Samples;
}

/// <summary>Runs a network over a split without training it.</summary>
public static class Evaluator
{
    private const int BatchSize = 500;

    /// <param name="graph">A network of one input; a classifier, where the split has labels.</param>
    /// <param name="split">Samples of as many elements as the graph's input.</param>
    /// <param name="scaling">How pixels become input.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <param name="dense">The network to compare with where the split has no labels; not used where it has.</param>
    /// <exception cref="TrainingException">The graph is no classifier, the split is empty, or the device is not there.</exception>
    public static EvaluationResult Evaluate(Graph graph, DataSplit split, InputScaling scaling, string device = "cpu", Graph? dense = null)
    {
        using TorchGraph model = new(graph, TorchDevice.Open(device));
        if (split.IsLabelled)
        {
            SampleBatches samples = new(split, SampleShapeOf(graph), scaling, model.ClassCount);
            return Evaluate(model, samples);
        }

        if (dense is null)
        {
            throw new TrainingException("the samples have no labels, and there is no dense network to compare with");
        }

        using TorchGraph reference = new(dense, TorchDevice.Open(device));
        return Compare(model, reference, new SampleBatches(split, SampleShapeOf(graph), scaling, int.MaxValue));
    }

    internal static EvaluationResult Evaluate(TorchGraph model, SampleBatches samples)
    {
        int wrong = 0;
        double loss = 0;
        using IDisposable noGradient = no_grad();
        ForEachBatch(samples, model.Device, (pixels, target) =>
        {
            Tensor logits = model.Forward(pixels, training: false);
            loss += nn.functional.cross_entropy(logits, target, reduction: nn.Reduction.Sum).item<float>();
            wrong += (int)logits.argmax(1).ne(target).sum().item<long>();
        });
        return new EvaluationResult(samples.Count, wrong, loss / samples.Count);
    }

    private static EvaluationResult Compare(TorchGraph model, TorchGraph dense, SampleBatches samples)
    {
        int wrong = 0;
        double difference = 0;
        bool classes = model.TellsClassesApart && dense.TellsClassesApart;
        using IDisposable noGradient = no_grad();
        ForEachBatch(samples, model.Device, (pixels, _) =>
        {
            Tensor[] outputs = model.Outputs(pixels, training: false);
            Tensor[] expected = dense.Outputs(pixels, training: false);
            difference += outputs.Zip(expected, (a, b) => (a - b).abs().mean().item<float>()).Average() * pixels.shape[0];
            if (classes)
            {
                wrong += (int)outputs[0].flatten(1).argmax(1).ne(expected[0].flatten(1).argmax(1)).sum().item<long>();
            }
        });
        return new EvaluationResult(
            samples.Count, wrong, difference / samples.Count, classes ? EvaluationBasis.DenseClasses : EvaluationBasis.DenseOutputs);
    }

    private static void ForEachBatch(SampleBatches samples, Device device, Action<Tensor, Tensor> use)
    {
        if (samples.Count == 0)
        {
            throw new TrainingException("there are no samples to evaluate on");
        }

        int[] indices = [.. Enumerable.Range(0, samples.Count)];
        for (int start = 0; start < indices.Length; start += BatchSize)
        {
            using DisposeScope scope = NewDisposeScope();
            ReadOnlySpan<int> batch = indices.AsSpan(start, Math.Min(BatchSize, indices.Length - start));
            Tensor pixels = empty([batch.Length, samples.SampleElements], ScalarType.Float32);
            Tensor labels = empty([batch.Length], ScalarType.Int64);
            samples.Fill(batch, MemoryMarshal.Cast<byte, float>(pixels.bytes), MemoryMarshal.Cast<byte, long>(labels.bytes));
            use(pixels.to(device), labels.to(device));
        }
    }

    /// <summary>The shape of one sample as the graph reads it.</summary>
    internal static TensorShape SampleShapeOf(Graph graph) => new([.. graph.Inputs[0].Shape.Dims.Skip(1)]);
}
