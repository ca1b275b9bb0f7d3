using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Offload;

/// <summary>Where an input or output of the network lies in a sample's arena.</summary>
internal sealed class DevicePort
{
    private readonly TensorInfo tensor;

    private unsafe DevicePort(BlobView blob, BindingRecord* binding, TensorInfo tensor)
    {
        this.tensor = tensor;
        Start = DevicePlanes.Of(in blob.Values[binding->Value]).Slots;
        Survives = Port.IsNeverOverwritten(blob, binding->Value);
    }

    /// <summary>Elements from the arena's start.</summary>
    public int Start { get; }

    /// <summary>Elements of one sample.</summary>
    public int Count => tensor.ElementCount;

    /// <summary>Whether a run leaves an input's elements as they were, so that the next run may use them again.</summary>
    public bool Survives { get; }

    public bool IsSet { get; set; }

    /// <exception cref="InputShapeException">The number of elements is not that of so many samples.</exception>
    public void Require(int elements, int batch, string what)
    {
        if (elements != (long)Count * batch)
        {
            throw new InputShapeException("the " + what + " '" + tensor.Name + "' has " + Count + " elements a sample, " + ((long)Count * batch)
                + " for a batch of " + batch + ", but " + elements + " were given");
        }
    }

    public static unsafe DevicePort[] All(Model model, BindingKind kind, IReadOnlyList<TensorInfo> tensors)
    {
        var ports = new DevicePort[tensors.Count];
        int count = 0;
        for (int i = 0; i < model.View.BindingCount; i++)
        {
            BindingRecord* binding = model.View.Bindings + i;
            if (binding->Kind == kind)
            {
                ports[count] = new DevicePort(model.View, binding, tensors[count]);
                count++;
            }
        }

        return ports;
    }
}
