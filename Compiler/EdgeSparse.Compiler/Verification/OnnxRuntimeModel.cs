using System.Collections.Immutable;
using EdgeSparse.Runtime;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OrtOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace EdgeSparse.Compiler.Verification;

/// <summary>
/// An ONNX model in ONNX Runtime, with one float or float16 input and outputs of these types, run on one sample at a time: the
/// reference of verification and the peer of benchmarks. Not thread-safe.
/// </summary>
public sealed class OnnxRuntimeModel : IContestant
{
    /// <summary>What reports call it.</summary>
    public const string RuntimeName = "ONNX Runtime";

    private readonly InferenceSession session;
    private readonly RunOptions runOptions = new();
    private readonly OrtIoBinding binding;
    private readonly OnnxRuntimeTensor input;
    private readonly ImmutableArray<OnnxRuntimeTensor> outputs = [];

    /// <param name="path">An ONNX file.</param>
    /// <param name="threads">Threads that one operator may use; operators run one after the other.</param>
    /// <exception cref="EdgeSparseException">ONNX Runtime refuses the model, or it has not one float input and float outputs.</exception>
    public OnnxRuntimeModel(string path, int threads)
        : this($"'{path}'", threads, options => new InferenceSession(path, options))
    {
    }

    /// <param name="model">The bytes of an ONNX file.</param>
    /// <param name="threads">Threads that one operator may use; operators run one after the other.</param>
    /// <exception cref="EdgeSparseException">ONNX Runtime refuses the model, or it has not one float input and float outputs.</exception>
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
            input = OnlyInput(session.InputNames, session.InputMetadata);
            TensorElementType[] types =
                [.. session.OutputNames.Select(n => OnnxRuntimeTensor.TypeOf("output", n, session.OutputMetadata[n]))];
            long[][] shapes = FirstRun();
            outputs = [.. session.OutputNames.Select((n, i) => new OnnxRuntimeTensor(n, types[i], shapes[i]))];
            OutputElementCount = checked(outputs.Sum(o => o.Count));
            binding = session.CreateIoBinding();
            binding.BindInput(input.Name, input.Value);
            foreach (OnnxRuntimeTensor output in outputs)
            {
                binding.BindOutput(output.Name, output.Value);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The input's dimensions, a symbolic batch as 1.</summary>
    public ImmutableArray<int> InputShape => input.Shape;

    /// <summary>Each output's dimensions for a batch of 1, in the model's order.</summary>
    public IEnumerable<ImmutableArray<int>> OutputShapes => outputs.Select(o => o.Shape);

    public int InputElementCount => input.Count;

    /// <summary>Values of all outputs together.</summary>
    public int OutputElementCount { get; }

    public int Threads { get; }

    /// <inheritdoc/>
    public string Name => RuntimeName;

    /// <summary>One sample through the network.</summary>
    /// <param name="values"><see cref="InputElementCount"/> values, row-major.</param>
    /// <returns><see cref="OutputElementCount"/> values, one output after the other.</returns>
    public float[] Run(ReadOnlySpan<float> values)
    {
        float[] result = new float[OutputElementCount];
        RunInto(values, result);
        return result;
    }

    /// <summary>One sample through the network without an allocation on this side: the path for benchmarks.</summary>
    /// <param name="values"><see cref="InputElementCount"/> values, row-major.</param>
    /// <param name="result"><see cref="OutputElementCount"/> values, one output after the other.</param>
    public void RunInto(ReadOnlySpan<float> values, Span<float> result)
    {
        if (values.Length != input.Count || result.Length != OutputElementCount)
        {
            throw new EdgeSparseException(
                $"the ONNX model has {input.Count} inputs and {OutputElementCount} outputs, not {values.Length} and {result.Length}");
        }

        input.Write(values);
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

        int start = 0;
        foreach (OnnxRuntimeTensor output in outputs)
        {
            output.Read(result.Slice(start, output.Count));
            start += output.Count;
        }
    }

    float[] IContestant.Prepare(ReadOnlySpan<float> input) => input.ToArray();

    void IContestant.Run(ReadOnlySpan<float> prepared, Span<float> output) => RunInto(prepared, output);

    float[] IContestant.Finish(ReadOnlySpan<float> output) => output.ToArray();

    public void Dispose()
    {
        binding?.Dispose();
        input?.Dispose();
        foreach (OnnxRuntimeTensor output in outputs)
        {
            output.Dispose();
        }

        runOptions.Dispose();
        session.Dispose();
    }

    private static OnnxRuntimeTensor OnlyInput(IReadOnlyList<string> names, IReadOnlyDictionary<string, NodeMetadata> metadata)
    {
        if (names.Count != 1)
        {
            throw new EdgeSparseException($"the ONNX model has {names.Count} inputs; one is supported");
        }

        string name = names[0];
        TensorElementType type = OnnxRuntimeTensor.TypeOf("input", name, metadata[name]);
        long[] shape = [.. metadata[name].Dimensions.Select(d => (long)d)];
        for (int i = 0; i < shape.Length; i++)
        {
            if (shape[i] < 1 && i > 0)
            {
                throw new EdgeSparseException($"the input '{name}' of the ONNX model has an open dimension in place {i}; only the batch may be open");
            }

            shape[i] = Math.Max(shape[i], 1);
        }

        return shape.Length > 0 && shape[0] != 1
            ? throw new EdgeSparseException($"the input '{name}' of the ONNX model has a fixed batch of {shape[0]}; it must be 1 or open")
            : new OnnxRuntimeTensor(name, type, shape);
    }

    /// <summary>Runs once on zeros: only this tells the outputs' shapes for certain.</summary>
    private long[][] FirstRun() => Native("cannot run the ONNX model", () =>
    {
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(runOptions, [input.Name], [input.Value], session.OutputNames);
        return results.Select(r => r.GetTensorTypeAndShape().Shape).ToArray();
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
