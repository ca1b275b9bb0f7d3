using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Runtime;

/// <summary>The way of an input into the arena, or of an output out of it; both are planar.</summary>
internal unsafe struct Port
{
    private Planes planes;

    public readonly int Count => planes.Count;

    /// <summary>Whether a run leaves the input's elements as they were, so that the next run may use them again.</summary>
    public bool Survives { get; private init; }

    public bool IsSet { get; set; }

    public static Port[] All(BlobView blob, BindingKind kind, float* arena)
    {
        int first = 0;
        while (blob.Bindings[first].Kind != kind)
        {
            first++;
        }

        int end = first;
        while (end < blob.BindingCount && blob.Bindings[end].Kind == kind)
        {
            end++;
        }

        var ports = new Port[end - first];
        for (int i = 0; i < ports.Length; i++)
        {
            int value = blob.Bindings[first + i].Value;
            ports[i] = new Port
            {
                planes = PlanBuilder.Resolve(blob, value, arena),
                Survives = IsNeverOverwritten(blob, value),
            };
        }

        return ports;
    }

    public readonly void Write(ReadOnlySpan<float> values)
    {
        values.CopyTo(new Span<float>(planes.Slots, planes.Count));
    }

    public readonly void Read(Span<float> values)
    {
        new ReadOnlySpan<float>(planes.Slots, planes.Count).CopyTo(values);
    }

    /// <summary>Whether no step writes over a value.</summary>
    public static bool IsNeverOverwritten(BlobView blob, int value)
    {
        for (int i = 0; i < blob.OperationCount; i++)
        {
            if (LifetimeCheck.Overlap(in blob.Values[value], in blob.Values[blob.Operations[i].Output]))
            {
                return false;
            }
        }

        return true;
    }
}
