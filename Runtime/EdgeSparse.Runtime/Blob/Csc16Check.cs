namespace EdgeSparse.Runtime.Blob;

/// <summary>CSC in bands of rows: the pointers of the columns of each band, and rows that ascend within a column and lie in the band.</summary>
internal static unsafe class Csc16Check
{
    private const int MostRowsOfBand = 65536;

    /// <returns>None: the indices are rows, and checked here.</returns>
    public static WeightIndices Check(BlobView blob, int i, WeightRecord* weight)
    {
        int height = weight->BlockRows;
        if (height is < 1 or > MostRowsOfBand || weight->Groups != 1)
        {
            throw WeightCheck.Wrong(
                blob, i, "it has bands of " + height + " rows and " + weight->Groups + " groups; 1 to 65536 and 1 are allowed");
        }

        int bands = RowPointerCheck.RowBlocks(weight);
        long parts = (long)bands * weight->Columns;
        WeightCheck.Require(blob, i, "Pointers", weight->DataPointers, weight->PointerBytes, (UInt128)(parts + 1) * sizeof(uint));
        uint* pointers = (uint*)(blob.Data + weight->DataPointers);
        uint count = pointers[parts];
        if (pointers[0] != 0 || weight->NonZeros != count)
        {
            throw WeightCheck.Wrong(blob, i, "its first column pointer is " + pointers[0] + ", its last one " + count
                + "; they must be 0 and its NonZeros, " + weight->NonZeros);
        }

        WeightCheck.Require(blob, i, "Values", weight->DataValues, weight->ValueBytes, (UInt128)count * sizeof(float));
        WeightCheck.Require(blob, i, "Indices", weight->DataIndices, weight->IndexBytes, (UInt128)count * sizeof(ushort));
        var rows = (ushort*)(blob.Data + weight->DataIndices);
        for (int band = 0; band < bands; band++)
        {
            int rowsOfBand = Math.Min(height, weight->Rows - (band * height));
            for (int column = 0; column < weight->Columns; column++, pointers++)
            {
                CheckColumn(blob, i, rows, pointers[0], pointers[1], count, rowsOfBand, band, column);
            }
        }

        return WeightIndices.None;
    }

    /// <summary>Rows must ascend: the kernel has the sums of several in hand at once, which must not be the same one's.</summary>
    private static void CheckColumn(BlobView blob, int i, ushort* rows, uint first, uint end, uint count, int rowsOfBand, int band, int column)
    {
        if (end < first || end > count)
        {
            throw WeightCheck.Wrong(blob, i, "column " + column + " of band " + band + " reaches from " + first + " to " + end
                + ", which is backwards or more than " + count);
        }

        int before = -1;
        for (uint k = first; k < end; k++)
        {
            if (rows[k] <= before || rows[k] >= rowsOfBand)
            {
                throw WeightCheck.Wrong(blob, i, "column " + column + " of band " + band + " has the row " + rows[k]
                    + ", which is none of " + rowsOfBand + " or does not follow row " + before);
            }

            before = rows[k];
        }
    }
}
