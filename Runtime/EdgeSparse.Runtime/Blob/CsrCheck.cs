namespace EdgeSparse.Runtime.Blob;

/// <summary>CSR with 16- or 32-bit indices.</summary>
internal static unsafe class CsrCheck
{
    public static WeightIndices Check(BlobView blob, int i, WeightRecord* weight, int indexBytes)
    {
        uint count = RowPointerCheck.Check(blob, i, weight, weight->Columns);
        if (weight->NonZeros != count)
        {
            throw WeightCheck.Wrong(blob, i, "NonZeros is " + weight->NonZeros + ", but the last row pointer " + count);
        }

        WeightCheck.Require(blob, i, "Values", weight->DataValues, weight->ValueBytes, (UInt128)count * sizeof(float));
        WeightCheck.Require(blob, i, "Indices", weight->DataIndices, weight->IndexBytes, (UInt128)count * (UInt128)indexBytes);
        return WeightIndices.Of(blob.Data + weight->DataIndices, count, indexBytes, 0);
    }
}
