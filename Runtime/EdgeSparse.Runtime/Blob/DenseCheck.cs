namespace EdgeSparse.Runtime.Blob;

/// <summary>Dense weights: row-major without indices, or blocks of rows with a list of offsets a group for convolutions.</summary>
internal static unsafe class DenseCheck
{
    private const int BlockRows = 4;

    public static WeightIndices Check(BlobView blob, int i, WeightRecord* weight)
    {
        UInt128 stored = (UInt128)weight->Rows * (UInt128)weight->Columns;
        if (DataRangeCheck.IsAbsent(weight->DataIndices, weight->IndexBytes))
        {
            if (weight->BlockRows != 0 || weight->Groups != 1)
            {
                throw WeightCheck.Wrong(blob, i, "it has no indices, but blocks of " + weight->BlockRows + " rows and " + weight->Groups
                    + " groups; 0 and 1 are allowed");
            }

            WeightCheck.Require(blob, i, "Values", weight->DataValues, weight->ValueBytes, stored * sizeof(float));
            return WeightIndices.None;
        }

        if (weight->BlockRows != BlockRows)
        {
            throw WeightCheck.Wrong(blob, i, "its blocks have " + weight->BlockRows + " rows, not " + BlockRows);
        }

        stored = (UInt128)RowPointerCheck.RowBlocks(weight) * (UInt128)weight->BlockRows * (UInt128)weight->Columns;
        WeightCheck.Require(blob, i, "Values", weight->DataValues, weight->ValueBytes, stored * sizeof(float));
        long count = (long)weight->Groups * weight->Columns;
        WeightCheck.Require(blob, i, "Indices", weight->DataIndices, weight->IndexBytes, (UInt128)count * sizeof(uint));
        return WeightIndices.Of(blob.Data + weight->DataIndices, count, sizeof(uint), 0);
    }
}
