using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Verification;

/// <summary>Runs a blob and the ONNX model it stands for over a whole set and compares every output.</summary>
public static class Verifier
{
    /// <summary>Checks that a set's samples can be a blob's input; the set's order of elements is the same row-major one.</summary>
    /// <exception cref="EdgeSparseException">They have another number of values; the message has both shapes.</exception>
    public static void RequireFits(Model model, Dataset data)
    {
        SameShapes.RequireOneInput(model);
        if (data.SampleShape.ElementCount != model.Inputs[0].ElementCount)
        {
            throw new EdgeSparseException(
                $"samples of '{data.Name}' have the shape {data.SampleShape}, but the network's input is {string.Join('×', model.Inputs[0].Shape)}");
        }
    }

    /// <summary>Compares every sample of the set.</summary>
    /// <param name="model">The blob; one input.</param>
    /// <param name="reference">The model in ONNX Runtime.</param>
    /// <param name="samples">Samples of the input's length.</param>
    /// <param name="scaling">How pixel/255 becomes input; null when the samples are the input as they are.</param>
    /// <param name="progress">Told once a sample.</param>
    /// <param name="cancellation">Checked between samples.</param>
    /// <exception cref="EdgeSparseException">The two models or the samples do not have the same shapes.</exception>
    public static VerificationReport Verify(
        Model model,
        OnnxRuntimeModel reference,
        DataSplit samples,
        InputScaling? scaling,
        IProgressSink progress,
        CancellationToken cancellation = default)
    {
        SameShapes.Require(model, reference);
        using SessionContestant session = new(model, threads: 1);
        int[] lengths = [.. model.Outputs.Select(o => o.ElementCount)];
        bool labelled = samples.IsLabelled && lengths.Length == 1;
        using IProgressTask task = progress.Begin("comparing with ONNX Runtime", samples.Count, "samples");
        float[] input = new float[reference.InputElementCount];
        float[] outputs = new float[reference.OutputElementCount];
        float[] expected = new float[reference.OutputElementCount];
        int ties = 0;
        int mismatches = 0;
        int notFinite = 0;
        int errors = 0;
        int referenceErrors = 0;
        double absolute = 0;
        double relative = 0;
        int? first = null;
        for (int i = 0; i < samples.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            samples.Read(i, input);
            scaling?.Scale(input);
            session.Run(input, outputs);
            reference.RunInto(input, expected);

            var comparison = Worst(outputs, expected, lengths);
            ties += comparison.Agreement == Agreement.Tie ? 1 : 0;
            mismatches += comparison.Agreement == Agreement.Mismatch ? 1 : 0;
            first ??= comparison.Agreement == Agreement.Mismatch ? i : null;
            if (labelled)
            {
                errors += comparison.Prediction == samples.LabelOf(i) ? 0 : 1;
                referenceErrors += comparison.ReferencePrediction == samples.LabelOf(i) ? 0 : 1;
            }

            if (double.IsFinite(comparison.Relative))
            {
                absolute = Math.Max(absolute, comparison.Absolute);
                relative = Math.Max(relative, comparison.Relative);
            }
            else
            {
                notFinite++;
            }

            task.Advance();
        }

        double count = Math.Max(1, samples.Count);
        return new VerificationReport(
            samples.Count,
            samples.Count - ties - mismatches,
            ties,
            mismatches,
            notFinite,
            absolute,
            relative,
            labelled ? errors / count : null,
            labelled ? referenceErrors / count : null,
            first);
    }

    /// <summary>Of several outputs the one that differs most: each has a scale of its own.</summary>
    private static OutputComparison Worst(ReadOnlySpan<float> outputs, ReadOnlySpan<float> expected, int[] lengths)
    {
        var worst = OutputComparison.Of(outputs[..lengths[0]], expected[..lengths[0]]);
        int start = lengths[0];
        foreach (int length in lengths.Skip(1))
        {
            var next = OutputComparison.Of(outputs.Slice(start, length), expected.Slice(start, length));
            worst = next.Agreement > worst.Agreement || (next.Agreement == worst.Agreement && !(next.Relative <= worst.Relative)) ? next : worst;
            start += length;
        }

        return worst;
    }
}
