namespace EdgeSparse.Runtime.Blob;

/// <summary>Which fields and data ranges each weight format has; those that it does not have are 0.</summary>
internal static unsafe class WeightFieldCheck
{
    public static void Check(BlobView blob, int i, WeightRecord* weight)
    {
        WeightFormat format = weight->Format;
        bool byColumns = format == WeightFormat.Csc16;
        bool ell = format == WeightFormat.SlicedEll;
        bool blocks = format is WeightFormat.Bsr16 or WeightFormat.Bsr32 or WeightFormat.NofM;
        bool rows = blocks || format is WeightFormat.Csr16 or WeightFormat.Csr32 or WeightFormat.CsrDelta8;
        if ((weight->Reserved0 | weight->Reserved1) != 0)
        {
            throw WeightCheck.Wrong(blob, i, "a reserved field is not zero");
        }

        RequireAbsentUnless(ell, blob, i, "RowMap", weight->DataRowMap, weight->RowMapBytes);
        RequireAbsentUnless(
            ell || format is WeightFormat.NofM or WeightFormat.CsrDelta8,
            blob, i, "Windows", weight->DataWindows, weight->WindowBytes);
        RequireAbsentUnless(ell || rows || byColumns, blob, i, "Pointers", weight->DataPointers, weight->PointerBytes);
        if (!ell && (weight->Lanes != 0 || weight->Window != 0))
        {
            throw WeightCheck.Wrong(blob, i, "its format has no lanes and no window, but it states them");
        }

        if (!blocks && ((weight->BlockColumns != 0 && !ell) || (weight->BlockRows != 0 && format != WeightFormat.Dense && !byColumns)))
        {
            throw WeightCheck.Wrong(blob, i, "its format has no blocks of " + weight->BlockRows + "x" + weight->BlockColumns);
        }

        if (weight->ColumnStride < 0 || (weight->ColumnStride != 0 && !blocks && format != WeightFormat.Depthwise))
        {
            throw WeightCheck.Wrong(blob, i, "its column stride " + weight->ColumnStride + " is negative or not one that its format has");
        }

        if (weight->Chunks < 1 || weight->Chunks > (rows ? weight->Columns : 1))
        {
            throw WeightCheck.Wrong(blob, i, "it has " + weight->Chunks + " chunks; 1 to " + (rows ? weight->Columns : 1) + " are allowed");
        }

        bool units = format is WeightFormat.Csr16 or WeightFormat.CsrDelta8 or WeightFormat.Bsr16;
        if (weight->IndexUnit != 1 && !(units && weight->IndexUnit is 4 or 8 or 16))
        {
            throw WeightCheck.Wrong(blob, i, "its index unit is " + weight->IndexUnit + "; "
                + (units ? "1, 4, 8 and 16 are" : "1 is") + " allowed");
        }
    }

    private static void RequireAbsentUnless(bool wanted, BlobView blob, int i, string name, ulong offset, ulong bytes)
    {
        if (!wanted && !DataRangeCheck.IsAbsent(offset, bytes))
        {
            throw WeightCheck.Wrong(blob, i, "its format has no " + name + ", but it states a range");
        }
    }
}
