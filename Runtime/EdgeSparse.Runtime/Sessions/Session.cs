using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Threading;

namespace EdgeSparse.Runtime;

/// <summary>
/// Runs a model in an arena of its own. One thread at a time may use a session; threads that run the same model at once have a
/// session each. A run allocates no managed memory.
/// </summary>
public sealed unsafe class Session : IInferenceSession
{
    private readonly Model model;
    private readonly NativeArena memory = new();
    private readonly PlanRunner plan;
    private readonly Port[] inputs;
    private readonly Port[] outputs;
    private int inputsMissing;
    private bool hasRun;
    private bool disposed;
    private float[] staging = [];

    /// <param name="model">A model whose blob this session holds a reference of.</param>
    /// <param name="arena">Memory of the caller's for the arena, or null.</param>
    /// <param name="threads">Threads of a run, the calling one included.</param>
    internal Session(Model model, float* arena, int threads)
    {
        this.model = model;
        Threads = threads;
        BlobView blob = model.View;
        try
        {
            if (arena == null)
            {
                arena = (float*)memory.Allocate(model.ArenaBytes);
            }

            Step* steps = PlanBuilder.Build(model, arena, memory, threads, out int stepCount);
            plan = new PlanRunner(steps, stepCount, threads, memory);
        }
        catch
        {
            // The model takes its reference back; the finalizer must not do so again.
            disposed = true;
            memory.Dispose();
            throw;
        }

        inputs = Port.All(blob, BindingKind.Input, arena);
        outputs = Port.All(blob, BindingKind.Output, arena);
        inputsMissing = inputs.Length;
    }

    ~Session()
    {
        if (!disposed)
        {
            // The arena and the threads have finalizers of their own; the reference to the blob has not.
            model.View.Memory.Release();
        }
    }

    /// <summary>Bytes of activation memory.</summary>
    public long ArenaBytes => model.ArenaBytes;

    /// <summary>Threads of a run, the calling one included.</summary>
    public int Threads { get; }

    /// <summary>The session's threads.</summary>
    internal WorkerPool Pool => plan.Pool;

    /// <summary>Runs a network of one input and one output.</summary>
    /// <param name="input">The input in row-major order.</param>
    /// <param name="output">Takes the output in row-major order.</param>
    /// <exception cref="InputShapeException">A length is not that of the input or output, or the network has several.</exception>
    /// <exception cref="EdgeSparseException">An index that the network computes, or is given, is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public void Run(ReadOnlySpan<float> input, Span<float> output)
    {
        if (disposed || inputs.Length != 1 || outputs.Length != 1 || input.Length != inputs[0].Count || output.Length != outputs[0].Count)
        {
            ThrowForRun(input.Length, output.Length);
        }

        RunOnce(input, output, null);
    }

    /// <summary>As <see cref="Run(ReadOnlySpan{float}, Span{float})"/>, and takes the time of each layer.</summary>
    /// <param name="input">The input in row-major order.</param>
    /// <param name="output">Takes the output in row-major order.</param>
    /// <param name="stepTicks">
    /// <see cref="System.Diagnostics.Stopwatch"/> ticks, an element for each of <see cref="Model.Layers"/>: what a layer took is
    /// added to its element. Copying the input and the output counts for no layer.
    /// </param>
    /// <exception cref="InputShapeException">
    /// A length is not that of the input, the output or the layers, or the network has several inputs or outputs.
    /// </exception>
    /// <exception cref="EdgeSparseException">An index that the network computes, or is given, is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public void RunTimed(ReadOnlySpan<float> input, Span<float> output, Span<long> stepTicks)
    {
        if (disposed || inputs.Length != 1 || outputs.Length != 1 || input.Length != inputs[0].Count || output.Length != outputs[0].Count)
        {
            ThrowForRun(input.Length, output.Length);
        }

        RequirePlaces(stepTicks.Length);
        fixed (long* ticks = stepTicks)
        {
            RunOnce(input, output, ticks);
        }
    }

