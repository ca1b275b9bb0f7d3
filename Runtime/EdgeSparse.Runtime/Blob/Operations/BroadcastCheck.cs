namespace EdgeSparse.Runtime.Blob;

/// <summary>
/// Binary and Select: operands of the same regions or a number a channel, or planar ones whose strides, none negative, stay inside
/// them.
/// </summary>
internal static unsafe class BroadcastCheck
{
    public static void CheckBinary(BlobView blob, int i, in ValueRecord x, in ValueRecord y)
    {
        OperationRecord* step = blob.Operations + i;
        ref readonly ValueRecord z = ref blob.Values[step->Input1];
        if (step->ParameterBytes != 0)
        {
            Dimensions(blob, i, in y, [step->Input0, step->Input1]);
            return;
        }

        LayoutCheck.RequireSameRegions(blob, i, in x, in y);
        if (!LayoutCheck.SameRegions(in z, in y) && !IsChannelVector(in z, in y))
        {
            throw OperationCheck.Wrong(blob, i, "its second input has " + LayoutCheck.Regions(in z) + " of " + z.Channels + "x" + z.Height + "x"
                + z.Width + ", neither those of its output nor one planar element for each of " + y.Channels + " channels");
        }
    }

    public static void CheckSelect(BlobView blob, int i, in ValueRecord y)
    {
        OperationRecord* step = blob.Operations + i;
        Dimensions(blob, i, in y, [step->Input0, step->Input1, step->Input2]);
    }

    /// <summary>Whether an operand is planar with one element for each channel of a value.</summary>
    public static bool IsChannelVector(in ValueRecord operand, in ValueRecord value) =>
        operand.Lanes == 1 && OperationCheck.PixelCount(in operand) == value.Channels;

    private static void Dimensions(BlobView blob, int i, in ValueRecord y, ReadOnlySpan<int> operands)
    {
        ParameterBlock block = ParameterBlock.Of(blob, i, 1);
        int rank = block.Rank(blob, i, 0);
        block.RequireCount(blob, i, 1 + ((1 + operands.Length) * rank));
        LayoutCheck.RequirePlanar(blob, i, "output", in y);
        ParameterBlock.RequireElements(blob, i, "output", in y, Elements(blob, i, block, 1, rank, 1 + operands.Length));
        for (int operand = 0; operand < operands.Length; operand++)
        {
            ref readonly ValueRecord value = ref blob.Values[operands[operand]];
            LayoutCheck.RequirePlanar(blob, i, "input", in value);
            RequireReach(blob, i, block, 1, rank, 1 + operands.Length, 1 + operand, in value, 1);
        }
    }

    /// <summary>The product of lengths, which are positive, of some dimensions of so many words each.</summary>
    public static Int128 Elements(BlobView blob, int i, ParameterBlock block, long first, int rank, int words)
    {
        long elements = 1;
        for (int d = 0; d < rank; d++)
        {
            elements *= block.Positive(blob, i, "length " + d, first + (d * (long)words));
            if (elements > ValueCheck.MostElements)
            {
                throw OperationCheck.Wrong(blob, i, "its dimensions have more than " + ValueCheck.MostElements + " elements");
            }
        }

        return elements;
    }

    /// <summary>That no stride is negative and blocks of elements at all places of the dimensions lie inside an operand.</summary>
    public static void RequireReach(
        BlobView blob, int i, ParameterBlock block, long first, int rank, int words, int strideWord, in ValueRecord value, Int128 elements)
    {
        Int128 end = elements;
        for (int d = 0; d < rank; d++)
        {
            int stride = block[first + (d * (long)words) + strideWord];
            if (stride < 0)
            {
                throw OperationCheck.Wrong(blob, i, "its stride " + stride + " in dimension " + d + " is negative");
            }

            end += (block[first + (d * (long)words)] - 1) * (Int128)stride;
        }

        if (end > OperationCheck.PixelCount(in value))
        {
            throw OperationCheck.Wrong(blob, i, "its strides reach element " + (end - 1) + " of " + OperationCheck.PixelCount(in value));
        }
    }
}
