namespace EdgeSparse.Runtime.Blob;

/// <summary>The parameters of an operation as int32 words, whose range has been checked; what the words say has not.</summary>
/// <param name="Words">The first word.</param>
/// <param name="Count">Words of the block.</param>
internal readonly unsafe record struct ParameterBlock(nint Words, long Count)
{
    public int this[long index] => ((int*)Words)[index];

    /// <summary>As fp32.</summary>
    public float Single(long index) => ((float*)Words)[index];

    /// <summary>The block of an operation, which has at least so many words.</summary>
    public static ParameterBlock Of(BlobView blob, int i, long least)
    {
        OperationRecord* step = blob.Operations + i;
        if (DataRangeCheck.Fault(blob, "Parameters", step->DataParameters, step->ParameterBytes, step->ParameterBytes) is { } fault)
        {
            throw OperationCheck.Wrong(blob, i, fault);
        }

        long count = (long)(step->ParameterBytes / sizeof(int));
        if (step->ParameterBytes % sizeof(int) != 0 || count < least)
        {
            throw OperationCheck.Wrong(blob, i, "Parameters has " + step->ParameterBytes + " bytes; its kind needs at least " + (least * sizeof(int))
                + ", and a multiple of 4");
        }

        return new ParameterBlock((nint)(blob.Data + step->DataParameters), count);
    }

    /// <summary>The block of an operation that has exactly so many words.</summary>
    public static ParameterBlock OfExactly(BlobView blob, int i, long count)
    {
        ParameterBlock block = Of(blob, i, count);
        block.RequireCount(blob, i, count);
        return block;
    }

    public void RequireCount(BlobView blob, int i, Int128 count)
    {
        if (Count != count)
        {
            throw OperationCheck.Wrong(blob, i, "Parameters has " + (Count * sizeof(int)) + " bytes, but needs " + (count * sizeof(int)));
        }
    }

    /// <summary>A rank from 0 to 8.</summary>
    public int Rank(BlobView blob, int i, long index)
    {
        int rank = this[index];
        return rank is >= 0 and <= BlobConstants.MostDimensions
            ? rank
            : throw OperationCheck.Wrong(blob, i, "its rank is " + rank + "; 0 to " + BlobConstants.MostDimensions + " are allowed");
    }

    /// <summary>A number of at least one.</summary>
    public int Positive(BlobView blob, int i, string name, long index)
    {
        int value = this[index];
        return value > 0 ? value : throw OperationCheck.Wrong(blob, i, "its " + name + " is " + value + ", which is not positive");
    }

    /// <summary>That a number of elements is that of an operand's pixels.</summary>
    public static void RequireElements(BlobView blob, int i, string operand, in ValueRecord value, Int128 elements)
    {
        if (OperationCheck.PixelCount(in value) != elements)
        {
            throw OperationCheck.Wrong(
                blob, i, "its " + operand + " has " + OperationCheck.PixelCount(in value) + " pixels, but its parameters say " + elements);
        }
    }
}
