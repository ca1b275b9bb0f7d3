using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Tests.Packing.Formats;

/// <summary>Reads packed weights back to row-major values by what docs/format.md says.</summary>
internal static class FormatDecoder
{
    /// <param name="packed">The weight.</param>
    /// <param name="offsets">[groups, columns]: the offset that stands for each column; of a fully connected layer, the column.</param>
    public static float[] Decode(PackedWeight packed, uint[] offsets)
    {
        float[] dense = new float[packed.Rows * packed.Columns];
        switch (packed.Format)
        {
            case WeightFormat.Dense when packed.Indices.Length == 0:
                return Floats(packed).ToArray();
            case WeightFormat.Dense:
                DecodeDense(packed, offsets, dense);
                break;
            case WeightFormat.Depthwise:
                DecodeDepthwise(packed, offsets);
                return Floats(packed).ToArray();
            case WeightFormat.SlicedEll:
                DecodeSlicedEll(packed, dense);
                break;
            case WeightFormat.Csc16:
                DecodeColumns(packed, dense);
                break;
            case WeightFormat.NofM:
                DecodeNofM(packed, offsets, dense);
                break;
            case WeightFormat.CsrDelta8:
                DecodeDeltas(packed, offsets, dense);
                break;
            default:
                DecodeBlocks(packed, offsets, dense);
                break;
        }

        return dense;
    }

    /// <summary>Sets the weight whose offset is given, once.</summary>
    private static void Set(PackedWeight packed, uint[] offsets, float[] dense, int row, long offset, float value)
    {
        if (row >= packed.Rows || value == 0)
        {
            Assert.Equal(0, value);
            return;
        }

        int group = row / (packed.Rows / packed.Groups);
        int column = Array.IndexOf(offsets, (uint)offset, group * packed.Columns, packed.Columns) - (group * packed.Columns);
        Assert.True(column >= 0, $"row {row} has the offset {offset}, which is no column's");
        Assert.Equal(0, dense[(row * packed.Columns) + column]);
        dense[(row * packed.Columns) + column] = value;
    }

    private static void DecodeDense(PackedWeight packed, uint[] offsets, float[] dense)
    {
        ReadOnlySpan<uint> indices = MemoryMarshal.Cast<byte, uint>(packed.Indices);
        Assert.Equal(packed.Groups * packed.Columns, indices.Length);
        int height = packed.BlockRows;
        int blocks = Rows(packed, height);
        Assert.Equal(blocks * packed.Columns * height, Floats(packed).Length);
        for (int i = 0; i < blocks * packed.Columns * height; i++)
        {
            int block = i / height / packed.Columns;
            int group = block / (blocks / packed.Groups);
            Set(packed, offsets, dense, RowOf(packed, block, i % height, height), indices[(group * packed.Columns) + (i / height % packed.Columns)], Floats(packed)[i]);
        }
    }

    private static void DecodeDepthwise(PackedWeight packed, uint[] offsets)
    {
        ReadOnlySpan<uint> indices = MemoryMarshal.Cast<byte, uint>(packed.Indices);
        for (int i = 0; i < offsets.Length; i++)
        {
            Assert.Equal(offsets[i], indices[i % packed.Columns] + (i / packed.Columns * packed.ColumnStride));
        }
    }

    private static void DecodeBlocks(PackedWeight packed, uint[] offsets, float[] dense)
    {
        int height = Math.Max(packed.BlockRows, 1);
        int width = Math.Max(packed.BlockColumns, 1);
        uint[] indices = packed.Format is WeightFormat.Csr16 or WeightFormat.Bsr16
            ? Array.ConvertAll(MemoryMarshal.Cast<byte, ushort>(packed.Indices).ToArray(), i => (uint)i)
            : MemoryMarshal.Cast<byte, uint>(packed.Indices).ToArray();
        ForEachEntry(packed, height, (_, block, entry, _) =>
        {
            for (int i = 0; i < height * width; i++)
            {
                long offset = ((long)indices[entry] * packed.IndexUnit) + (i / height * packed.ColumnStride);
                Set(packed, offsets, dense, RowOf(packed, block, i % height, height), offset, Floats(packed)[(entry * height * width) + i]);
            }
        });
        Assert.Equal(indices.Length * height * width, Floats(packed).Length);
    }

    private static void DecodeDeltas(PackedWeight packed, uint[] offsets, float[] dense)
    {
        ReadOnlyMemory<byte> bases = packed.Windows;
        uint at = 0;
        ForEachEntry(packed, 1, (chunk, row, entry, isFirst) =>
        {
            at = (isFirst ? MemoryMarshal.Cast<byte, uint>(bases.Span)[chunk] : at) + packed.Indices[entry];
            Assert.Contains(at * (uint)packed.IndexUnit, offsets);
            Set(packed, offsets, dense, row, (long)at * packed.IndexUnit, Floats(packed)[entry]);
        });
    }

