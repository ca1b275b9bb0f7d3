using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Offload;

/// <summary>
/// Which poolings write the layout that the operation after them would copy their output to, so that the copy needs no kernel. The arena
/// was planned for both: where the copy lies in the pooling's input, it gets memory of its own behind the arena.
/// </summary>
internal sealed unsafe class LayoutJoins
{
    private const int Alignment = 16;

    private readonly BlobView blob;
    private readonly bool[] joined;

    /// <summary>For each value by how many elements it lies elsewhere than the blob has it.</summary>
    private readonly long[] moved;

    /// <param name="blob">The network.</param>
    /// <param name="areAllowed">Otherwise every operation has its own kernel, and every value lies where the blob has it.</param>
    public LayoutJoins(BlobView blob, bool areAllowed)
    {
        this.blob = blob;
        joined = new bool[blob.OperationCount];
        moved = new long[blob.ValueCount];
        ArenaElements = (long)blob.Header->ArenaBytes / sizeof(float);
        for (int i = 0; areAllowed && i + 1 < blob.OperationCount; i++)
        {
            joined[i] = IsJoined(i);
        }
    }

    /// <summary>Elements of a sample's arena with the values that have memory of their own.</summary>
    public long ArenaElements { get; private set; }

    /// <summary>Whether an operation, a pooling, also does what the next one would.</summary>
    public bool IsWithNext(int operation) => joined[operation];

    /// <summary>Whether an operation is done by the one before it.</summary>
    public bool IsWithPrevious(int operation) => operation > 0 && joined[operation - 1];

    /// <summary>Where a value lies.</summary>
    public DevicePlanes PlanesOf(int value)
    {
        DevicePlanes planes = DevicePlanes.Of(in blob.Values[value]);
        planes.Start += (int)moved[value];
        planes.Slots += (int)moved[value];
        return planes;
    }

    private bool IsJoined(int i)
    {
        OperationRecord* pool = blob.Operations + i;
        OperationRecord* copy = pool + 1;
        if (pool->Kind is not (OperationKind.MaxPool or OperationKind.AveragePool) || copy->Kind != OperationKind.Relayout || copy->Input0 != pool->Output
            || blob.Values[pool->Output].Lanes == 1 || IsNeededElsewhere(pool->Output, i + 1))
        {
            return false;
        }

        ref readonly ValueRecord target = ref blob.Values[copy->Output];
        ref readonly ValueRecord source = ref blob.Values[pool->Input0];
        long start = target.ArenaOffset / sizeof(float);
        long sourceStart = source.ArenaOffset / sizeof(float);
        if (start < sourceStart + source.Elements && sourceStart < start + target.Elements)
        {
            if (IsBound(copy->Output))
            {
                return false;
            }

            moved[copy->Output] = ArenaElements - start;
            ArenaElements += (target.Elements + Alignment - 1) & -Alignment;
        }

        return true;
    }

    /// <summary>Whether anything but one operation reads a value.</summary>
    private bool IsNeededElsewhere(int value, int reader)
    {
        for (int i = 0; i < blob.OperationCount; i++)
        {
            OperationRecord* operation = blob.Operations + i;
            if (i != reader && (operation->Input0 == value || operation->Input1 == value || operation->Input2 == value))
            {
                return true;
            }
        }

        return IsBound(value);
    }

    private bool IsBound(int value)
    {
        for (int i = 0; i < blob.BindingCount; i++)
        {
            if (blob.Bindings[i].Value == value)
            {
                return true;
            }
        }

        return false;
    }
}
