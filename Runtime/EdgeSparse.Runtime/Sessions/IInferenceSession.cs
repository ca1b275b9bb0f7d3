namespace EdgeSparse.Runtime;

/// <summary>
/// Runs a model for one sample at a time, wherever: a <see cref="Session"/> on the CPU, others on accelerators. One thread at a time
/// may use it.
/// </summary>
public interface IInferenceSession : IDisposable
{
    /// <summary>Sets one input; <see cref="Run"/> needs all of them.</summary>
    /// <param name="index">Its place in <see cref="Model.Inputs"/>.</param>
    /// <param name="values">Its elements in row-major order.</param>
    /// <exception cref="InputShapeException">The number of elements is not the input's.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such input.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    void SetInput(int index, ReadOnlySpan<float> values);

    /// <summary>Runs the network on the inputs that have been set.</summary>
    /// <exception cref="InvalidOperationException">An input has not been set, or must be set anew for each run.</exception>
    /// <exception cref="EdgeSparseException">The network was given an index that is out of range, or an accelerator failed.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    void Run();

    /// <summary>Copies one output of the last run.</summary>
    /// <param name="index">Its place in <see cref="Model.Outputs"/>.</param>
    /// <param name="values">Takes its elements in row-major order.</param>
    /// <exception cref="InputShapeException">The number of elements is not the output's.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such output.</exception>
    /// <exception cref="InvalidOperationException">Nothing has been run yet.</exception>
    /// <exception cref="ObjectDisposedException">The session has been disposed.</exception>
    void GetOutput(int index, Span<float> values);
}
