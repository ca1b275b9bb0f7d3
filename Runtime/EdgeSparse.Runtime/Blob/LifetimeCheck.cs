namespace EdgeSparse.Runtime.Blob;

/// <summary>
/// Follows the arena through the plan: every value is written before it is read and not overwritten in between, and no step
/// writes over its own inputs, except in place, slot by slot.
/// </summary>
internal static unsafe class LifetimeCheck
{
    public static void Check(BlobView blob)
    {
        bool[] alive = new bool[blob.ValueCount];
        for (int i = 0; i < blob.BindingCount && blob.Bindings[i].Kind == BindingKind.Input; i++)
        {
            int value = blob.Bindings[i].Value;
            for (int other = 0; other < blob.ValueCount; other++)
            {
                if (alive[other] && Overlap(in blob.Values[other], in blob.Values[value]))
                {
                    throw BindingCheck.Wrong(blob, i, "its value shares memory with another input's");
                }
            }

            alive[value] = true;
        }

        for (int i = 0; i < blob.OperationCount; i++)
        {
            OperationRecord* step = blob.Operations + i;
            RequireAlive(blob, i, alive, step->Input0);
            CheckOverlap(
                blob, i, step, step->Input0,
                inPlace: step->Kind is OperationKind.Activate or OperationKind.Add or OperationKind.ChannelAffine);
            if (step->Input1 >= 0)
            {
                RequireAlive(blob, i, alive, step->Input1);
                CheckOverlap(blob, i, step, step->Input1, inPlace: true);
            }

            for (int other = 0; other < blob.ValueCount; other++)
            {
                if (alive[other] && Overlap(in blob.Values[other], in blob.Values[step->Output]))
                {
                    alive[other] = false;
                }
            }

            alive[step->Output] = true;
        }

        for (int i = 0; i < blob.BindingCount; i++)
        {
            if (blob.Bindings[i].Kind == BindingKind.Output && !alive[blob.Bindings[i].Value])
            {
                throw BindingCheck.Wrong(blob, i, "no step has written its value, or a later one has overwritten it");
            }
        }
    }

    /// <summary>Whether two values share bytes of the arena.</summary>
    public static bool Overlap(in ValueRecord a, in ValueRecord b) =>
        a.ArenaOffset < b.ArenaOffset + (b.Elements * sizeof(float)) && b.ArenaOffset < a.ArenaOffset + (a.Elements * sizeof(float));

    /// <summary>Whether two values have their slots at the same places of the arena.</summary>
    public static bool SamePlaces(in ValueRecord a, in ValueRecord b) =>
        a.ArenaOffset == b.ArenaOffset && LayoutCheck.SameRegions(in a, in b)
        && a.Origin == b.Origin && a.RowStride == b.RowStride && a.ChannelStride == b.ChannelStride
        && a.HaloTop == b.HaloTop && a.HaloLeft == b.HaloLeft && a.HaloBottom == b.HaloBottom && a.HaloRight == b.HaloRight;

    private static void RequireAlive(BlobView blob, int i, bool[] alive, int value)
    {
        if (!alive[value])
        {
            throw OperationCheck.Wrong(blob, i, "it reads value " + value
                + ", which no earlier step has written or a later one has overwritten");
        }
    }

    private static void CheckOverlap(BlobView blob, int i, OperationRecord* step, int input, bool inPlace)
    {
        ref readonly ValueRecord x = ref blob.Values[input];
        ref readonly ValueRecord y = ref blob.Values[step->Output];
        if (Overlap(in x, in y) && !(inPlace && SamePlaces(in x, in y)))
        {
            throw OperationCheck.Wrong(blob, i, "its output shares memory with its input " + input);
        }
    }
}
