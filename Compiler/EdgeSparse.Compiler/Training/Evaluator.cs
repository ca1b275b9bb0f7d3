using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training;

/// <summary>How a network does on a labelled split.</summary>
/// <param name="Samples">Count of the split.</param>
/// <param name="Wrong">Samples whose largest logit is not their label's; a tie goes to the lower class.</param>
/// <param name="Loss">Mean cross-entropy.</param>
public sealed record EvaluationResult(int Samples, int Wrong, double Loss)
{
    /// <summary>The fraction of samples classified wrongly, 0 to 1.</summary>
    public double Error => (double)Wrong / Samples;
}

/// <summary>Runs a network over a split without training it.</summary>
public static class Evaluator
{
    private const int BatchSize = 500;

    /// <param name="graph">A classifier of one input.</param>
    /// <param name="split">Samples of as many elements as the graph's input.</param>
    /// <param name="scaling">How pixels become input.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <exception cref="TrainingException">The graph is no classifier, the split is empty, or the device is not there.</exception>
    public static EvaluationResult Evaluate(Graph graph, DataSplit split, InputScaling scaling, string device = "cpu")
    {
        using TorchGraph model = new(graph, TorchDevice.Open(device));
        SampleBatches samples = new(split, SampleShapeOf(graph), scaling, model.ClassCount);
        return Evaluate(model, samples);
    }

    internal static EvaluationResult Evaluate(TorchGraph model, SampleBatches samples)
    {
        if (samples.Count == 0)
        {
            throw new TrainingException("there are no samples to evaluate on");
        }

        int wrong = 0;
        double loss = 0;
        int[] indices = [.. Enumerable.Range(0, samples.Count)];
        using IDisposable noGradient = no_grad();
        for (int start = 0; start < indices.Length; start += BatchSize)
        {
            using DisposeScope scope = NewDisposeScope();
            ReadOnlySpan<int> batch = indices.AsSpan(start, Math.Min(BatchSize, indices.Length - start));
            Tensor pixels = empty([batch.Length, samples.SampleElements], ScalarType.Float32);
            Tensor labels = empty([batch.Length], ScalarType.Int64);
            samples.Fill(batch, MemoryMarshal.Cast<byte, float>(pixels.bytes), MemoryMarshal.Cast<byte, long>(labels.bytes));
            Tensor target = labels.to(model.Device);
            Tensor logits = model.Forward(pixels.to(model.Device), training: false);
            loss += nn.functional.cross_entropy(logits, target, reduction: nn.Reduction.Sum).item<float>();
            wrong += (int)logits.argmax(1).ne(target).sum().item<long>();
        }

        return new EvaluationResult(samples.Count, wrong, loss / samples.Count);
    }

    /// <summary>The shape of one sample as the graph reads it.</summary>
    internal static TensorShape SampleShapeOf(Graph graph) => new([.. graph.Inputs[0].Shape.Dims.Skip(1)]);
}