    /// <summary>Runs a network of one input and one output.</summary>
    /// <param name="input">A tensor of the input's shape, in any strides.</param>
    /// <param name="output">A tensor of the output's shape, in any strides.</param>
    /// <exception cref="InputShapeException">A shape is not that of the input or output, or the network has several.</exception>
    /// <exception cref="EdgeSparseException">An index that the network computes, or is given, is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public void Run(ReadOnlyTensorSpan<float> input, TensorSpan<float> output)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (inputs.Length != 1 || outputs.Length != 1)
        {
            throw SeveralPorts();
        }

        RequireShape(model.Inputs[0], "input", input.Lengths);
        RequireShape(model.Outputs[0], "output", output.Lengths);
        int inputCount = inputs[0].Count;
        int outputCount = outputs[0].Count;
        if (!(input.IsDense && output.IsDense) && staging.Length < inputCount + outputCount)
        {
            // Tensors with strides pass through memory that the first such run makes and later ones use again.
            staging = new float[inputCount + outputCount];
        }

        ReadOnlySpan<float> from;
        if (input.IsDense)
        {
            from = MemoryMarshal.CreateReadOnlySpan(in input.GetPinnableReference(), inputCount);
        }
        else
        {
            input.FlattenTo(staging);
            from = staging.AsSpan(0, inputCount);
        }

