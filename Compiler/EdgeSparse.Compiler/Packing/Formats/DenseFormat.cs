using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>All weights, row-major; for a convolution also the offsets, once a group.</summary>
internal static class DenseFormat
{
    public static PackedWeight Pack(WeightMatrix matrix, bool isConvolution) =>
        new(matrix.Weight.Name, WeightFormat.Dense, matrix.Weight.Shape, matrix.Rows, matrix.Columns, matrix.Groups, matrix.Weight.NonZeroCount)
        {
            Values = PackedWeight.BytesOf(matrix.Layer, matrix.Weight.Values.Span),
            Indices = isConvolution ? PackedWeight.BytesOf<uint>(matrix.Layer, matrix.Offsets) : [],
            Bias = PackedWeight.BytesOf<float>(matrix.Layer, matrix.Bias),
        };
}
