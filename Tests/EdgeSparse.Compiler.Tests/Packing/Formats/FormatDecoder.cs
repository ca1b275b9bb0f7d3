using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Tests.Packing.Formats;

/// <summary>Reads packed weights back to row-major values by what docs/format.md says.</summary>
internal static class FormatDecoder
{
    /// <param name="packed">The weight.</param>
    /// <param name="offsets">[groups, columns]: the index that stands for each column; of a fully connected layer, the column.</param>
    public static float[] Decode(PackedWeight packed, uint[] offsets) => packed.Format switch
    {
        WeightFormat.Dense => Floats(packed.Values).ToArray(),
        WeightFormat.Csr16 => DecodeCsr(packed, offsets, Array.ConvertAll(MemoryMarshal.Cast<byte, ushort>(packed.Indices).ToArray(), i => (uint)i)),
        WeightFormat.Csr32 => DecodeCsr(packed, offsets, MemoryMarshal.Cast<byte, uint>(packed.Indices).ToArray()),
        _ => DecodeSlicedEll(packed),
    };

    private static float[] DecodeCsr(PackedWeight packed, uint[] offsets, uint[] indices)
    {
        float[] dense = new float[packed.Rows * packed.Columns];
        ReadOnlySpan<uint> pointers = MemoryMarshal.Cast<byte, uint>(packed.Pointers);
        Assert.Equal(packed.Rows + 1, pointers.Length);
        Assert.Equal(packed.NonZeros, pointers[^1]);
        for (int row = 0; row < packed.Rows; row++)
        {
            uint[] columns = offsets.AsSpan(row / (packed.Rows / packed.Groups) * packed.Columns, packed.Columns).ToArray();
            for (uint k = pointers[row]; k < pointers[row + 1]; k++)
            {
                int column = Array.IndexOf(columns, indices[k]);
                Assert.True(column >= 0, $"row {row} has the index {indices[k]}, which is no column's");
                Assert.Equal(0, dense[(row * packed.Columns) + column]);
                dense[(row * packed.Columns) + column] = Floats(packed.Values)[(int)k];
            }
        }

        return dense;
    }

    private static float[] DecodeSlicedEll(PackedWeight packed)
    {
        float[] dense = new float[packed.Rows * packed.Columns];
        ReadOnlySpan<uint> starts = MemoryMarshal.Cast<byte, uint>(packed.Pointers);
        ReadOnlySpan<int> rowMap = MemoryMarshal.Cast<byte, int>(packed.RowMap);
        ReadOnlySpan<ushort> entryWindows = MemoryMarshal.Cast<byte, ushort>(packed.Windows);
        int slices = (packed.Rows + packed.Lanes - 1) / packed.Lanes;
        int windows = (packed.Columns + packed.Window - 1) / packed.Window;
        Assert.Equal((slices * 3 * windows) + 1, starts.Length);
        Assert.Equal((int)starts[^1], entryWindows.Length);
        Assert.Equal(slices * packed.Lanes, rowMap.Length);
        Assert.Equal(Enumerable.Range(0, packed.Rows), rowMap.ToArray().Where(r => r >= 0).Order());
        Assert.Equal((int)starts[^1] * packed.Lanes, packed.Indices.Length);
        for (int cell = 0; cell < slices * 3 * windows; cell++)
        {
            Assert.Equal(0u, (starts[cell + 1] - starts[cell]) % (4u >> (cell / windows % 3)));
            for (uint entry = starts[cell]; entry < starts[cell + 1]; entry++)
            {
                Assert.Equal(cell % windows, entryWindows[(int)entry]);
                for (int lane = 0; lane < packed.Lanes; lane++)
                {
                    int row = rowMap[(cell / (3 * windows) * packed.Lanes) + lane];
                    float value = Floats(packed.Values)[((int)entry * packed.Lanes) + lane];
                    int column = (cell % windows * packed.Window) + packed.Indices[(entry * packed.Lanes) + lane];
                    Assert.True(column < packed.Columns && (row >= 0 || value == 0));
                    if (value != 0)
                    {
                        Assert.Equal(0, dense[(row * packed.Columns) + column]);
                        dense[(row * packed.Columns) + column] = value;
                    }
                }
            }
        }

        return dense;
    }

    private static ReadOnlySpan<float> Floats(byte[] bytes) => MemoryMarshal.Cast<byte, float>(bytes);
}
