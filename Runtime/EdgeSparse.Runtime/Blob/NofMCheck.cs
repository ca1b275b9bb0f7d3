namespace EdgeSparse.Runtime.Blob;

/// <summary>N of M weights: 2:4 or 4:8, each weight at a place inside its group.</summary>
internal static unsafe class NofMCheck
{
    private const int PlaceBits = 4;

    public static WeightIndices Check(BlobView blob, int i, WeightRecord* weight)
    {
        int n = weight->BlockRows;
        int m = weight->BlockColumns;
        if ((n, m) is not ((2, 4) or (4, 8)))
        {
            throw WeightCheck.Wrong(blob, i, "it keeps " + n + " of " + m + " weights; 2 of 4 and 4 of 8 are allowed");
        }

        uint count = RowPointerCheck.Check(blob, i, weight, weight->Columns);
        UInt128 stored = (UInt128)count * (UInt128)n;
        WeightCheck.RequireNonZerosAtMost(blob, i, weight, stored);
        WeightCheck.Require(blob, i, "Values", weight->DataValues, weight->ValueBytes, stored * sizeof(float));
        WeightCheck.Require(blob, i, "Indices", weight->DataIndices, weight->IndexBytes, (UInt128)count * sizeof(uint));
        WeightCheck.Require(blob, i, "Windows", weight->DataWindows, weight->WindowBytes, (UInt128)count * sizeof(ushort));
        CheckPlaces(blob, i, (ushort*)(blob.Data + weight->DataWindows), count, n, m);
        return WeightIndices.Of(blob.Data + weight->DataIndices, count, sizeof(uint), (m - 1L) * weight->ColumnStride);
    }

    private static void CheckPlaces(BlobView blob, int i, ushort* places, uint count, int n, int m)
    {
        for (uint entry = 0; entry < count; entry++)
        {
            int rest = places[entry];
            bool fits = true;
            for (int k = 0; k < n; k++, rest >>= PlaceBits)
            {
                fits &= (rest & ((1 << PlaceBits) - 1)) < m;
            }

            if (!fits || rest != 0)
            {
                throw WeightCheck.Wrong(blob, i, "its entry " + entry + " has the places 0x" + places[entry].ToString("X4")
                    + ", which are not " + n + " below " + m);
            }
        }
    }
}
