using CsCheck;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Tests.Packing.Formats;

/// <summary>No format loses or changes a weight.</summary>
public sealed class FormatRoundTripTests
{
    private static readonly Gen<(float[] Values, bool[] Mask, int Rows, int Columns)> Masked =
        from rows in Gen.Int[1, 50]
        from columns in Gen.Int[1, 90]
        from kept in Gen.Double[0, 1]
        from values in Gen.Float[-3f, 3f].Array[rows * columns]
        from coins in Gen.Double[0, 1].Array[rows * columns]
        select (values, coins.Select(c => c < kept).ToArray(), rows, columns);

    [Fact]
    public void Any_masked_weight_survives_dense_and_csr() => Masked.Sample((values, mask, rows, columns) =>
    {
        WeightMatrix matrix = Matrix(new Weight("w", new TensorShape(rows, columns), values, mask));
        Assert.Equal(matrix.Weight.Values.Span, FormatDecoder.Decode(DenseFormat.Pack(matrix, isConvolution: false), matrix.Offsets));
        Assert.Equal(matrix.Weight.Values.Span, FormatDecoder.Decode(CsrFormat.Pack(matrix), matrix.Offsets));
    });

    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void Any_masked_weight_survives_sliced_ell(int lanes) => Masked.Sample((values, mask, rows, columns) =>
    {
        WeightMatrix matrix = Matrix(new Weight("w", new TensorShape(rows, columns), values, mask));
        PackedWeight packed = new SlicedEllFormat(matrix, SliceShape.ForLanes(lanes)).Pack();
        Assert.Equal(matrix.Weight.Values.Span, FormatDecoder.Decode(packed, matrix.Offsets));
    });

    [Fact]
    public void Convolutions_survive_csr_and_dense_with_groups_strides_dilations_and_padding() =>
        Gen.Select(Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[0, 2], Gen.Int[1, 2], Gen.Double[0, 1]).Sample(
            (kernel, stride, groups, pad, dilation, kept) =>
            {
                Random random = new(kernel + (8 * stride) + (64 * groups));
                TensorShape shape = new(2 * groups, 3, kernel, kernel);
                float[] values = new float[shape.ElementCount];
                bool[] mask = new bool[shape.ElementCount];
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = random.NextSingle() + 0.1f;
                    mask[i] = random.NextDouble() < kept;
                }

                Weight weight = new("w", shape, values, mask);
                Window2d window = new(kernel, kernel, stride, stride, pad, pad, pad, pad, dilation, dilation);
                Conv2d conv = new("c", "x", "y", "w", null, window, groups);
                Graph graph = new(
                    "g", [new GraphValue("x", new TensorShape(1, 3 * groups, 9, 11))], ["y"], [conv],
                    System.Collections.Immutable.ImmutableDictionary.CreateRange([KeyValuePair.Create("w", weight)]));
                LayoutAssignment layouts = new(graph, ActivationFusion.Of(graph), 32);
                PlaneLayout input = PhaseSplit.IsNeededBy(conv) ? layouts.Of(PhaseSplit.Of(conv)) : layouts.Of("x");
                WeightMatrix matrix = WeightMatrix.Of(conv, graph, input);
                Assert.Equal(groups * 3 * kernel * kernel, matrix.Offsets.Distinct().Count());
                Assert.Equal(weight.Values.Span, FormatDecoder.Decode(CsrFormat.Pack(matrix), matrix.Offsets));
                PackedWeight dense = DenseFormat.Pack(matrix, isConvolution: true);
                Assert.Equal(weight.Values.Span, FormatDecoder.Decode(dense, matrix.Offsets));
                Assert.Equal(matrix.Offsets.Length * sizeof(uint), dense.Indices.Length);
            },
            iter: 200);

    [Fact]
    public void Csr_has_narrow_indices_exactly_while_all_fit_into_sixteen_bits()
    {
        Assert.Equal(WeightFormat.Csr16, CsrFormat.Pack(OneWeightAt(65_536, 65_535)).Format);
        Assert.Equal(WeightFormat.Csr32, CsrFormat.Pack(OneWeightAt(65_537, 65_536)).Format);
        Assert.Equal(WeightFormat.Csr16, CsrFormat.Pack(OneWeightAt(65_537, 3)).Format);
    }

    [Fact]
    public void A_layer_without_any_weight_left_has_rows_without_entries()
    {
        WeightMatrix matrix = Matrix(new Weight("w", new TensorShape(3, 5), new float[15], new bool[15]));
        PackedWeight csr = CsrFormat.Pack(matrix);
        Assert.Equal((0L, 0, 0, 16), (csr.NonZeros, csr.Values.Length, csr.Indices.Length, csr.Pointers.Length));
        PackedWeight sliced = new SlicedEllFormat(matrix, SliceShape.ForLanes(4)).Pack();
        Assert.Equal((0L, 0, 0, 16, 16), (sliced.NonZeros, sliced.Values.Length, sliced.Indices.Length, sliced.Pointers.Length, sliced.RowMap.Length));
    }

    private static WeightMatrix OneWeightAt(int columns, int column)
    {
        float[] values = new float[columns];
        values[column] = 1;
        return Matrix(new Weight("w", new TensorShape(1, columns), values));
    }

    private static WeightMatrix Matrix(Weight weight) => new(
        "layer", weight, new float[weight.Shape[0]], 1, [.. Enumerable.Range(0, weight.Shape[1]).Select(i => (uint)i)]);
}
