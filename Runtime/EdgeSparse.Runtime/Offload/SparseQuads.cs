using System.Runtime.InteropServices;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Offload;

/// <summary>
/// Weights in blocks of a multiple of four rows, dense ones included, as units of four rows: a thread keeps the sums of four rows and
/// loads each input once for them. An entry of a unit is an offset in the input and four values; units have zeros, of their last
/// offset, until they have a multiple of <see cref="DeviceShape.EntriesTogether"/>. The blob has been validated.
/// </summary>
internal sealed unsafe class SparseQuads
{
    /// <summary>Words of a unit's record: its row, how many of its four rows there are, where offsets and values begin, entries, all in fours.</summary>
    public const int UnitWords = 8;

    private const int QuadRows = 4;

    private readonly List<int> offsets = [];
    private readonly List<float> values = [];
    private readonly List<(int Row, int Rows, int Offsets, int Values, int Entries)> units = [];

    private SparseQuads()
    {
    }

    /// <summary>Puts a weight in blocks into the constants.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="weight">One of its weights in Bsr16 or Bsr32 with at least four rows a block.</param>
    /// <param name="constants">Where the tables go.</param>
    /// <param name="scale">Elements of the input for one of the weight's offsets.</param>
    /// <param name="shift">Log₂ of the elements that kernels count offsets in.</param>
    /// <param name="step">Gets the places of the tables, and the number of units.</param>
    public static void AddBlocks(BlobView blob, WeightRecord* weight, ConstantTable constants, int scale, int shift, ref DeviceStep step)
    {
        var quads = new SparseQuads();
        int groupRows = weight->Rows / weight->Groups;
        int groupBlocks = (groupRows + weight->BlockRows - 1) / weight->BlockRows;
        int blocks = weight->Groups * groupBlocks;
        uint* pointers = (uint*)(blob.Data + weight->DataPointers);
        byte* indices = blob.Data + weight->DataIndices;
        float* blockValues = (float*)(blob.Data + weight->DataValues);
        List<uint> entries = [];
        for (int block = 0; block < blocks; block++)
        {
            entries.Clear();
            int start = quads.offsets.Count;
            for (int chunk = 0; chunk < weight->Chunks; chunk++)
            {
                uint* pointer = pointers + ((long)chunk * blocks) + block;
                for (uint entry = pointer[0]; entry < pointer[1]; entry++)
                {
                    entries.Add(entry);
                    uint index = weight->Format == WeightFormat.Bsr16 ? ((ushort*)indices)[entry] : ((uint*)indices)[entry];
                    for (int column = 0; column < weight->BlockColumns; column++)
                    {
                        quads.AddOffset((int)(index * (uint)weight->IndexUnit) + (column * weight->ColumnStride), scale, shift);
                    }
                }
            }

            quads.PadOffsets(start);
            int firstRow = block / groupBlocks * groupRows;
            for (int quad = 0; quad < weight->BlockRows / QuadRows; quad++)
            {
                int rowInGroup = (block % groupBlocks * weight->BlockRows) + (quad * QuadRows);
                quads.Begin(firstRow + rowInGroup, groupRows - rowInGroup, start);
                foreach (uint entry in entries)
                {
                    for (int column = 0; column < weight->BlockColumns; column++)
                    {
                        long at = ((((long)entry * weight->BlockColumns) + column) * weight->BlockRows) + (quad * QuadRows);
                        quads.values.AddRange(new ReadOnlySpan<float>(blockValues + at, QuadRows));
                    }
                }

                quads.End();
            }
        }

        quads.Put(constants, ref step);
    }

    /// <summary>Puts a convolution's dense weight, which has blocks of four rows already, into the constants.</summary>
    public static void AddDense(BlobView blob, WeightRecord* weight, ConstantTable constants, int shift, ref DeviceStep step)
    {
        var quads = new SparseQuads();
        int groupRows = weight->Rows / weight->Groups;
        int* columns = (int*)(blob.Data + weight->DataIndices);
        float* from = (float*)(blob.Data + weight->DataValues);
        for (int group = 0; group < weight->Groups; group++)
        {
            int start = quads.offsets.Count;
            for (int column = 0; column < weight->Columns; column++)
            {
                quads.AddOffset(columns[(group * weight->Columns) + column], 1, shift);
            }

            quads.PadOffsets(start);
            for (int row = 0; row < groupRows; row += QuadRows)
            {
                quads.Begin((group * groupRows) + row, groupRows - row, start);
                quads.values.AddRange(new ReadOnlySpan<float>(from, weight->Columns * QuadRows));
                from += (long)weight->Columns * QuadRows;
                quads.End();
            }
        }

        quads.Put(constants, ref step);
    }

    /// <summary>Puts a fully connected layer's dense weight, which is row-major, into the constants in blocks of four rows.</summary>
    public static void AddDenseRows(BlobView blob, WeightRecord* weight, ConstantTable constants, int scale, int shift, ref DeviceStep step)
    {
        var quads = new SparseQuads();
        for (int column = 0; column < weight->Columns; column++)
        {
            quads.AddOffset(column, scale, shift);
        }

        quads.PadOffsets(0);
        float* from = (float*)(blob.Data + weight->DataValues);
        for (int row = 0; row < weight->Rows; row += QuadRows)
        {
            quads.Begin(row, weight->Rows - row, 0);
            for (int column = 0; column < weight->Columns; column++)
            {
                for (int i = 0; i < QuadRows; i++)
                {
                    quads.values.Add(row + i < weight->Rows ? from[((long)(row + i) * weight->Columns) + column] : 0f);
                }
            }

            quads.End();
        }

        quads.Put(constants, ref step);
    }

    private void AddOffset(int offset, int scale, int shift) => offsets.Add(checked(offset * scale) >> shift);

    private void PadOffsets(int start)
    {
        while ((offsets.Count - start) % DeviceShape.EntriesTogether != 0)
        {
            offsets.Add(offsets[^1]);
        }
    }

    /// <summary>Begins a unit, whose values follow; one of no rows is left out again.</summary>
    private void Begin(int row, int rowsLeft, int start) =>
        units.Add((row, Math.Min(QuadRows, rowsLeft), start / 4, values.Count / QuadRows, (offsets.Count - start) / 4));

    private void End()
    {
        (_, int rows, _, int start, int entries) = units[^1];
        if (rows <= 0)
        {
            units.RemoveAt(units.Count - 1);
            values.RemoveRange(start * QuadRows, values.Count - (start * QuadRows));
            return;
        }

        while (values.Count < (start + (entries * 4)) * QuadRows)
        {
            values.Add(0f);
        }
    }

    private void Put(ConstantTable constants, ref DeviceStep step)
    {
        int[] pointers = new int[units.Count + 1];
        for (int i = 0; i < units.Count; i++)
        {
            pointers[i + 1] = pointers[i] + units[i].Entries;
        }

        int[] order = UnitOrder.Of(pointers);
        int[] records = new int[UnitWords * units.Count];
        for (int i = 0; i < units.Count; i++)
        {
            Span<int> record = records.AsSpan(UnitWords * i, UnitWords);
            (record[0], record[1], record[2], record[3], record[4]) = units[order[i]];
        }

        step.Count = units.Count;
        step.Units = constants.Add(records);
        step.Values = constants.Add(CollectionsMarshal.AsSpan(values));
        step.Offsets = constants.Add(CollectionsMarshal.AsSpan(offsets));
    }
}
