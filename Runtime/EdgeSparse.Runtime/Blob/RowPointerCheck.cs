namespace EdgeSparse.Runtime.Blob;

/// <summary>Pointers of rows, or of blocks of rows, chunk by chunk: from 0, not descending, no row with more than it can have.</summary>
internal static unsafe class RowPointerCheck
{
    /// <returns>Entries of all rows: the last pointer.</returns>
    public static uint Check(BlobView blob, int i, WeightRecord* weight, int mostOfRow)
    {
        int rowBlocks = RowBlocks(weight);
        long parts = (long)weight->Chunks * rowBlocks;
        if (parts >= int.MaxValue)
        {
            throw WeightCheck.Wrong(blob, i, "its " + weight->Chunks + " chunks of " + rowBlocks + " rows have too many pointers");
        }

        WeightCheck.Require(blob, i, "Pointers", weight->DataPointers, weight->PointerBytes, (UInt128)(parts + 1) * sizeof(uint));
        uint* pointers = (uint*)(blob.Data + weight->DataPointers);
        if (pointers[0] != 0)
        {
            throw WeightCheck.Wrong(blob, i, "its first row pointer is " + pointers[0] + ", not 0");
        }

        for (long part = 0; part < parts; part++)
        {
            if (pointers[part + 1] < pointers[part] || pointers[part + 1] - pointers[part] > (uint)mostOfRow)
            {
                throw WeightCheck.Wrong(blob, i, "row " + (part % rowBlocks) + (part < rowBlocks ? "" : " of chunk " + (part / rowBlocks))
                    + " reaches from " + pointers[part] + " to " + pointers[part + 1] + ", which is backwards or more than " + mostOfRow);
            }
        }

        return pointers[parts];
    }

    /// <summary>Blocks of rows over all groups; rows where blocks are one row high.</summary>
    public static int RowBlocks(WeightRecord* weight)
    {
        long rows = weight->Format is WeightFormat.NofM ? 1 : Math.Max(weight->BlockRows, 1);
        return (int)(weight->Groups * (((weight->Rows / weight->Groups) + rows - 1) / rows));
    }
}
