namespace EdgeSparse.Runtime.Blob;

/// <summary>Depthwise convolutions: dense rows and one list of offsets, which each further channel shifts.</summary>
internal static unsafe class DepthwiseCheck
{
    public static WeightIndices Check(BlobView blob, int i, WeightRecord* weight)
    {
        UInt128 stored = (UInt128)weight->Rows * (UInt128)weight->Columns;
        WeightCheck.Require(blob, i, "Values", weight->DataValues, weight->ValueBytes, stored * sizeof(float));
        WeightCheck.Require(blob, i, "Indices", weight->DataIndices, weight->IndexBytes, (UInt128)weight->Columns * sizeof(uint));
        long further = (weight->Groups - 1L) * weight->ColumnStride;
        return WeightIndices.Of(blob.Data + weight->DataIndices, weight->Columns, sizeof(uint), further);
    }
}
