namespace EdgeSparse.Runtime.Blob;

/// <summary>
/// The windowed sliced ELL format: entry pointers, whole units, the window of each entry, indices inside it, the row map a
/// permutation.
/// </summary>
internal static unsafe class SlicedEllCheck
{
    /// <summary>Units of 4, 2 and 1 entries.</summary>
    public const int UnitKinds = 3;

    public const int MostLanes = 64;
    private const int WidestWindow = 256;
    private const long MostWindows = 65536;

    /// <returns>None: the indices are columns, and checked here.</returns>
    public static WeightIndices Check(BlobView blob, int i, WeightRecord* weight)
    {
        int lanes = weight->Lanes;
        int window = weight->Window;
        if (lanes is < 1 or > MostLanes || window is < 1 or > WidestWindow || weight->Groups != 1)
        {
            throw WeightCheck.Wrong(blob, i, "it has " + lanes + " lanes, a window of " + window + " and " + weight->Groups
                + " groups; 1 to 64, 1 to 256 and 1 are allowed");
        }

        long slices = (weight->Rows + (lanes - 1L)) / lanes;
        long windows = (weight->Columns + (window - 1L)) / window;
        if (windows > MostWindows)
        {
            throw WeightCheck.Wrong(blob, i, "it has " + windows + " windows; " + MostWindows + " are allowed");
        }

        long cells = slices * UnitKinds * windows;
        WeightCheck.Require(blob, i, "RowMap", weight->DataRowMap, weight->RowMapBytes, (UInt128)(slices * lanes) * sizeof(int));
        WeightCheck.Require(blob, i, "Pointers", weight->DataPointers, weight->PointerBytes, (UInt128)(cells + 1) * sizeof(uint));
        CheckRowMap(blob, i, (int*)(blob.Data + weight->DataRowMap), slices * lanes, weight->Rows);

        uint* pointers = (uint*)(blob.Data + weight->DataPointers);
        CheckPointers(blob, i, pointers, cells, windows);
        ulong entries = pointers[cells];
        ulong stored = entries * (ulong)lanes;
        WeightCheck.Require(blob, i, "Values", weight->DataValues, weight->ValueBytes, stored * sizeof(float));
        WeightCheck.Require(blob, i, "Indices", weight->DataIndices, weight->IndexBytes, stored);
        WeightCheck.Require(blob, i, "Windows", weight->DataWindows, weight->WindowBytes, entries * sizeof(ushort));
        WeightCheck.RequireNonZerosAtMost(blob, i, weight, stored);
        CheckIndices(blob, i, weight, pointers, cells, (int)windows);
        return WeightIndices.None;
    }

    private static void CheckPointers(BlobView blob, int i, uint* pointers, long cells, long windows)
    {
        if (pointers[0] != 0)
        {
            throw WeightCheck.Wrong(blob, i, "its first entry pointer is " + pointers[0] + ", not 0");
        }

        for (long cell = 0; cell < cells; cell++)
        {
            if (pointers[cell + 1] < pointers[cell])
            {
                throw WeightCheck.Wrong(blob, i, "its entry pointer " + (cell + 1) + " is smaller than the one before it");
            }

            uint unit = 4u >> (int)(cell / windows % UnitKinds);
            if ((pointers[cell + 1] - pointers[cell]) % unit != 0)
            {
                throw WeightCheck.Wrong(blob, i, "its entries from " + pointers[cell] + " to " + pointers[cell + 1]
                    + " are no whole number of units of " + unit);
            }
        }
    }

    private static void CheckIndices(BlobView blob, int i, WeightRecord* weight, uint* pointers, long cells, int windows)
    {
        byte* indices = blob.Data + weight->DataIndices;
        var entryWindows = (ushort*)(blob.Data + weight->DataWindows);
        int window = 0;
        for (long cell = 0; cell < cells; cell++)
        {
            int columns = Math.Min(weight->Window, weight->Columns - (window * weight->Window));
            for (long e = pointers[cell]; e < pointers[cell + 1]; e++)
            {
                if (entryWindows[e] != window)
                {
                    throw WeightCheck.Wrong(blob, i, "its entry " + e + " states the window " + entryWindows[e] + ", but lies in " + window);
                }

                for (long k = e * weight->Lanes; k < (e + 1) * weight->Lanes; k++)
                {
                    if (indices[k] >= columns)
                    {
                        throw WeightCheck.Wrong(
                            blob, i, "its index " + k + " is " + indices[k] + " in a window of " + columns + " columns");
                    }
                }
            }

            window = window + 1 == windows ? 0 : window + 1;
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
