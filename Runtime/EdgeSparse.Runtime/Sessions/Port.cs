using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Runtime;

/// <summary>The way of an input into the arena, or of an output out of it.</summary>
internal unsafe struct Port
{
    private Planes planes;
    private bool clearsBorder;

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
                clearsBorder = PlanBuilder.NeedsClearedBorder(blob, value),
                Survives = IsNeverOverwritten(blob, value),
            };
        }

        return ports;
    }

    public readonly void Write(ReadOnlySpan<float> values)
    {
        if (clearsBorder)
        {
            Relayout.ClearBorder(in planes);
        }

        fixed (float* from = values)
        {
            Relayout.Copy(Packed(from), in planes);
        }
    }

    public readonly void Read(Span<float> values)
    {
        fixed (float* to = values)
        {
            Relayout.Copy(in planes, Packed(to));
        }
    }

    private static bool IsNeverOverwritten(BlobView blob, int value)
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

    /// <summary>The caller's memory as planes of this port's shape.</summary>
    private readonly Planes Packed(float* pixels)
    {
        Planes packed = planes;
        packed.Start = pixels;
        packed.Pixels = pixels;
        packed.RowStride = planes.Width;
        packed.PlaneStride = planes.Height * planes.Width;
        packed.Contiguous = 1;
        return packed;
    }
}
