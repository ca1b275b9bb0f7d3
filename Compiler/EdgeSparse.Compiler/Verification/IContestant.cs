namespace EdgeSparse.Compiler.Verification;

/// <summary>
/// One side of a benchmark: a runtime that holds a network of one input, ready to run at batch 1. What a call is
/// timed with is the same for all: copying the input to where the runtime wants it, running, and copying the output away.
/// Turning row-major NCHW into the runtime's own order is not timed.
/// </summary>
public interface IContestant : IDisposable
{
    /// <summary>What reports call it.</summary>
    string Name { get; }

    /// <summary>Threads that it computes on, the caller's included.</summary>
    int Threads { get; }

    /// <summary>An input in the order in which <see cref="Run"/> wants it.</summary>
    /// <param name="input">Row-major values; not kept.</param>
    float[] Prepare(ReadOnlySpan<float> input);

    /// <summary>The call that is timed.</summary>
    /// <param name="prepared">What <see cref="Prepare"/> gave.</param>
    /// <param name="output">Takes the values of all outputs, one output after the other, each in the runtime's own order.</param>
    void Run(ReadOnlySpan<float> prepared, Span<float> output);

    /// <summary>An output of <see cref="Run"/> in row-major order.</summary>
    float[] Finish(ReadOnlySpan<float> output);
}
