using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Cuda;

namespace EdgeSparse.Firmware;

/// <summary>Runs a model on a GPU until that fails, from then on on the CPU, beginning with the run that failed.</summary>
/// <param name="gpu">A session on the GPU, which this one disposes of.</param>
/// <param name="model">The model, which outlives this session.</param>
/// <param name="options">For the session on the CPU.</param>
internal sealed class EitherSession(IInferenceSession gpu, Model model, SessionOptions options) : IInferenceSession
{
    /// <summary>What was last set, for the run to be done again.</summary>
    private readonly float[]?[] inputs = new float[]?[model.Inputs.Count];
    private bool isOnCpu;

    public IInferenceSession Current { get; private set; } = gpu;

    /// <summary>Says that and why the CPU takes over.</summary>
    public static void Tell(EdgeSparseException error) => StandardStream.Error.Write($"note: the model runs on the CPU: {error.Message}\n");

    public void SetInput(int index, ReadOnlySpan<float> values)
    {
        Current.SetInput(index, values);
        if (!isOnCpu)
        {
            inputs[index] ??= new float[values.Length];
            values.CopyTo(inputs[index]);
        }
    }

    public void Run()
    {
        if (isOnCpu)
        {
            Current.Run();
            return;
        }

        try
        {
            Current.Run();
        }
        catch (CudaException error)
        {
            Tell(error);
            Current.Dispose();
            Current = model.CreateSession(options);
            isOnCpu = true;
            for (int i = 0; i < inputs.Length; i++)
            {
                if (inputs[i] is { } values)
                {
                    Current.SetInput(i, values);
                }
            }

            Current.Run();
        }
    }

    public void GetOutput(int index, Span<float> values) => Current.GetOutput(index, values);

    public void Dispose() => Current.Dispose();
}
