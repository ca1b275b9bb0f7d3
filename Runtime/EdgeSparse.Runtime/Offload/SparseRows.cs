using System.Runtime.InteropServices;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Offload;

/// <summary>
/// A weight of any sparse format as plain rows: pointers [rows + 1], and for each weight its value and the offset in elements of
/// the input that it multiplies. Chunks are joined, zeros that a format stores are left out; then each row gets zeros, of its last
/// offset, until it has a multiple of <see cref="DeviceShape.EntriesTogether"/>. The blob has been validated.
/// </summary>
internal sealed unsafe class SparseRows
{
    private readonly WeightRecord* weight;
    private readonly byte* data;
    private readonly List<float>[] rowValues;
    private readonly List<int>[] rowOffsets;

    private SparseRows(WeightRecord* weight, byte* data)
    {
        this.weight = weight;
        this.data = data;
        rowValues = new List<float>[weight->Rows];
        rowOffsets = new List<int>[weight->Rows];
        for (int row = 0; row < weight->Rows; row++)
        {
            rowValues[row] = [];
            rowOffsets[row] = [];
        }
    }

    private float* Values => (float*)(data + weight->DataValues);

    private uint* Pointers => (uint*)(data + weight->DataPointers);

    /// <summary>Puts a weight's rows into the constants.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="weight">One of its weights, in any format but Dense and Depthwise and blocks of several rows.</param>
    /// <param name="constants">Where the tables go.</param>
    /// <param name="scale">Elements of the input for one of the weight's offsets.</param>
    /// <param name="shift">Log₂ of the elements that kernels count offsets in.</param>
    /// <param name="step">Gets the places of the tables, bias included.</param>
    public static void Add(BlobView blob, WeightRecord* weight, ConstantTable constants, int scale, int shift, ref DeviceStep step)
    {
        var rows = new SparseRows(weight, blob.Data);
        rows.Read();
        rows.Pad();
        int[] pointers = new int[weight->Rows + 1];
        for (int row = 0; row < weight->Rows; row++)
        {
            pointers[row + 1] = pointers[row] + rows.rowValues[row].Count;
        }

        int[] order = UnitOrder.Of(pointers);
        int[] units = new int[4 * order.Length];
        float* bias = (float*)(blob.Data + weight->DataBias);
        for (int i = 0; i < order.Length; i++)
        {
            int row = order[i];
            units[(4 * i) + 0] = row;
            units[(4 * i) + 1] = pointers[row] / 4;
            units[(4 * i) + 2] = (pointers[row + 1] - pointers[row]) / 4;
            units[(4 * i) + 3] = BitConverter.SingleToInt32Bits(bias[row]);
        }

        int[] offsets = Join(rows.rowOffsets, pointers[^1]);
        for (int i = 0; i < offsets.Length; i++)
        {
            offsets[i] = checked(offsets[i] * scale) >> shift;
        }

        step.Units = constants.Add(units);
        step.Values = constants.Add(Join(rows.rowValues, pointers[^1]));
        step.Offsets = constants.Add(offsets);
    }

    private static T[] Join<T>(List<T>[] rows, int count)
        where T : unmanaged
    {
        T[] all = new T[count];
        int at = 0;
        foreach (List<T> row in rows)
        {
            CollectionsMarshal.AsSpan(row).CopyTo(all.AsSpan(at));
            at += row.Count;
        }

        return all;
    }

    private void Read()
    {
        switch (weight->Format)
        {
            case WeightFormat.SlicedEll:
                ReadSlices();
                break;
            case WeightFormat.NofM:
                ReadEntries(AddNofM);
                break;
            case WeightFormat.CsrDelta8:
                ReadDeltas();
                break;
            case WeightFormat.Csc16:
                ReadColumns();
                break;
            case WeightFormat.Bsr16 or WeightFormat.Bsr32:
                ReadEntries(AddBlock);
                break;
            default:
                ReadEntries(AddWeight);
                break;
        }
    }

    private void Pad()
    {
        for (int row = 0; row < weight->Rows; row++)
        {
            while (rowValues[row].Count % DeviceShape.EntriesTogether != 0)
            {
                rowValues[row].Add(0f);
                rowOffsets[row].Add(rowOffsets[row][^1]);
            }
        }
    }