        if (output.IsDense)
        {
            Run(from, MemoryMarshal.CreateSpan(ref output.GetPinnableReference(), outputCount));
        }
        else
        {
            Span<float> to = staging.AsSpan(inputCount, outputCount);
            Run(from, to);
            new ReadOnlyTensorSpan<float>(to, output.Lengths).CopyTo(output);
        }
    }

    /// <summary>Sets one input; <see cref="Run()"/> needs all of them.</summary>
    /// <param name="index">Its place in <see cref="Model.Inputs"/>.</param>
    /// <param name="values">Its elements in row-major order.</param>
    /// <exception cref="InputShapeException">The number of elements is not the input's.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such input.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public void SetInput(int index, ReadOnlySpan<float> values)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, inputs.Length);
        ref Port port = ref inputs[index];
        if (values.Length != port.Count)
        {
            throw WrongCount(model.Inputs[index], "input", values.Length);
        }

        port.Write(values);
        if (!port.IsSet)
        {
            port.IsSet = true;
            inputsMissing--;
        }

        GC.KeepAlive(this);
    }

    /// <summary>Runs the network on the inputs that have been set.</summary>
    /// <exception cref="InvalidOperationException">
    /// An input has not been set, or the last run has used its memory for something else.
    /// </exception>
    /// <exception cref="EdgeSparseException">An index that the network computes, or is given, is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public void Run()
    {
        RequireInputs();
        Execute(null);
        EndRun();
    }

    /// <summary>As <see cref="Run()"/>, and takes the time of each layer.</summary>
    /// <param name="stepTicks">
    /// <see cref="System.Diagnostics.Stopwatch"/> ticks, an element for each of <see cref="Model.Layers"/>: what a layer took is
    /// added to its element.
    /// </param>
    /// <exception cref="InputShapeException">The number of elements is not that of the layers.</exception>
    /// <exception cref="InvalidOperationException">As for <see cref="Run()"/>.</exception>
    /// <exception cref="EdgeSparseException">An index that the network computes, or is given, is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public void RunTimed(Span<long> stepTicks)
    {
        RequireInputs();
        RequirePlaces(stepTicks.Length);
        fixed (long* ticks = stepTicks)
        {
            Execute(ticks);
        }

        EndRun();
    }

    /// <summary>Copies one output of the last run.</summary>
    /// <param name="index">Its place in <see cref="Model.Outputs"/>.</param>
    /// <param name="values">Takes its elements in row-major order.</param>
    /// <exception cref="InputShapeException">The number of elements is not the output's.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such output.</exception>
    /// <exception cref="InvalidOperationException">Nothing has been run yet.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    public void GetOutput(int index, Span<float> values)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, outputs.Length);
        if (!hasRun)
        {
            throw new InvalidOperationException("there is no output before the first run");
        }

        if (values.Length != outputs[index].Count)
        {
            throw WrongCount(model.Outputs[index], "output", values.Length);
        }

        outputs[index].Read(values);
        GC.KeepAlive(this);
    }

    /// <summary>Ends the session's threads and frees the arena.</summary>
    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            plan.Dispose();
            memory.Dispose();
            model.View.Memory.Release();
            GC.SuppressFinalize(this);
        }
    }

    private static InputShapeException WrongCount(TensorInfo tensor, string what, int actual) =>
        new("the " + what + " '" + tensor.Name + "' has " + tensor.ElementCount + " elements (" + ShapeText(tensor) + "), but "
            + actual + " were given");

    /// <summary>The shape for messages, for example <c>1×1×28×28</c>.</summary>
    private static string ShapeText(TensorInfo tensor)
    {
        string text = "";
        foreach (int dimension in tensor.Shape)
        {
            text = text.Length == 0 ? dimension.ToString() : text + "×" + dimension;
        }

        return text;
    }

    private static void RequireShape(TensorInfo tensor, string what, ReadOnlySpan<nint> lengths)
    {
        bool equal = lengths.Length == tensor.Shape.Length;
        for (int i = 0; equal && i < lengths.Length; i++)
        {
            equal = lengths[i] == tensor.Shape[i];
        }

        if (!equal)
        {
            string actual = "";
            foreach (nint length in lengths)
            {
                actual = actual.Length == 0 ? length.ToString() : actual + "×" + length;
            }

            throw new InputShapeException(
                "the " + what + " '" + tensor.Name + "' has the shape " + ShapeText(tensor) + ", but " + actual + " was given");
        }
    }

    private void RequireInputs()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (inputsMissing != 0)
        {
            throw new InvalidOperationException("not every input has been set since the last run; set each before Run");
        }
    }

    private void RequirePlaces(int count)
    {
        if (count != model.Kernels.Length)
        {
            throw new InputShapeException(
                "the network has " + model.Kernels.Length + " layers, but " + count + " places for their times were given");
        }
    }

    /// <summary>Inputs whose memory the run has used must be set again.</summary>
    private void EndRun()
    {
        for (int i = 0; i < inputs.Length; i++)
        {
            if (!inputs[i].Survives)
            {
                inputs[i].IsSet = false;
                inputsMissing++;
            }
        }

        RequireSuccess();
        GC.KeepAlive(this);
    }

    private void RunOnce(ReadOnlySpan<float> input, Span<float> output, long* layerTicks)
    {
        inputs[0].Write(input);
        Execute(layerTicks);
        inputs[0].IsSet = inputs[0].Survives;
        inputsMissing = inputs[0].IsSet ? 0 : 1;
        RequireSuccess();
        outputs[0].Read(output);
        GC.KeepAlive(this);
    }

    private void Execute(long* layerTicks)
    {
        plan.Run(layerTicks);
        hasRun = true;
    }

    private void RequireSuccess()
    {
        Step* failed = plan.TakeFailure();
        if (failed != null)
        {
            hasRun = false;
            throw new EdgeSparseException(
                "layer '" + model.Layers[failed->Layer].Name + "' (Gather) was given the index " + failed->WrongIndex + " into " + failed->Length
                + " elements");
        }
    }

    private InputShapeException SeveralPorts() => new(
        "the network has " + inputs.Length + " inputs and " + outputs.Length + " outputs; use SetInput, Run and GetOutput");

    private void ThrowForRun(int inputLength, int outputLength)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (inputs.Length != 1 || outputs.Length != 1)
        {
            throw SeveralPorts();
        }

        throw inputLength != inputs[0].Count
            ? WrongCount(model.Inputs[0], "input", inputLength)
            : WrongCount(model.Outputs[0], "output", outputLength);
    }
}
