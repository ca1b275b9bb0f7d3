using System.Collections.Immutable;
using EdgeSparse.Runtime;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace EdgeSparse.Compiler.Verification;

/// <summary>
/// An ONNX model in ONNX Runtime, with one float input and one float output, run on one sample at a time: the reference of
/// verification and the peer of benchmarks. Not thread-safe.
/// </summary>
public sealed class OnnxRuntimeModel : IContestant
{
    /// <summary>What reports call it.</summary>
    public const string RuntimeName = "ONNX Runtime";

    private readonly InferenceSession session;
    private readonly RunOptions runOptions = new();
    private readonly OrtIoBinding binding;
    private readonly OrtValue inputValue;
    private readonly OrtValue outputValue;
    private readonly float[] input;
    private readonly float[] output;

    /// <param name="path">An ONNX file.</param>
    /// <param name="threads">Threads that one operator may use; operators run one after the other.</param>
    /// <exception cref="EdgeSparseException">ONNX Runtime refuses the model, or it has not one float input and output.</exception>
    public OnnxRuntimeModel(string path, int threads)
        : this($"'{path}'", threads, options => new InferenceSession(path, options))
    {
    }

    /// <param name="model">The bytes of an ONNX file.</param>
    /// <param name="threads">Threads that one operator may use; operators run one after the other.</param>
    /// <exception cref="EdgeSparseException">ONNX Runtime refuses the model, or it has not one float input and output.</exception>
    public OnnxRuntimeModel(byte[] model, int threads)
        : this("in memory", threads, options => new InferenceSession(model, options))
    {
    }

    private OnnxRuntimeModel(string what, int threads, Func<OrtOptions, InferenceSession> open)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        session = Native($"cannot load the ONNX model {what}", () =>
        {
            using OrtOptions options = new()
            {
                IntraOpNumThreads = threads,
                InterOpNumThreads = 1,
                ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,

                // Errors arrive as exceptions; warnings about foreign models would only disturb the progress display.
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            return open(options);
        });
        try
        {
            (string inputName, long[] inputShape) = OnlyTensor("input", session.InputMetadata);
            (string outputName, _) = OnlyTensor("output", session.OutputMetadata);
            InputShape = [.. inputShape.Select(d => (int)d)];
            input = new float[inputShape.Aggregate(1L, (product, d) => checked(product * d))];
            inputValue = OrtValue.CreateTensorValueFromMemory(input, inputShape);
            long[] outputShape = FirstRun(inputName, outputName);
            OutputShape = [.. outputShape.Select(d => (int)d)];
            output = new float[outputShape.Aggregate(1L, (product, d) => checked(product * d))];
            outputValue = OrtValue.CreateTensorValueFromMemory(output, outputShape);
            binding = session.CreateIoBinding();
            binding.BindInput(inputName, inputValue);
            binding.BindOutput(outputName, outputValue);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The input's dimensions, a symbolic batch as 1.</summary>
    public ImmutableArray<int> InputShape { get; }

    /// <summary>The output's dimensions for a batch of 1.</summary>
    public ImmutableArray<int> OutputShape { get; }

    public int InputElementCount => input.Length;

    public int OutputElementCount => output.Length;

    public int Threads { get; }

    /// <inheritdoc/>
    public string Name => RuntimeName;

    /// <summary>One sample through the network.</summary>
    /// <param name="values"><see cref="InputElementCount"/> values, row-major.</param>
    /// <returns><see cref="OutputElementCount"/> values.</returns>
    public float[] Run(ReadOnlySpan<float> values)
    {
        float[] result = new float[output.Length];
        RunInto(values, result);
        return result;
    }

    /// <summary>One sample through the network without an allocation on this side: the path for benchmarks.</summary>
    /// <param name="values"><see cref="InputElementCount"/> values, row-major.</param>
    /// <param name="result"><see cref="OutputElementCount"/> values.</param>
    public void RunInto(ReadOnlySpan<float> values, Span<float> result)
    {
        if (values.Length != input.Length || result.Length != output.Length)
        {
            throw new EdgeSparseException(
                $"the ONNX model has {input.Length} inputs and {output.Length} outputs, not {values.Length} and {result.Length}");
        }

        values.CopyTo(input);
        try
        {
            // The fastest of the ways to call it: on LeNet-300-100, 16.1 µs with binding and these two copies (15.9 without
            // them), 16.4 with Run into preallocated values, 17.4 with Run that allocates its output (ONNX Runtime 1.31.1).
            session.RunWithBinding(runOptions, binding);
        }
        catch (OnnxRuntimeException error)
        {
            throw new EdgeSparseException(OneLine("ONNX Runtime failed", error), error);
        }

        output.CopyTo(result);
    }

    float[] IContestant.Prepare(ReadOnlySpan<float> input) => input.ToArray();

    void IContestant.Run(ReadOnlySpan<float> prepared, Span<float> output) => RunInto(prepared, output);

    float[] IContestant.Finish(ReadOnlySpan<float> output) => output.ToArray();

    public void Dispose()
    {
        binding?.Dispose();
        inputValue?.Dispose();
        outputValue?.Dispose();
        runOptions.Dispose();
        session.Dispose();
    }

    private static (string Name, long[] Shape) OnlyTensor(string what, IReadOnlyDictionary<string, NodeMetadata> metadata)
    {
        if (metadata.Count != 1)
        {
            throw new EdgeSparseException($"the ONNX model has {metadata.Count} {what}s; one is supported");
        }

        (string name, NodeMetadata only) = metadata.First();
        if (!only.IsTensor || only.ElementDataType != TensorElementType.Float)
        {
            throw new EdgeSparseException($"the {what} '{name}' of the ONNX model is no float tensor; only that is supported");
        }

        long[] shape = new long[only.Dimensions.Length];
        for (int i = 0; i < shape.Length; i++)
        {
            bool isOpen = only.Dimensions[i] < 1;
            if (isOpen && i > 0 && what == "input")
            {
                throw new EdgeSparseException($"the {what} '{name}' of the ONNX model has an open dimension in place {i}; only the batch may be open");
            }

            shape[i] = isOpen ? 1 : only.Dimensions[i];
        }

        if (what == "input" && shape.Length > 0 && shape[0] != 1)
        {
            throw new EdgeSparseException($"the input '{name}' of the ONNX model has a fixed batch of {shape[0]}; it must be 1 or open");
        }

        return (name, shape);
    }

    /// <summary>Runs once on zeros: only this tells the output's shape for certain.</summary>
    private long[] FirstRun(string inputName, string outputName) => Native("cannot run the ONNX model", () =>
    {
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(runOptions, [inputName], [inputValue], [outputName]);
        return results[0].GetTensorTypeAndShape().Shape;
    });

    private static T Native<T>(string failure, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception error) when (error is OnnxRuntimeException or DllNotFoundException or TypeInitializationException)
        {
            throw new EdgeSparseException(OneLine(failure, error.InnerException ?? error), error);
        }
    }

    private static string OneLine(string failure, Exception error) => $"{failure}: {error.Message.ReplaceLineEndings(" ").Trim()}";
}
