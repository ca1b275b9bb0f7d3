using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Entries of N weights out of M columns; see <see cref="WeightFormat.NofM"/>.</summary>
internal static class NofMFormat
{
    private const int PlaceBits = 4;

    /// <param name="matrix">The weight.</param>
    /// <param name="chunks">Parts of the input channels.</param>
    /// <param name="n">Weights of an entry.</param>
    /// <param name="m">Columns that they are out of.</param>
    /// <exception cref="PackingException">There are fewer than M input channels.</exception>
    public static PackedWeight Pack(WeightMatrix matrix, ChunkPlan chunks, int n, int m)
    {
        BlockRows blocks = new(matrix, 1, m);
        List<float> values = [];
        List<uint> offsets = [];
        List<ushort> places = [];
        List<uint> pointers = [0];
        blocks.ForEach(chunks, (_, row, stored) =>
        {
            foreach (ColumnBlock column in stored)
            {
                int used = n;
                for (int k = 0; k < m; k++)
                {
                    float weight = blocks.At(row, column, 0, k);
                    if (weight == 0)
                    {
                        continue;
                    }

                    if (used == n)
                    {
                        offsets.Add(blocks.OffsetOf(row, column));
                        places.Add(0);
                        values.AddRange(Enumerable.Repeat(0f, n));
                        used = 0;
                    }

                    values[^(n - used)] = weight;
                    places[^1] |= (ushort)(k << (PlaceBits * used));
                    used++;
                }
            }

            pointers.Add((uint)offsets.Count);
        });
        return new PackedWeight(
            matrix.Weight.Name, WeightFormat.NofM, matrix.Weight.Shape, matrix.Rows, matrix.Columns, matrix.Groups, matrix.Weight.NonZeroCount)
        {
            BlockRows = n,
            BlockColumns = m,
            Chunks = chunks.Count,
            ColumnStride = matrix.ColumnStride,
            Values = PackedWeight.BytesOf<float>(matrix.Layer, values.ToArray()),
            Indices = PackedWeight.BytesOf<uint>(matrix.Layer, offsets.ToArray()),
            Pointers = PackedWeight.BytesOf<uint>(matrix.Layer, pointers.ToArray()),
            Windows = PackedWeight.BytesOf<ushort>(matrix.Layer, places.ToArray()),
            Bias = PackedWeight.BytesOf<float>(matrix.Layer, matrix.Bias),
        };
    }

    /// <summary>Entries that the weight takes; null where there are fewer than M channels.</summary>
    /// <param name="matrix">The weight.</param>
    /// <param name="n">Weights of an entry.</param>
    /// <param name="m">Columns that they are out of.</param>
    /// <param name="exactly">Null too where M columns have more than N weights: the mask was not made for the format.</param>
    public static long? CountEntries(WeightMatrix matrix, int n, int m, bool exactly)
    {
        if (!BlockRows.IsPossible(matrix, m))
        {
            return null;
        }

        BlockRows blocks = new(matrix, 1, m);
        long entries = 0;
        bool fits = true;
        blocks.ForEach(ChunkPlan.Whole(matrix.Channels), (_, row, stored) =>
        {
            foreach (ColumnBlock column in stored)
            {
                int weights = 0;
                for (int k = 0; k < m; k++)
                {
                    weights += blocks.At(row, column, 0, k) != 0 ? 1 : 0;
                }

                fits &= !exactly || weights <= n;
                entries += (weights + n - 1) / n;
            }
        });
        return fits ? entries : null;
    }
}
