using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Compressed sparse rows whose indices are the offsets that the kernel adds, in 16 bits when all fit.</summary>
internal static class CsrFormat
{
    public static PackedWeight Pack(WeightMatrix matrix)
    {
        int nonZeros = matrix.Weight.NonZeroCount;
        float[] values = new float[nonZeros];
        uint[] indices = new uint[nonZeros];
        uint[] pointers = new uint[matrix.Rows + 1];
        int next = 0;
        for (int row = 0; row < matrix.Rows; row++)
        {
            ReadOnlySpan<float> weights = matrix.Row(row);
            ReadOnlySpan<uint> offsets = matrix.OffsetsOf(row);
            for (int column = 0; column < weights.Length; column++)
            {
                if (weights[column] != 0)
                {
                    values[next] = weights[column];
                    indices[next++] = offsets[column];
                }
            }

            pointers[row + 1] = (uint)next;
        }

        bool narrow = Array.TrueForAll(indices, index => index <= ushort.MaxValue);
        return new PackedWeight(
            matrix.Weight.Name, narrow ? WeightFormat.Csr16 : WeightFormat.Csr32,
            matrix.Weight.Shape, matrix.Rows, matrix.Columns, matrix.Groups, nonZeros)
        {
            Values = PackedWeight.BytesOf<float>(matrix.Layer, values),
            Indices = narrow
                ? PackedWeight.BytesOf<ushort>(matrix.Layer, Array.ConvertAll(indices, index => (ushort)index))
                : PackedWeight.BytesOf<uint>(matrix.Layer, indices),
            Pointers = PackedWeight.BytesOf<uint>(matrix.Layer, pointers),
            Bias = PackedWeight.BytesOf<float>(matrix.Layer, matrix.Bias),
        };
    }
}
