namespace EdgeSparse.Runtime.Blob;

/// <summary>Weights by themselves: dimensions, data ranges, row pointers, indices. Whether they fit a step is checked there.</summary>
internal static unsafe class WeightCheck
{
    /// <returns>For each weight the largest index in it, −1 where there is none.</returns>
    public static long[] Check(BlobView blob)
    {
        long[] largestIndices = new long[blob.WeightCount];
        for (int i = 0; i < blob.WeightCount; i++)
        {
            WeightRecord* weight = blob.Weights + i;
            CheckDimensions(blob, i, weight);
            Require(blob, i, "Bias", weight->DataBias, weight->BiasBytes, (ulong)weight->Rows * sizeof(float));
            largestIndices[i] = weight->Format switch
            {
                WeightFormat.Dense => CheckDense(blob, i, weight),
                WeightFormat.Csr16 => CheckCsr(blob, i, weight, sizeof(ushort)),
                WeightFormat.Csr32 => CheckCsr(blob, i, weight, sizeof(uint)),
                WeightFormat.SlicedEll => SlicedEllCheck.Check(blob, i, weight),
                _ => throw Wrong(blob, i, "its format is " + (uint)weight->Format + "; 1 (Dense) to 4 (SlicedEll) are known"),
            };
        }

        return largestIndices;
    }

    public static void Require(BlobView blob, int index, string name, ulong offset, ulong bytes, ulong expectedBytes)
    {
        if (DataRangeCheck.Fault(blob, name, offset, bytes, expectedBytes) is { } fault)
        {
            throw Wrong(blob, index, fault);
        }
    }

    public static void RequireAbsent(BlobView blob, int index, string name, ulong offset, ulong bytes)
    {
        if (!DataRangeCheck.IsAbsent(offset, bytes))
        {
            throw Wrong(blob, index, "its format has no " + name + ", but it states a range");
        }
    }

    public static BlobFormatException Wrong(BlobView blob, int index, string what) =>
        new("weight " + index + " '" + TextCheck.Name(blob, blob.Weights[index].NameOffset, blob.Weights[index].NameLength) + "': " + what);

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

        if (weight->Reserved0 != 0
            || (weight->Reserved1 | weight->Reserved2 | weight->Reserved3) != 0)
        {
            throw Wrong(blob, i, "a reserved field is not zero");
        }

        if (weight->Format != WeightFormat.SlicedEll)
        {
            RequireAbsent(blob, i, "RowMap", weight->DataRowMap, weight->RowMapBytes);
            RequireAbsent(blob, i, "Windows", weight->DataWindows, weight->WindowBytes);
            if (weight->Lanes != 0 || weight->Window != 0)
            {
                throw Wrong(blob, i, "its format has no lanes and no window, but it states them");
            }
        }
    }

    private static long CheckDense(BlobView blob, int i, WeightRecord* weight)
    {
        RequireAbsent(blob, i, "Pointers", weight->DataPointers, weight->PointerBytes);
        Require(blob, i, "Values", weight->DataValues, weight->ValueBytes, (ulong)weight->Rows * (ulong)weight->Columns * sizeof(float));
        if (DataRangeCheck.IsAbsent(weight->DataIndices, weight->IndexBytes))
        {
            return -1;
        }

        ulong count = (ulong)weight->Groups * (ulong)weight->Columns;
        Require(blob, i, "Indices", weight->DataIndices, weight->IndexBytes, count * sizeof(uint));
        return Largest((uint*)(blob.Data + weight->DataIndices), (long)count);
    }

    private static long CheckCsr(BlobView blob, int i, WeightRecord* weight, int indexBytes)
    {
        Require(blob, i, "Pointers", weight->DataPointers, weight->PointerBytes, ((ulong)weight->Rows + 1) * sizeof(uint));
        uint* pointers = (uint*)(blob.Data + weight->DataPointers);
        if (pointers[0] != 0)
        {
            throw Wrong(blob, i, "its first row pointer is " + pointers[0] + ", not 0");
        }

        for (int row = 0; row < weight->Rows; row++)
        {
            if (pointers[row + 1] < pointers[row] || pointers[row + 1] - pointers[row] > (uint)weight->Columns)
            {
                throw Wrong(blob, i, "row " + row + " reaches from " + pointers[row] + " to " + pointers[row + 1]
                    + ", which is backwards or more than its " + weight->Columns + " columns");
            }
        }

        ulong count = pointers[weight->Rows];
        if (weight->NonZeros != (long)count)
        {
            throw Wrong(blob, i, "NonZeros is " + weight->NonZeros + ", but the last row pointer " + count);
        }

        Require(blob, i, "Values", weight->DataValues, weight->ValueBytes, count * sizeof(float));
        Require(blob, i, "Indices", weight->DataIndices, weight->IndexBytes, count * (ulong)indexBytes);
        byte* indices = blob.Data + weight->DataIndices;
        return indexBytes == sizeof(ushort) ? Largest((ushort*)indices, (long)count) : Largest((uint*)indices, (long)count);
    }

    private static long Largest(ushort* indices, long count)
    {
        int largest = -1;
        for (long k = 0; k < count; k++)
        {
            largest = Math.Max(largest, indices[k]);
        }

        return largest;
    }

    private static long Largest(uint* indices, long count)
    {
        long largest = -1;
        for (long k = 0; k < count; k++)
        {
            largest = Math.Max(largest, indices[k]);
        }

        return largest;
    }
}
