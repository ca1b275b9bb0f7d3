namespace EdgeSparse.Runtime.Blob;

/// <summary>CSR with 8-bit deltas: where they lead, row by row, from the base of each chunk.</summary>
internal static unsafe class CsrDelta8Check
{
    public static WeightIndices Check(BlobView blob, int i, WeightRecord* weight)
    {
        // Bridges over wide gaps are entries too, so that a row may have more entries than columns.
        uint count = RowPointerCheck.Check(blob, i, weight, int.MaxValue);
        WeightCheck.RequireNonZerosAtMost(blob, i, weight, count);
        WeightCheck.Require(blob, i, "Values", weight->DataValues, weight->ValueBytes, (UInt128)count * sizeof(float));
        WeightCheck.Require(blob, i, "Indices", weight->DataIndices, weight->IndexBytes, count);
        WeightCheck.Require(blob, i, "Windows", weight->DataWindows, weight->WindowBytes, (UInt128)weight->Chunks * sizeof(uint));
        uint* pointers = (uint*)(blob.Data + weight->DataPointers);
        uint* bases = (uint*)(blob.Data + weight->DataWindows);
        byte* deltas = blob.Data + weight->DataIndices;
        long largest = -1;
        long bits = 0;
        for (int chunk = 0; chunk < weight->Chunks; chunk++)
        {
            for (int row = 0; row < weight->Rows; row++, pointers++)
            {
                long index = bases[chunk];
                for (uint k = pointers[0]; k < pointers[1]; k++)
                {
                    index += deltas[k];
                    bits |= index;
                }

                if (pointers[1] > pointers[0])
                {
                    largest = Math.Max(largest, index);
                }
            }
        }

        return new WeightIndices(largest, bits, 0);
    }
}
