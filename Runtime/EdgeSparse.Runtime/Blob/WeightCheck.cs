namespace EdgeSparse.Runtime.Blob;

/// <summary>Weights by themselves: dimensions, fields, data ranges, indices. Whether they fit a step is checked there.</summary>
internal static unsafe class WeightCheck
{
    /// <returns>For each weight what its indices reach.</returns>
    public static WeightIndices[] Check(BlobView blob)
    {
        var indices = new WeightIndices[blob.WeightCount];
        for (int i = 0; i < blob.WeightCount; i++)
        {
            WeightRecord* weight = blob.Weights + i;
            if (weight->Format is < WeightFormat.Dense or > WeightFormat.Csc16)
            {
                throw Wrong(blob, i, "its format is " + (uint)weight->Format + "; 1 (Dense) to 10 (Csc16) are known");
            }

            CheckDimensions(blob, i, weight);
            WeightFieldCheck.Check(blob, i, weight);
            Require(blob, i, "Bias", weight->DataBias, weight->BiasBytes, (UInt128)weight->Rows * sizeof(float));
            indices[i] = weight->Format switch
            {
                WeightFormat.Dense => DenseCheck.Check(blob, i, weight),
                WeightFormat.Csr16 => CsrCheck.Check(blob, i, weight, sizeof(ushort)),
                WeightFormat.Csr32 => CsrCheck.Check(blob, i, weight, sizeof(uint)),
                WeightFormat.SlicedEll => SlicedEllCheck.Check(blob, i, weight),
                WeightFormat.CsrDelta8 => CsrDelta8Check.Check(blob, i, weight),
                WeightFormat.Bsr16 => BsrCheck.Check(blob, i, weight, sizeof(ushort)),
                WeightFormat.Bsr32 => BsrCheck.Check(blob, i, weight, sizeof(uint)),
                WeightFormat.NofM => NofMCheck.Check(blob, i, weight),
                WeightFormat.Csc16 => Csc16Check.Check(blob, i, weight),
                _ => DepthwiseCheck.Check(blob, i, weight),
            };
        }

        return indices;
    }

    public static void Require(BlobView blob, int index, string name, ulong offset, ulong bytes, UInt128 expectedBytes)
    {
        if (DataRangeCheck.Fault(blob, name, offset, bytes, expectedBytes) is { } fault)
        {
            throw Wrong(blob, index, fault);
        }
    }

    public static BlobFormatException Wrong(BlobView blob, int index, string what) =>
        new("weight " + index + " '" + TextCheck.Name(blob, blob.Weights[index].NameOffset, blob.Weights[index].NameLength) + "': " + what);

    /// <summary>At most as many weights as the format stores values.</summary>
    public static void RequireNonZerosAtMost(BlobView blob, int i, WeightRecord* weight, UInt128 stored)
    {
        if ((ulong)weight->NonZeros > stored)
        {
            throw Wrong(blob, i, "NonZeros is " + weight->NonZeros + ", more than the " + stored + " values stored");
        }
    }

    private static void CheckDimensions(BlobView blob, int i, WeightRecord* weight)
    {
        if (weight->Rows < 1 || weight->Columns < 1 || weight->Groups < 1 || weight->Rows % weight->Groups != 0)
        {
            throw Wrong(blob, i, "it has " + weight->Rows + " rows, " + weight->Columns + " columns and " + weight->Groups
                + " groups, which must be positive, groups dividing rows");
        }

        int* dims = &weight->Dim0;
        Int128 product = 1;
        for (int d = 0; d < 4; d++)
        {
            if (dims[d] < 1 || (d >= weight->Rank && dims[d] != 1))
            {
                throw Wrong(blob, i, "its dimension " + d + " is " + dims[d]);
            }

            product *= dims[d];
        }

        if (weight->Rank is < 1 or > 4 || product != (Int128)weight->Rows * weight->Columns)
        {
            throw Wrong(blob, i, "its rank " + weight->Rank + " and dimensions do not give " + weight->Rows + " x " + weight->Columns);
        }

        if (weight->NonZeros < 0 || weight->NonZeros > (long)weight->Rows * weight->Columns)
        {
            throw Wrong(blob, i, "NonZeros is " + weight->NonZeros + " in " + weight->Rows + " x " + weight->Columns);
        }
    }
}