    private void ReadEntries(Action<int, uint> add)
    {
        for (int chunk = 0; chunk < weight->Chunks; chunk++)
        {
            for (int row = 0; row < weight->Rows; row++)
            {
                uint* pointer = Pointers + ((long)chunk * weight->Rows) + row;
                for (uint entry = pointer[0]; entry < pointer[1]; entry++)
                {
                    add(row, entry);
                }
            }
        }
    }

    /// <summary>Columns in bands of rows; a vector's column is its element.</summary>
    private void ReadColumns()
    {
        ushort* indices = (ushort*)(data + weight->DataIndices);
        int bands = (weight->Rows + weight->BlockRows - 1) / weight->BlockRows;
        for (int column = 0; column < weight->Columns; column++)
        {
            for (int band = 0; band < bands; band++)
            {
                uint* pointer = Pointers + ((long)band * weight->Columns) + column;
                for (uint entry = pointer[0]; entry < pointer[1]; entry++)
                {
                    Keep((band * weight->BlockRows) + indices[entry], Values[entry], column);
                }
            }
        }
    }

    private int OffsetOf(uint entry)
    {
        byte* indices = data + weight->DataIndices;
        bool isNarrow = weight->Format is WeightFormat.Csr16 or WeightFormat.Bsr16;
        return (int)((isNarrow ? ((ushort*)indices)[entry] : ((uint*)indices)[entry]) * (uint)weight->IndexUnit);
    }

    private void Keep(int row, float value, int offset)
    {
        if (value != 0f)
        {
            rowValues[row].Add(value);
            rowOffsets[row].Add(offset);
        }
    }

    private void AddWeight(int row, uint entry) => Keep(row, Values[entry], OffsetOf(entry));

    private void AddBlock(int row, uint entry)
    {
        for (int column = 0; column < weight->BlockColumns; column++)
        {
            Keep(row, Values[((long)entry * weight->BlockColumns) + column], OffsetOf(entry) + (column * weight->ColumnStride));
        }
    }

    private void AddNofM(int row, uint entry)
    {
        int places = ((ushort*)(data + weight->DataWindows))[entry];
        for (int k = 0; k < weight->BlockRows; k++)
        {
            int column = (places >> (4 * k)) & 15;
            Keep(row, Values[((long)entry * weight->BlockRows) + k], OffsetOf(entry) + (column * weight->ColumnStride));
        }
    }

    private void ReadDeltas()
    {
        byte* deltas = data + weight->DataIndices;
        for (int chunk = 0; chunk < weight->Chunks; chunk++)
        {
            for (int row = 0; row < weight->Rows; row++)
            {
                uint* pointer = Pointers + ((long)chunk * weight->Rows) + row;
                uint index = ((uint*)(data + weight->DataWindows))[chunk];
                for (uint entry = pointer[0]; entry < pointer[1]; entry++)
                {
                    index += deltas[entry];
                    Keep(row, Values[entry], (int)(index * (uint)weight->IndexUnit));
                }
            }
        }
    }

    private void ReadSlices()
    {
        (int lanes, int entries) = (weight->Lanes, weight->BlockColumns);
        int bands = SlicedEllCheck.Bands(weight->Columns);
        int slices = (int)((weight->Rows + (lanes - 1L)) / lanes);
        int* rowMap = (int*)(data + weight->DataRowMap);
        ushort* windows = (ushort*)(data + weight->DataWindows);
        byte* indices = data + weight->DataIndices;
        for (int slice = 0; slice < slices; slice++)
        {
            uint end = Pointers[(long)(slice + 1) * bands];
            for (uint unit = Pointers[(long)slice * bands]; unit < end; unit++)
            {
                for (int i = 0; i < entries * lanes; i++)
                {
                    int row = rowMap[(slice * lanes) + (i % lanes)];
                    long at = ((long)unit * entries * lanes) + i;
                    if (row >= 0)
                    {
                        Keep(row, Values[at], windows[unit] + indices[at]);
                    }
                }
            }
        }
    }
}
