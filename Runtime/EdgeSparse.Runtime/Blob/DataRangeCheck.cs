namespace EdgeSparse.Runtime.Blob;

/// <summary>Ranges of the Data section: aligned, inside the section, of the expected length, disjoint.</summary>
internal static unsafe class DataRangeCheck
{
    /// <summary>What is wrong with a range, or null.</summary>
    public static string? Fault(BlobView blob, string name, ulong offset, ulong bytes, UInt128 expectedBytes)
    {
        if (bytes != expectedBytes)
        {
            return name + " has " + bytes + " bytes, but needs " + expectedBytes;
        }

        return offset % BlobConstants.Alignment != 0 || offset > blob.DataBytes || bytes > blob.DataBytes - offset
            ? name + ", " + bytes + " bytes at " + offset + ", is not aligned to 64 or not inside the section Data"
            : null;
    }

    /// <summary>Whether a range that a record has no use for is absent.</summary>
    public static bool IsAbsent(ulong offset, ulong bytes) => offset == 0 && bytes == 0;

    /// <summary>All ranges of weights, bindings and operations, which have been checked one by one, share no byte.</summary>
    public static void CheckDisjoint(BlobView blob)
    {
        const int weightRanges = 6;
        const int bindingRanges = 2;
        int count = 0;
        ulong[] starts = new ulong[(blob.WeightCount * weightRanges) + (blob.BindingCount * bindingRanges) + blob.OperationCount];
        ulong[] ends = new ulong[starts.Length];
        void Take(ulong offset, ulong bytes)
        {
            if (bytes > 0)
            {
                starts[count] = offset;
                ends[count++] = offset + bytes;
            }
        }

        for (int i = 0; i < blob.WeightCount; i++)
        {
            WeightRecord* weight = blob.Weights + i;
            Take(weight->DataValues, weight->ValueBytes);
            Take(weight->DataIndices, weight->IndexBytes);
            Take(weight->DataPointers, weight->PointerBytes);
            Take(weight->DataBias, weight->BiasBytes);
            Take(weight->DataRowMap, weight->RowMapBytes);
            Take(weight->DataWindows, weight->WindowBytes);
        }

        for (int i = 0; i < blob.BindingCount; i++)
        {
            BindingRecord* binding = blob.Bindings + i;
            Take(binding->DataMean, (ulong)binding->ScalingChannels * sizeof(float));
            Take(binding->DataStd, (ulong)binding->ScalingChannels * sizeof(float));
        }

        for (int i = 0; i < blob.OperationCount; i++)
        {
            Take(blob.Operations[i].DataParameters, blob.Operations[i].ParameterBytes);
        }

        Array.Sort(starts, ends, 0, count);
        for (int i = 1; i < count; i++)
        {
            if (starts[i] < ends[i - 1])
            {
                throw new BlobFormatException("the section Data is wrong: the ranges at " + starts[i - 1] + " and " + starts[i] + " overlap");
            }
        }
    }
}
