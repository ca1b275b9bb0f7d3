namespace EdgeSparse.Runtime.Blob;

/// <summary>Convolutions: shapes that fit, windows inside the input's slots, and every index with all its tiles inside the input.</summary>
internal static unsafe class ConvCheck
{
    public static void Check(BlobView blob, int i, in ValueRecord x, in ValueRecord y, in WeightIndices indices)
    {
        OperationRecord* step = blob.Operations + i;
        WeightRecord* weight = blob.Weights + step->Weight;
        CheckShape(blob, i, step, weight, in x, in y);
        CheckFormat(blob, i, weight, in x);
        WindowCheck.CheckReach(blob, i, in x, in y);
        if (x.Frame != Frame.Zero && WindowCheck.NeedsFrame(step, in x, in y))
        {
            throw WindowCheck.WrongFrame(blob, i, in x, "Zero");
        }

        CheckIndices(blob, i, weight, in x, in y, in indices);
    }

    private static void CheckShape(
        BlobView blob, int i, OperationRecord* step, WeightRecord* weight, in ValueRecord x, in ValueRecord y)
    {
        if (y.Channels != weight->Rows)
        {
            throw OperationCheck.Wrong(blob, i, "its weight has " + weight->Rows + " rows for " + y.Channels + " output channels");
        }

        if (x.Channels % weight->Groups != 0
            || (Int128)(x.Channels / weight->Groups) * step->KernelY * step->KernelX != weight->Columns)
        {
            throw OperationCheck.Wrong(blob, i, "its weight has " + weight->Columns + " columns in " + weight->Groups + " groups for "
                + x.Channels + " input channels and a kernel of " + step->KernelY + "x" + step->KernelX);
        }
    }

    private static void CheckFormat(BlobView blob, int i, WeightRecord* weight, in ValueRecord x)
    {
        WeightFormat format = weight->Format;
        if (format is WeightFormat.SlicedEll or WeightFormat.Csc16)
        {
            throw OperationCheck.Wrong(blob, i, "a convolution's weight cannot be " + LayerInfo.NameOf(format));
        }

        if (format == WeightFormat.Dense && weight->IndexBytes == 0)
        {
            throw OperationCheck.Wrong(blob, i, "its dense weight has no indices");
        }

        if (format == WeightFormat.Depthwise && weight->Groups != x.Channels)
        {
            throw OperationCheck.Wrong(blob, i, "its depthwise weight has " + weight->Groups + " groups for " + x.Channels + " channels");
        }

        int unit = format is WeightFormat.Csr16 or WeightFormat.CsrDelta8 or WeightFormat.Bsr16 ? x.Lanes : 1;
        if (weight->IndexUnit != unit)
        {
            throw OperationCheck.Wrong(blob, i, "its weight's index unit is " + weight->IndexUnit + ", not " + unit);
        }

        bool strides = weight->BlockColumns > 1 || format == WeightFormat.Depthwise;
        if (weight->ColumnStride != x.ChannelStride && (strides || weight->ColumnStride != 0))
        {
            throw OperationCheck.Wrong(blob, i, "its weight's column stride is " + weight->ColumnStride + ", not its input's channel stride "
                + x.ChannelStride);
        }
    }

    private static void CheckIndices(
        BlobView blob, int i, WeightRecord* weight, in ValueRecord x, in ValueRecord y, in WeightIndices indices)
    {
        if (indices.Largest < 0)
        {
            return;
        }

        if (indices.Bits * weight->IndexUnit % x.Lanes != 0)
        {
            throw OperationCheck.Wrong(blob, i, "its weight has an index that is no multiple of its input's " + x.Lanes + " lanes");
        }

        // The regions are related by the strides, so that a run is shorter than the input: nothing here comes near 2^63.
        OperationRecord* step = blob.Operations + i;
        long run = ((y.RegionY - 1L) * step->StrideY * x.RowStride) + ((y.RegionX - 1L) * step->StrideX * x.Lanes) + x.Lanes;
        long furthest = (indices.Largest * weight->IndexUnit) + indices.Further;
        if (furthest + run > x.Elements)
        {
            throw OperationCheck.Wrong(blob, i, "its weight's index " + indices.Largest + " and a run of " + run + " reach from element "
                + furthest + " beyond the input's " + x.Elements + " elements");
        }
    }
}
