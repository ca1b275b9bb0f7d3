using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Offload;

/// <summary>Inputs and outputs of a network on a device, and what a session asks of those who use them.</summary>
internal sealed class DevicePorts(Model model, int batch)
{
    public DevicePort[] Inputs { get; } = DevicePort.All(model, BindingKind.Input, model.Inputs);

    public DevicePort[] Outputs { get; } = DevicePort.All(model, BindingKind.Output, model.Outputs);

    /// <summary>An input that so many elements are given for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none of that index.</exception>
    /// <exception cref="InputShapeException">The number of elements is not the batch's.</exception>
    public DevicePort Input(int index, int elements) => At(Inputs, index, elements, "input");

    /// <summary>An output that so many elements are asked of.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none of that index.</exception>
    /// <exception cref="InputShapeException">The number of elements is not the batch's.</exception>
    public DevicePort Output(int index, int elements) => At(Outputs, index, elements, "output");

    /// <exception cref="InputShapeException">The network has several inputs or outputs.</exception>
    public void RequireOneOfEach()
    {
        if (Inputs.Length != 1 || Outputs.Length != 1)
        {
            throw new InputShapeException(
                "the network has " + Inputs.Length + " inputs and " + Outputs.Length + " outputs; use SetInput, Run and GetOutput");
        }
    }

    /// <exception cref="InvalidOperationException">An input is not set.</exception>
    public void RequireInputs()
    {
        foreach (DevicePort input in Inputs)
        {
            if (!input.IsSet)
            {
                throw new InvalidOperationException("not every input has been set since the last run; set each before Run");
            }
        }
    }

    /// <exception cref="InvalidOperationException">Nothing has been run, or the last run failed.</exception>
    public static void RequireRun(bool hasRun)
    {
        if (!hasRun)
        {
            throw new InvalidOperationException("there is no output before the first run");
        }
    }

    private DevicePort At(DevicePort[] ports, int index, int elements, string what)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, ports.Length);
        ports[index].Require(elements, batch, what);
        return ports[index];
    }
}
