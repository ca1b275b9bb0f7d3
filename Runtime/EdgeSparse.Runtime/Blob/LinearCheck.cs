namespace EdgeSparse.Runtime.Blob;

/// <summary>Fully connected layers: planar vectors as long as the weight's rows and columns, every index a column.</summary>
internal static unsafe class LinearCheck
{
    public static void Check(BlobView blob, int i, in ValueRecord x, in ValueRecord y, in WeightIndices indices)
    {
        WeightRecord* weight = blob.Weights + blob.Operations[i].Weight;
        LayoutCheck.RequirePlanar(blob, i, "input", in x);
        LayoutCheck.RequirePlanar(blob, i, "output", in y);
        long inputs = OperationCheck.PixelCount(in x);
        long outputs = OperationCheck.PixelCount(in y);
        if (inputs != weight->Columns || outputs != weight->Rows || weight->Groups != 1)
        {
            throw OperationCheck.Wrong(blob, i, "its weight of " + weight->Rows + " x " + weight->Columns + " in " + weight->Groups
                + " groups does not fit " + inputs + " inputs and " + outputs + " outputs");
        }

        CheckFormat(blob, i, weight);
        if (indices.Largest >= 0 && indices.Largest + indices.Further >= weight->Columns)
        {
            throw OperationCheck.Wrong(
                blob, i, "its weight has the column " + (indices.Largest + indices.Further) + " of " + weight->Columns);
        }
    }

    private static void CheckFormat(BlobView blob, int i, WeightRecord* weight)
    {
        if (weight->Format is WeightFormat.CsrDelta8 or WeightFormat.Depthwise)
        {
            throw OperationCheck.Wrong(blob, i, "a fully connected layer's weight cannot be " + LayerInfo.NameOf(weight->Format));
        }

        if (weight->Format == WeightFormat.Dense && weight->IndexBytes != 0)
        {
            throw OperationCheck.Wrong(blob, i, "its dense weight has indices");
        }

        if (weight->Chunks != 1 || weight->IndexUnit != 1)
        {
            throw OperationCheck.Wrong(blob, i, "its weight has " + weight->Chunks + " chunks and the index unit " + weight->IndexUnit
                + "; a fully connected layer has 1 and 1");
        }

        // A block of one column has no use for a stride, a unit of SlicedEll has none.
        bool isWide = weight->BlockColumns > 1 && weight->Format != WeightFormat.SlicedEll;
        if (isWide ? weight->ColumnStride != 1 : weight->ColumnStride is not (0 or 1))
        {
            throw OperationCheck.Wrong(blob, i, "its weight's column stride is " + weight->ColumnStride + ", not 1");
        }
    }
}
