namespace EdgeSparse.Runtime.Blob;

/// <summary>
/// Follows the arena through the plan: every value is written before it is read and not overwritten in between, no step writes
/// over its own inputs, except in place, slot by slot, and none over a constant.
/// </summary>
internal static unsafe class LifetimeCheck
{
    public static void Check(BlobView blob)
    {
        bool[] alive = new bool[blob.ValueCount];
        bool[] constant = new bool[blob.ValueCount];
        bool[] written = new bool[blob.ValueCount];
        CheckInputs(blob, alive);
        CheckConstants(blob, alive, constant);
        for (int i = 0; i < blob.OperationCount; i++)
        {
            OperationRecord* step = blob.Operations + i;
            if (step->Kind == OperationKind.Constant)
            {
                continue;
            }

            ReadOnlySpan<int> inputs = [step->Input0, step->Input1, step->Input2];
            for (int input = 0; input < inputs.Length && inputs[input] >= 0; input++)
            {
                RequireAlive(blob, i, alive, inputs[input]);
                CheckOverlap(blob, i, step, inputs[input], MayWriteOver(step, input));
            }

            if (step->Kind is OperationKind.Rearrange or OperationKind.Channels && written[step->Output] && !alive[step->Output])
            {
                throw OperationCheck.Wrong(blob, i, "it writes a part of value " + step->Output + ", of which a part has been overwritten");
            }

            for (int other = 0; other < blob.ValueCount; other++)
            {
                if (!alive[other] || !Overlap(in blob.Values[other], in blob.Values[step->Output]))
                {
                    continue;
                }

                if (constant[other])
                {
                    throw OperationCheck.Wrong(blob, i, "its output shares memory with the constant value " + other);
                }

                alive[other] = false;
            }

            alive[step->Output] = true;
            written[step->Output] = true;
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

    private static void CheckInputs(BlobView blob, bool[] alive)
    {
        for (int i = 0; i < blob.BindingCount && blob.Bindings[i].Kind == BindingKind.Input; i++)
        {
            int value = blob.Bindings[i].Value;
            if (SharesMemory(blob, alive, value))
            {
                throw BindingCheck.Wrong(blob, i, "its value shares memory with another input's");
            }

            alive[value] = true;
        }
    }

    /// <summary>Constants are written when a session is made, before all inputs, and stay for all runs.</summary>
    private static void CheckConstants(BlobView blob, bool[] alive, bool[] constant)
    {
        for (int i = 0; i < blob.OperationCount; i++)
        {
            int value = blob.Operations[i].Output;
            if (blob.Operations[i].Kind == OperationKind.Constant)
            {
                if (SharesMemory(blob, alive, value))
                {
                    throw OperationCheck.Wrong(blob, i, "its output shares memory with an input or another constant");
                }

                alive[value] = constant[value] = true;
            }
        }
    }

    private static bool SharesMemory(BlobView blob, bool[] alive, int value)
    {
        for (int other = 0; other < blob.ValueCount; other++)
        {
            if (alive[other] && Overlap(in blob.Values[other], in blob.Values[value]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a kind reads each element of an operand before it writes the same place, and no other.</summary>
    private static bool MayWriteOver(OperationRecord* step, int input) => step->Kind switch
    {
        OperationKind.Activate or OperationKind.ChannelAffine => input == 0,
        OperationKind.Add => true,
        OperationKind.Binary => step->ParameterBytes == 0,
        OperationKind.Linear or OperationKind.Conv2d => input == 1,
        _ => false,
    };

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
