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
    public void Any_masked_weight_of_a_fully_connected_layer_survives_every_format() => Masked.Sample((values, mask, rows, columns) =>
    {
        WeightMatrix matrix = Matrix(new Weight("w", new TensorShape(rows, columns), values, mask));
        ChunkPlan whole = ChunkPlan.Whole(columns);
        AssertSurvives(matrix, DenseFormat.PackLinear(matrix));
        AssertSurvives(matrix, CsrFormat.Pack(matrix, whole));
        AssertSurvives(matrix, new CscFormat(matrix).Pack());
        AssertSurvives(matrix, BsrFormat.Pack(matrix, whole, 4, 1));
        AssertSurvives(matrix, BsrFormat.Pack(matrix, whole, 8, 1));
        AssertSurvives(matrix, BsrFormat.Pack(matrix, whole, 16, 1));
        if (columns >= 8)
        {
            AssertSurvives(matrix, NofMFormat.Pack(matrix, whole, 2, 4));
            AssertSurvives(matrix, NofMFormat.Pack(matrix, whole, 4, 8));
        }
    });

    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void Any_masked_weight_survives_sliced_ell(int lanes) => Masked.Sample((values, mask, rows, columns) =>
    {
        WeightMatrix matrix = Matrix(new Weight("w", new TensorShape(rows, columns), values, mask));
        AssertSurvives(matrix, new SlicedEllFormat(matrix, SliceShape.ForLanes(lanes)).Pack());
    });

    [Fact]
    public void Any_masked_weight_of_a_convolution_survives_every_format() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[0, 2]).Sample(
            (seed, width) =>
            {
                (WeightMatrix matrix, Window2d window) = Convolution(new Random(seed), PackOptions.SupportedLanes[width]);
                Assert.Equal(matrix.Groups * matrix.Columns, matrix.Offsets.Distinct().Count());
                Assert.All(matrix.Offsets, offset => Assert.Equal(0u, offset % (uint)matrix.IndexUnit));
                AssertSurvives(matrix, DenseFormat.PackConvolution(matrix));
                foreach (ChunkPlan chunks in (ChunkPlan[])[ChunkPlan.Whole(matrix.Channels), Chunks(matrix, window)])
                {
                    AssertSurvives(matrix, CsrFormat.Pack(matrix, chunks));
                    foreach (WeightLayout layout in (WeightLayout[])[WeightLayout.Bsr1x4, WeightLayout.Bsr4x1, WeightLayout.Bsr8x1, WeightLayout.Bsr16x1, WeightLayout.Bsr4x4])
                    {
                        (int rows, int columns) = WeightLayouts.BlockOf(layout);
                        if (columns <= matrix.Channels)
                        {
                            AssertSurvives(matrix, BsrFormat.Pack(matrix, chunks, rows, columns));
                        }
                    }

                    if (CsrDelta8Format.TryPack(matrix, chunks) is { } deltas)
                    {
                        AssertSurvives(matrix, deltas);
                    }

                    foreach ((int n, int m) in (ReadOnlySpan<(int, int)>)[(2, 4), (4, 8)])
                    {
                        if (m <= matrix.Channels)
                        {
                            AssertSurvives(matrix, NofMFormat.Pack(matrix, chunks, n, m));
                        }
                    }
                }

                if (matrix.Channels == 1)
                {
                    AssertSurvives(matrix, DenseFormat.PackDepthwise(matrix));
                }
            },
            iter: 300);

    [Fact]
    public void Deltas_bridge_gaps_over_255_with_columns_that_lie_in_them()
    {
        // Only the first and the last of 40 channels 50 slots apart: 1,950 slots, bridged by steps of 250.
        float[] values = new float[40];
        values[0] = values[39] = 1;
        WeightMatrix matrix = new("layer", new Weight("w", new TensorShape(1, 40, 1, 1), values), [0], 1, [.. Enumerable.Range(0, 40).Select(i => (uint)i * 800)])
        {
            IsConvolution = true,
            ColumnStride = 800,
            IndexUnit = 16,
        };
        PackedWeight packed = CsrDelta8Format.TryPack(matrix, ChunkPlan.Whole(40))!;
        Assert.Equal([0, 250, 250, 250, 250, 250, 250, 250, 200], packed.Indices);
        AssertSurvives(matrix, packed);
        Assert.Null(CsrDelta8Format.TryPack(matrix with { Offsets = [.. matrix.Offsets.Select(o => o * 6)] }, ChunkPlan.Whole(40)));
    }

    [Fact]
    public void A_last_block_of_few_channels_begins_earlier_and_owns_only_those()
    {
        float[] values = [1, 2, 3, 4, 5, 6];
        WeightMatrix matrix = new("layer", new Weight("w", new TensorShape(1, 6, 1, 1), values), [0], 1, [0, 16, 32, 48, 64, 80])
        {
            IsConvolution = true,
            ColumnStride = 16,
            IndexUnit = 16,
        };
        PackedWeight packed = BsrFormat.Pack(matrix, ChunkPlan.Whole(6), 1, 4);
        Assert.Equal([0, 0, 2, 0], packed.Indices);
        Assert.Equal([1f, 2, 3, 4, 0, 0, 5, 6], System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(packed.Values));
    }

    [Fact]
    public void Csr_has_narrow_indices_exactly_while_all_fit_into_sixteen_bits()
    {
        Assert.Equal(WeightFormat.Csr16, CsrFormat.Pack(OneWeightAt(65_536, 65_535), ChunkPlan.Whole(65_536)).Format);
        Assert.Equal(WeightFormat.Csr32, CsrFormat.Pack(OneWeightAt(65_537, 65_536), ChunkPlan.Whole(65_537)).Format);
        Assert.Equal(WeightFormat.Csr16, CsrFormat.Pack(OneWeightAt(65_537, 3), ChunkPlan.Whole(65_537)).Format);
    }

    [Fact]
    public void A_layer_without_any_weight_left_has_rows_without_entries()
    {
        WeightMatrix matrix = Matrix(new Weight("w", new TensorShape(3, 5), new float[15], new bool[15]));
        PackedWeight csr = CsrFormat.Pack(matrix, ChunkPlan.Whole(5));
        Assert.Equal((0L, 0, 0, 16), (csr.NonZeros, csr.Values.Length, csr.Indices.Length, csr.Pointers.Length));
        PackedWeight sliced = new SlicedEllFormat(matrix, SliceShape.ForLanes(4)).Pack();
        Assert.Equal((0L, 0, 0, 8, 64), (sliced.NonZeros, sliced.Values.Length, sliced.Indices.Length, sliced.Pointers.Length, sliced.RowMap.Length));
    }

    [Theory]
    [InlineData(300, 100, 0.2, 304)]
    [InlineData(300, 100, 0.3, 160)]
    [InlineData(1000, 50, 1, 128)]
    [InlineData(20, 50, 1, 32)]
    [InlineData(70_000, 3, 0.002, 17_504)]
    [InlineData(70_000, 3, 0.0001, 65_536)]
    public void Columns_lie_in_bands_of_rows_that_have_weights_enough_to_be_shared_by_workers(int rows, int columns, double density, int bandRows)
    {
        Random random = new(4);
        float[] values = [.. Enumerable.Range(0, rows * columns).Select(_ => random.NextDouble() < density ? 1f : 0)];
        WeightMatrix matrix = Matrix(new Weight("w", new TensorShape(rows, columns), values));
        CscFormat format = new(matrix);
        Assert.Equal(bandRows, format.BandRows);
        Assert.Equal((rows + bandRows - 1) / bandRows * columns, format.Columns);
        AssertSurvives(matrix, format.Pack());
    }

    private static void AssertSurvives(WeightMatrix matrix, PackedWeight packed) =>
        Assert.Equal(matrix.Weight.Values.Span, FormatDecoder.Decode(packed, matrix.Offsets));

    /// <summary>Chunks of a tiny cache, so that small layers have several.</summary>
    private static ChunkPlan Chunks(WeightMatrix matrix, Window2d window) =>
        ChunkPlan.For(matrix.Channels, ChunkWindow.Of(window) with { Rows = 400 }, matrix.IndexUnit, matrix.Weight.ElementCount * 6L, matrix.Rows);

    private static (WeightMatrix Matrix, Window2d Window) Convolution(Random random, int lanes)
    {
        int groups = random.Next(1, 4);
        int channels = random.Next(4) == 0 ? 1 : random.Next(1, 20);
        TensorShape shape = new(random.Next(1, 20) * groups, channels, random.Next(1, 4), random.Next(1, 4));
        double kept = random.Next(3) switch { 0 => 0.05, 1 => 0.5, _ => random.NextDouble() };
        float[] values = new float[shape.ElementCount];
        bool[] mask = new bool[shape.ElementCount];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.NextSingle() + 0.1f;
            mask[i] = random.NextDouble() < kept;
        }

        int pad = random.Next(0, 3);
        Window2d window = new(
            shape[2], shape[3], random.Next(1, 4), random.Next(1, 4), pad, random.Next(0, 2), random.Next(0, 2), pad, random.Next(1, 3), random.Next(1, 3));
        Conv2d conv = new("c", "x", "y", "w", null, window, groups);
        LoweredGraph graph = GraphLowering.Apply(GraphMaker.Make(new TensorShape(1, channels * groups, 9, 11), ["y"], [conv], new Weight("w", shape, values, mask)));
        var layers = LayerFusion.Apply(graph);
        ValueLayout input = new LayoutAssignment(graph, layers, lanes).InputOf(layers[0], 0);
        return (WeightMatrix.Of(conv, graph, input), window);
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
