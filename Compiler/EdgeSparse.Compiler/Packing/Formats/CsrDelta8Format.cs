using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Compressed sparse rows with 8-bit distances between indices; see <see cref="WeightFormat.CsrDelta8"/>. A gap that a byte does
/// not reach over is bridged by zeros at columns that lie in it.
/// </summary>
internal static class CsrDelta8Format
{
    /// <returns>Null where a gap has no columns to bridge it by.</returns>
    public static PackedWeight? TryPack(WeightMatrix matrix, ChunkPlan chunks)
    {
        BlockRows rows = new(matrix, 1, 1);
        uint[] bases = BasesOf(matrix, chunks);
        uint[][] steps = [.. Enumerable.Range(0, matrix.Groups).Select(g => StepsOf(matrix, g))];
        List<float> values = [];
        List<byte> deltas = [];
        List<uint> pointers = [0];
        bool possible = true;
        rows.ForEach(chunks, (chunk, row, stored) =>
        {
            uint at = bases[chunk];
            foreach (ColumnBlock column in stored)
            {
                uint target = rows.OffsetOf(row, column) / (uint)matrix.IndexUnit;
                while (possible && target - at > byte.MaxValue)
                {
                    uint bridge = Furthest(steps[rows.GroupOf(row)], at);
                    possible = bridge > at;
                    values.Add(0);
                    deltas.Add((byte)(bridge - at));
                    at = bridge;
                }

                values.Add(rows.At(row, column, 0, 0));
                deltas.Add((byte)(target - at));
                at = target;
            }

            pointers.Add((uint)deltas.Count);
        });
        return !possible ? null : new PackedWeight(
            matrix.Weight.Name, WeightFormat.CsrDelta8, matrix.Weight.Shape, matrix.Rows, matrix.Columns, matrix.Groups,
            matrix.Weight.NonZeroCount)
        {
            Chunks = chunks.Count,
            IndexUnit = matrix.IndexUnit,
            Values = PackedWeight.BytesOf<float>(matrix.Layer, values.ToArray()),
            Indices = deltas.ToArray(),
            Pointers = PackedWeight.BytesOf<uint>(matrix.Layer, pointers.ToArray()),
            Windows = PackedWeight.BytesOf<uint>(matrix.Layer, bases),
            Bias = PackedWeight.BytesOf<float>(matrix.Layer, matrix.Bias),
        };
    }

    /// <summary>The lowest index of each chunk in any group.</summary>
    private static uint[] BasesOf(WeightMatrix matrix, ChunkPlan chunks)
    {
        uint[] bases = new uint[chunks.Count];
        Array.Fill(bases, uint.MaxValue);
        for (int column = 0; column < matrix.Offsets.Length; column++)
        {
            int chunk = chunks.Of(column % matrix.Columns / matrix.KernelPositions);
            bases[chunk] = Math.Min(bases[chunk], matrix.Offsets[column] / (uint)matrix.IndexUnit);
        }

        return bases;
    }

    /// <summary>The indices of a group, ascending.</summary>
    private static uint[] StepsOf(WeightMatrix matrix, int group)
    {
        uint[] steps = Array.ConvertAll(matrix.OffsetsOf(group).ToArray(), o => o / (uint)matrix.IndexUnit);
        Array.Sort(steps);
        return steps;
    }

    /// <summary>The furthest index that a byte reaches from <paramref name="at"/>; none beyond it when it is below that.</summary>
    private static uint Furthest(uint[] steps, uint at)
    {
        int found = Array.BinarySearch(steps, at + byte.MaxValue);
        int last = found >= 0 ? found : ~found - 1;
        return last >= 0 ? steps[last] : 0;
    }
}
