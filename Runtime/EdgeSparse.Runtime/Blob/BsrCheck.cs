namespace EdgeSparse.Runtime.Blob;

/// <summary>BSR with 16- or 32-bit indices: one of the block shapes that kernels know.</summary>
internal static unsafe class BsrCheck
{
    public static WeightIndices Check(BlobView blob, int i, WeightRecord* weight, int indexBytes)
    {
        if ((weight->BlockRows, weight->BlockColumns) is not ((1, 4) or (4, 1) or (8, 1) or (16, 1) or (4, 4)))
        {
            throw WeightCheck.Wrong(blob, i, "its blocks are " + weight->BlockRows + "x" + weight->BlockColumns
                + "; 1x4, 4x1, 8x1, 16x1 and 4x4 are allowed");
        }

        uint count = RowPointerCheck.Check(blob, i, weight, weight->Columns);
        UInt128 stored = (UInt128)count * (UInt128)(weight->BlockRows * weight->BlockColumns);
        WeightCheck.RequireNonZerosAtMost(blob, i, weight, stored);
        WeightCheck.Require(blob, i, "Values", weight->DataValues, weight->ValueBytes, stored * sizeof(float));
        WeightCheck.Require(blob, i, "Indices", weight->DataIndices, weight->IndexBytes, (UInt128)count * (UInt128)indexBytes);
        long further = (weight->BlockColumns - 1L) * weight->ColumnStride;
        return WeightIndices.Of(blob.Data + weight->DataIndices, count, indexBytes, further);
    }
}
