using System.Collections.Immutable;
using System.Diagnostics;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>The strongest output of one sample.</summary>
/// <param name="Class">Place of the largest output, from 0; the first one of several equals.</param>
/// <param name="Value">That output.</param>
public sealed record Prediction(int Class, float Value);

/// <param name="Samples">How many were run.</param>
/// <param name="OutputShape">Of one sample, batch dimension left out.</param>
/// <param name="Predictions">One a sample.</param>
/// <param name="MicrosecondsPerSample">Wall time over all runs by their number; see <c>bench</c> for a measurement.</param>
public sealed record InferenceResult(
    int Samples, ImmutableArray<int> OutputShape, ImmutableArray<Prediction> Predictions, double MicrosecondsPerSample);

/// <summary>Runs a blob over the samples of a file.</summary>
public static class InferencePipeline
{
    /// <param name="blobPath">An .esb file of one input and one output.</param>
    /// <param name="inputPath">Samples: .npy, .idx or .png, also gzipped.</param>
    /// <param name="outputPath">Takes all outputs as .npy of samples × output; null for nowhere.</param>
    /// <exception cref="EdgeSparseException">The blob or the samples are missing, damaged or do not fit; nothing is written then.</exception>
    public static InferenceResult Run(string blobPath, string inputPath, string? outputPath)
    {
        OutputCheck.EnsureWritable(outputPath);
        using Model model = Model.Load(blobPath);
        if (model.Inputs.Count != 1 || model.Outputs.Count != 1)
        {
            throw new EdgeSparseException($"'{blobPath}' has {model.Inputs.Count} inputs and {model.Outputs.Count} outputs; run takes networks with one of each");
        }

        IReadOnlyList<float[]> samples = SampleReader.Read(inputPath, model.Inputs[0]);
        TensorInfo output = model.Outputs[0];
        float[] outputs = new float[checked(samples.Count * output.ElementCount)];
        using Session session = model.CreateSession();
        Stopwatch watch = Stopwatch.StartNew();
        for (int i = 0; i < samples.Count; i++)
        {
            session.Run(samples[i], outputs.AsSpan(i * output.ElementCount, output.ElementCount));
        }

        double microseconds = watch.Elapsed.TotalMicroseconds / samples.Count;
        if (outputPath is not null)
        {
            int[] shape = [samples.Count, .. output.Shape.Skip(1)];
            AtomicFile.Write(outputPath, stream => NpyFile.Write(stream, outputs, shape));
        }

        return new InferenceResult(samples.Count, [.. output.Shape.Skip(1)], [.. Strongest(outputs, output.ElementCount)], microseconds);
    }

    private static List<Prediction> Strongest(float[] outputs, int count)
    {
        List<Prediction> predictions = [];
        for (int start = 0; start < outputs.Length; start += count)
        {
            int best = 0;
            for (int i = 1; i < count; i++)
            {
                if (outputs[start + i] > outputs[start + best])
                {
                    best = i;
                }
            }

            predictions.Add(new Prediction(best, outputs[start + best]));
        }

        return predictions;
    }
}
