using System.Runtime.InteropServices;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Offload;

/// <summary>
/// Weights in blocks of a multiple of four rows, dense ones included, as units of four rows: a thread keeps the sums of four rows
/// and loads each input once for them. Values stay as they lie in the blob, [entries, columns, rows of a block]; a unit takes its
/// four of a block's rows. The blob has been validated.
/// </summary>
internal static unsafe class SparseQuads
{
    private const int QuadRows = 4;

    /// <summary>Puts a weight in blocks into the constants.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="weight">One of its weights in Bsr16 or Bsr32 with at least four rows a block.</param>
    /// <param name="constants">Where the tables go.</param>
    /// <param name="step">Gets the places of the tables, and the blocks' shape.</param>
    public static void AddBlocks(BlobView blob, WeightRecord* weight, ConstantTable constants, ref DeviceStep step)
    {
        int blocks = SetUnits(weight, weight->BlockRows, ref step);
        int quads = weight->BlockRows / QuadRows;
        int size = weight->BlockRows * weight->BlockColumns;
        float* values = (float*)(blob.Data + weight->DataValues);
        uint* pointers = (uint*)(blob.Data + weight->DataPointers);
        byte* indices = blob.Data + weight->DataIndices;
        var allValues = new List<float>();
        var offsets = new List<int>();
        int[] starts = new int[blocks + 1];
        for (int block = 0; block < blocks; block++)
        {
            for (int chunk = 0; chunk < weight->Chunks; chunk++)
            {
                uint* pointer = pointers + ((long)chunk * blocks) + block;
                for (uint entry = pointer[0]; entry < pointer[1]; entry++)
                {
                    uint index = weight->Format == WeightFormat.Bsr16 ? ((ushort*)indices)[entry] : ((uint*)indices)[entry];
                    offsets.Add((int)(index * (uint)weight->IndexUnit));
                    allValues.AddRange(new ReadOnlySpan<float>(values + ((long)entry * size), size));
                }
            }

            starts[block + 1] = offsets.Count;
        }

        // A unit's entries are those of its block.
        int[] unitPointers = new int[(blocks * quads) + 1];
        int[] unitStarts = new int[blocks * quads];
        for (int unit = 0; unit < unitStarts.Length; unit++)
        {
            unitStarts[unit] = starts[unit / quads];
            unitPointers[unit + 1] = unitPointers[unit] + starts[(unit / quads) + 1] - starts[unit / quads];
        }

        step.Pointers = constants.Add(starts);
        step.Order = constants.Add(UnitOrder.Of(unitPointers));
        step.Values = constants.Add(CollectionsMarshal.AsSpan(allValues));
        step.Offsets = constants.Add(CollectionsMarshal.AsSpan(offsets));
        step.BlockColumns = weight->BlockColumns;
        step.ColumnStride = weight->ColumnStride;
    }

    /// <summary>Puts a convolution's dense weight, which has blocks of four rows already, into the constants.</summary>
    public static void AddDense(BlobView blob, WeightRecord* weight, ConstantTable constants, ref DeviceStep step)
    {
        int blocks = SetUnits(weight, QuadRows, ref step);
        var values = new ReadOnlySpan<float>(blob.Data + weight->DataValues, blocks * weight->Columns * QuadRows);
        step.Values = constants.Add(values);
        step.Offsets = constants.Add(new ReadOnlySpan<int>(blob.Data + weight->DataIndices, weight->Groups * weight->Columns));
        step.BlockColumns = 1;
    }

    /// <summary>Puts a fully connected layer's dense weight, which is row-major, into the constants in blocks of four rows.</summary>
    public static void AddDenseRows(BlobView blob, WeightRecord* weight, ConstantTable constants, ref DeviceStep step)
    {
        int blocks = SetUnits(weight, QuadRows, ref step);
        int columns = weight->Columns;
        float* rows = (float*)(blob.Data + weight->DataValues);
        float[] values = new float[checked(blocks * columns * QuadRows)];
        for (int row = 0; row < weight->Rows; row++)
        {
            int at = (row / QuadRows * columns * QuadRows) + (row % QuadRows);
            for (int column = 0; column < columns; column++)
            {
                values[at + (column * QuadRows)] = rows[((long)row * columns) + column];
            }
        }

        int[] offsets = new int[columns];
        for (int column = 0; column < columns; column++)
        {
            offsets[column] = column;
        }

        step.Values = constants.Add(values);
        step.Offsets = constants.Add(offsets);
        step.BlockColumns = 1;
    }

    /// <summary>Returns the number of blocks of rows.</summary>
    private static int SetUnits(WeightRecord* weight, int blockRows, ref DeviceStep step)
    {
        step.GroupRows = weight->Rows / weight->Groups;
        int groupBlocks = (step.GroupRows + blockRows - 1) / blockRows;
        step.BlockRows = blockRows;
        step.GroupUnits = groupBlocks * (blockRows / QuadRows);
        step.Count = weight->Groups * step.GroupUnits;
        return weight->Groups * groupBlocks;
    }
}
