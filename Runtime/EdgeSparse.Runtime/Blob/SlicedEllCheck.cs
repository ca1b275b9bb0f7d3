namespace EdgeSparse.Runtime.Blob;

/// <summary>The windowed sliced ELL format: entry pointers, indices inside their window, the row map a permutation.</summary>
internal static unsafe class SlicedEllCheck
{
    private const int MostLanes = 64;
    private const int WidestWindow = 256;

    /// <returns>−1: the indices are columns, and checked here.</returns>
    public static long Check(BlobView blob, int i, WeightRecord* weight)
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
        WeightCheck.Require(blob, i, "RowMap", weight->DataRowMap, weight->RowMapBytes, (ulong)(slices * lanes) * sizeof(int));
        WeightCheck.Require(blob, i, "Pointers", weight->DataPointers, weight->PointerBytes, (ulong)((slices * windows) + 1) * sizeof(uint));
        CheckRowMap(blob, i, (int*)(blob.Data + weight->DataRowMap), slices * lanes, weight->Rows);

        uint* pointers = (uint*)(blob.Data + weight->DataPointers);
        long count = slices * windows;
        if (pointers[0] != 0)
        {
            throw WeightCheck.Wrong(blob, i, "its first entry pointer is " + pointers[0] + ", not 0");
        }

        for (long p = 0; p < count; p++)
        {
            if (pointers[p + 1] < pointers[p])
            {
                throw WeightCheck.Wrong(blob, i, "its entry pointer " + (p + 1) + " is smaller than the one before it");
            }
        }

        ulong stored = (ulong)pointers[count] * (ulong)lanes;
        WeightCheck.Require(blob, i, "Values", weight->DataValues, weight->ValueBytes, stored * sizeof(float));
        WeightCheck.Require(blob, i, "Indices", weight->DataIndices, weight->IndexBytes, stored);
        if ((ulong)weight->NonZeros > stored)
        {
            throw WeightCheck.Wrong(blob, i, "NonZeros is " + weight->NonZeros + ", more than the " + stored + " values stored");
        }

        CheckIndices(blob, i, weight, pointers, count, (int)windows);
        return -1;
    }

    private static void CheckIndices(BlobView blob, int i, WeightRecord* weight, uint* pointers, long count, int windows)
    {
        byte* indices = blob.Data + weight->DataIndices;
        int window = 0;
        for (long p = 0; p < count; p++)
        {
            int columns = Math.Min(weight->Window, weight->Columns - (window * weight->Window));
            long end = (long)pointers[p + 1] * weight->Lanes;
            for (long k = (long)pointers[p] * weight->Lanes; k < end; k++)
            {
                if (indices[k] >= columns)
                {
                    throw WeightCheck.Wrong(blob, i, "its index " + k + " is " + indices[k] + " in a window of " + columns + " columns");
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