    private static void DecodeNofM(PackedWeight packed, uint[] offsets, float[] dense)
    {
        uint[] indices = MemoryMarshal.Cast<byte, uint>(packed.Indices).ToArray();
        ushort[] places = MemoryMarshal.Cast<byte, ushort>(packed.Windows).ToArray();
        Assert.Equal(indices.Length, places.Length);
        ForEachEntry(packed, 1, (_, row, entry, _) =>
        {
            for (int k = 0; k < packed.BlockRows; k++)
            {
                int place = (places[entry] >> (4 * k)) & 15;
                Assert.InRange(place, 0, packed.BlockColumns - 1);
                Set(packed, offsets, dense, row, indices[entry] + ((long)place * packed.ColumnStride), Floats(packed)[(entry * packed.BlockRows) + k]);
            }
        });
    }

    /// <summary>Calls back with chunk, row of blocks, entry, and whether it is the row's first.</summary>
    private static void ForEachEntry(PackedWeight packed, int height, Action<int, int, int, bool> entry)
    {
        uint[] pointers = MemoryMarshal.Cast<byte, uint>(packed.Pointers).ToArray();
        int rows = Rows(packed, height);
        Assert.Equal((packed.Chunks * rows) + 1, pointers.Length);
        Assert.Equal(0u, pointers[0]);
        for (int i = 0; i < packed.Chunks * rows; i++)
        {
            for (uint k = pointers[i]; k < pointers[i + 1]; k++)
            {
                entry(i / rows, i % rows, (int)k, k == pointers[i]);
            }
        }

        if (packed.Format is WeightFormat.Csr16 or WeightFormat.Csr32)
        {
            Assert.Equal(packed.NonZeros, pointers[^1]);
        }
    }

    private static int Rows(PackedWeight packed, int height) => packed.Groups * (((packed.Rows / packed.Groups) + height - 1) / height);

    /// <summary>The row of a place in a block; <see cref="int.MaxValue"/> below the last row of the group.</summary>
    private static int RowOf(PackedWeight packed, int block, int row, int height)
    {
        int blocksOfGroup = Rows(packed, height) / packed.Groups;
        int rowsOfGroup = packed.Rows / packed.Groups;
        int rowOfGroup = (block % blocksOfGroup * height) + row;
        return rowOfGroup < rowsOfGroup ? (block / blocksOfGroup * rowsOfGroup) + rowOfGroup : int.MaxValue;
    }

    private static void DecodeColumns(PackedWeight packed, float[] dense)
    {
        ReadOnlySpan<uint> pointers = MemoryMarshal.Cast<byte, uint>(packed.Pointers);
        ReadOnlySpan<ushort> rows = MemoryMarshal.Cast<byte, ushort>(packed.Indices);
        int bands = (packed.Rows + packed.BlockRows - 1) / packed.BlockRows;
        Assert.Equal((bands * packed.Columns) + 1, pointers.Length);
        Assert.Equal((0u, (uint)packed.NonZeros), (pointers[0], pointers[^1]));
        Assert.Equal(((int)packed.NonZeros, (int)packed.NonZeros), (rows.Length, Floats(packed).Length));
        for (int i = 0; i < bands * packed.Columns; i++)
        {
            int before = -1;
            for (int k = (int)pointers[i]; k < pointers[i + 1]; k++)
            {
                Assert.InRange(rows[k], before + 1, packed.BlockRows - 1);
                before = rows[k];
                dense[(((i / packed.Columns * packed.BlockRows) + before) * packed.Columns) + (i % packed.Columns)] = Floats(packed)[k];
            }
        }
    }

    private static void DecodeSlicedEll(PackedWeight packed, float[] dense)
    {
        ReadOnlySpan<uint> starts = MemoryMarshal.Cast<byte, uint>(packed.Pointers);
        ReadOnlySpan<int> rowMap = MemoryMarshal.Cast<byte, int>(packed.RowMap);
        ReadOnlySpan<ushort> firstColumns = MemoryMarshal.Cast<byte, ushort>(packed.Windows);
        int slices = (packed.Rows + packed.Lanes - 1) / packed.Lanes;
        int bands = (packed.Columns + 63) / 64;
        int stored = packed.BlockColumns * packed.Lanes;
        Assert.Equal((slices * bands) + 1, starts.Length);
        Assert.Equal((int)starts[^1], firstColumns.Length);
        Assert.Equal(slices * packed.Lanes, rowMap.Length);
        Assert.Equal(Enumerable.Range(0, packed.Rows), rowMap.ToArray().Where(r => r >= 0).Order());
        Assert.Equal(((int)starts[^1] * stored, (int)starts[^1] * stored), (packed.Indices.Length, Floats(packed).Length));
        for (int cell = 0; cell < slices * bands; cell++)
        {
            for (int unit = (int)starts[cell]; unit < starts[cell + 1]; unit++)
            {
                Assert.Equal(cell % bands, firstColumns[unit] / 64);
                for (int i = unit * stored; i < (unit + 1) * stored; i++)
                {
                    int row = rowMap[(cell / bands * packed.Lanes) + (i % packed.Lanes)];
                    float value = Floats(packed)[i];
                    int column = firstColumns[unit] + packed.Indices[i];
                    Assert.True(packed.Indices[i] < packed.Window && column < packed.Columns && (row >= 0 || value == 0));
                    if (value != 0)
                    {
                        Assert.Equal(0, dense[(row * packed.Columns) + column]);
                        dense[(row * packed.Columns) + column] = value;
                    }
                }
            }
        }
    }

    private static ReadOnlySpan<float> Floats(PackedWeight packed) => MemoryMarshal.Cast<byte, float>(packed.Values);
}
