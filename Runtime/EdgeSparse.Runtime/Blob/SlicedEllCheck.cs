namespace EdgeSparse.Runtime.Blob;

/// <summary>
/// The sliced ELL format: unit pointers, the first column of each unit, indices inside its window and columns, the row map a
/// permutation.
/// </summary>
internal static unsafe class SlicedEllCheck
{
    public const int MostLanes = 64;

    /// <summary>Columns whose units have a pointer of their own.</summary>
    public const int BandColumns = 64;

    private const int WidestWindow = 256;
    private const int MostEntries = 8;
    private const int MostColumns = 65536;

    public static int Bands(int columns) => (int)((columns + (BandColumns - 1L)) / BandColumns);

    /// <returns>None: the indices are columns, and checked here.</returns>
    public static WeightIndices Check(BlobView blob, int i, WeightRecord* weight)
    {
        int lanes = weight->Lanes;
        int window = weight->Window;
        int entries = weight->BlockColumns;
        if (lanes is < 1 or > MostLanes || window is < 1 or > WidestWindow || entries is < 1 or > MostEntries || weight->Groups != 1)
        {
            throw WeightCheck.Wrong(blob, i, "it has " + lanes + " lanes, a window of " + window + ", units of " + entries + " and "
                + weight->Groups + " groups; 1 to 64, 1 to 256, 1 to 8 and 1 are allowed");
        }

        if (weight->Columns > MostColumns)
        {
            throw WeightCheck.Wrong(blob, i, "it has " + weight->Columns + " columns; " + MostColumns + " are allowed");
        }

        long slices = (weight->Rows + (lanes - 1L)) / lanes;
        int bands = Bands(weight->Columns);
        long cells = slices * bands;
        WeightCheck.Require(blob, i, "RowMap", weight->DataRowMap, weight->RowMapBytes, (UInt128)(slices * lanes) * sizeof(int));
        WeightCheck.Require(blob, i, "Pointers", weight->DataPointers, weight->PointerBytes, (UInt128)(cells + 1) * sizeof(uint));
        CheckRowMap(blob, i, (int*)(blob.Data + weight->DataRowMap), slices * lanes, weight->Rows);

        uint* pointers = (uint*)(blob.Data + weight->DataPointers);
        CheckPointers(blob, i, pointers, cells);
        ulong units = pointers[cells];
        ulong stored = units * (ulong)(entries * lanes);
        WeightCheck.Require(blob, i, "Values", weight->DataValues, weight->ValueBytes, stored * sizeof(float));
        WeightCheck.Require(blob, i, "Indices", weight->DataIndices, weight->IndexBytes, stored);
        WeightCheck.Require(blob, i, "Windows", weight->DataWindows, weight->WindowBytes, units * sizeof(ushort));
        WeightCheck.RequireNonZerosAtMost(blob, i, weight, stored);
        CheckUnits(blob, i, weight, pointers, cells, bands);
        return WeightIndices.None;
    }

    private static void CheckPointers(BlobView blob, int i, uint* pointers, long cells)
    {
        if (pointers[0] != 0)
        {
            throw WeightCheck.Wrong(blob, i, "its first unit pointer is " + pointers[0] + ", not 0");
        }

        for (long cell = 0; cell < cells; cell++)
        {
            if (pointers[cell + 1] < pointers[cell])
            {
                throw WeightCheck.Wrong(blob, i, "its unit pointer " + (cell + 1) + " is smaller than the one before it");
            }
        }
    }

    private static void CheckUnits(BlobView blob, int i, WeightRecord* weight, uint* pointers, long cells, int bands)
    {
        byte* indices = blob.Data + weight->DataIndices;
        var starts = (ushort*)(blob.Data + weight->DataWindows);
        long stored = (long)weight->BlockColumns * weight->Lanes;
        int band = 0;
        for (long cell = 0; cell < cells; cell++)
        {
            for (long unit = pointers[cell]; unit < pointers[cell + 1]; unit++)
            {
                int start = starts[unit];
                if (start / BandColumns != band || start >= weight->Columns)
                {
                    throw WeightCheck.Wrong(blob, i, "its unit " + unit + " begins at column " + start + " of " + weight->Columns
                        + ", but lies in the band from " + (band * BandColumns));
                }

                int columns = Math.Min(weight->Window, weight->Columns - start);
                for (long k = unit * stored; k < (unit + 1) * stored; k++)
                {
                    if (indices[k] >= columns)
                    {
                        throw WeightCheck.Wrong(
                            blob, i, "its index " + k + " is " + indices[k] + " in a window of " + columns + " columns");
                    }
                }
            }

            band = band + 1 == bands ? 0 : band + 1;
        }
    }

    private static void CheckRowMap(BlobView blob, int i, int* rowMap, long laneCount, int rows)
    {
        bool[] seen = new bool[rows];
        int found = 0;
        for (long lane = 0; lane < laneCount; lane++)
        {
            int row = rowMap[lane];
            if (row == -1)
            {
                continue;
            }

            if ((uint)row >= (uint)rows || seen[row])
            {
                throw WeightCheck.Wrong(blob, i, "its row map has at lane " + lane + " the row " + row
                    + ", which is no row or comes twice");
            }

            seen[row] = true;
            found++;
        }

        if (found != rows)
        {
            throw WeightCheck.Wrong(blob, i, "its row map has " + found + " of " + rows + " rows");
        }
    }
}
