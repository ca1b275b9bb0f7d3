using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Cuts a convolution's output map into vectors, and these into tiles, once per session. Two ways: row by row, no vector wider
/// than a row; or as one run, the map with the row stride of the input, whose vectors also compute what lies between the rows.
/// </summary>
internal static unsafe class ConvTiling
{
    /// <summary>The widest tile of any kernel, in vectors.</summary>
    public const int WidestTile = 4;

    /// <summary>Rows that a kernel computes at once.</summary>
    private const int MostRows = 4;

    /// <summary>
    /// Predicted time of one weight over the whole map, in units of a 256-bit vector's; kernels of different widths are compared
    /// by it. Measured on Zen 4, whose 512-bit loads take as long as two of 256 bits and straddle cache lines where they are not
    /// aligned; a dense kernel, which uses four times what it loads, is bound by its multiplications instead.
    /// </summary>
    /// <param name="blob">The blob of the step.</param>
    /// <param name="step">A convolution.</param>
    /// <param name="vector">Elements of the kernel's vectors.</param>
    /// <returns>Infinite where the map is too small for such vectors.</returns>
    public static double Cost(BlobView blob, OperationRecord* step, int vector)
    {
        ref readonly ValueRecord x = ref blob.Values[step->Input0];
        ref readonly ValueRecord y = ref blob.Values[step->Output];
        double rows = RowVectors(y.Height, y.Width, vector);
        double run = RunVectors(y.Height, y.Width, x.RowStride, vector);
        bool aligned = step->KernelX == 1 && step->KernelY == 1 && x.Origin % vector == 0 && x.PlaneStride % vector == 0;
        double load = vector switch
        {
            16 => blob.Weights[step->Weight].Format == WeightFormat.Dense ? 2 : aligned ? 1.5 : 1.75,
            8 => 1,
            4 => 0.67,
            _ => 0.6,
        };
        return load * Math.Min(rows, run);
    }

    /// <summary>Fills in the step's tiles, and masks or segments where it needs them.</summary>
    /// <param name="step">A step with its operands.</param>
    /// <param name="vector">Elements of the kernel's vectors.</param>
    /// <param name="tileVectors">The widest tile in vectors.</param>
    /// <param name="memory">Where the tiles go.</param>
    public static void Plan(Step* step, int vector, int tileVectors, NativeArena memory)
    {
        ref readonly Planes y = ref step->Output;
        int stride = step->Input.RowStride;
        bool byRows = RowVectors(y.Height, y.Width, vector) <= RunVectors(y.Height, y.Width, stride, vector);
        int run = ((y.Height - 1) * stride) + y.Width;
        int perRow = (y.Width + vector - 1) / vector;
        int vectors = byRows ? y.Height * perRow : (run + vector - 1) / vector;
        bool inPlace = byRows || y.Height == 1 || y.RowStride == stride;
        int tiles = (vectors + tileVectors - 1) / tileVectors;
        step->TileCount = tiles;
        step->Tiles = (ConvTile*)memory.Allocate((long)tiles * sizeof(ConvTile));
        int next = 0;
        for (int t = 0; t < tiles; t++)
        {
            // The vectors still to do, spread evenly: 13 become 4 + 3 + 3 + 3.
            ConvTile* tile = step->Tiles + t;
            tile->Vectors = (vectors - next + (tiles - t) - 1) / (tiles - t);
            for (int v = 0; v < tile->Vectors; v++, next++)
            {
                int row = byRows ? next / perRow : 0;
                int column = byRows ? Math.Min(next % perRow * vector, y.Width - vector) : Math.Min(next * vector, run - vector);
                (&tile->Source0)[v] = (row * stride) + column;
                (&tile->Target0)[v] = inPlace ? (row * y.RowStride) + column : v * vector;
            }
        }

        if (!inPlace)
        {
            step->Scratch = (float*)memory.Allocate((long)MostRows * WidestTile * vector * sizeof(float));
            PlanSegments(step, vector, memory);
        }
        else if (!byRows && y.Height > 1 && stride > y.Width)
        {
            PlanMasks(step, vector, vectors, memory);
        }
    }

    private static double RowVectors(int height, int width, int vector) =>
        width < vector ? double.PositiveInfinity : (double)height * ((width + vector - 1) / vector);

    private static double RunVectors(int height, int width, int stride, int vector)
    {
        double run = ((height - 1d) * stride) + width;
        return run < vector ? double.PositiveInfinity : Math.Ceiling(run / vector);
    }

    private static void PlanMasks(Step* step, int vector, int vectors, NativeArena memory)
    {
        uint* masks = (uint*)memory.Allocate((long)vectors * vector * sizeof(uint));
        step->Masks = (float*)masks;
        int next = 0;
        for (int t = 0; t < step->TileCount; t++)
        {
            ConvTile* tile = step->Tiles + t;
            tile->FirstMask = next;
            for (int v = 0; v < tile->Vectors; v++)
            {
                for (int i = 0; i < vector; i++)
                {
                    masks[next++] = ((&tile->Source0)[v] + i) % step->Input.RowStride < step->Output.Width ? uint.MaxValue : 0;
                }
            }
        }
    }

    private static void PlanSegments(Step* step, int vector, NativeArena memory)
    {
        int count = 0;
        for (int pass = 0; pass < 2; pass++)
        {
            if (pass == 1)
            {
                step->Segments = (ConvSegment*)memory.Allocate((long)count * sizeof(ConvSegment));
                count = 0;
            }

            for (int t = 0; t < step->TileCount; t++)
            {
                ConvTile* tile = step->Tiles + t;
                tile->FirstSegment = count;
                for (int v = 0; v < tile->Vectors; v++)
                {
                    count += CutAtRows(step, (&tile->Source0)[v], v * vector, vector, pass == 1 ? step->Segments + count : null);
                }

                tile->SegmentCount = count - tile->FirstSegment;
            }
        }
    }

    /// <summary>The parts of a vector of the run that are pixels, one a row; their number, and themselves where asked for.</summary>
    private static int CutAtRows(Step* step, int start, int buffer, int vector, ConvSegment* segments)
    {
        int stride = step->Input.RowStride;
        int count = 0;
        for (int row = start / stride; (long)row * stride < start + vector; row++)
        {
            int first = Math.Max(start, row * stride);
            int end = (int)Math.Min(start + vector, ((long)row * stride) + step->Output.Width);
            if (first >= end)
            {
                continue;
            }

            if (segments != null)
            {
                segments[count] = new ConvSegment
                {
                    From = buffer + first - start,
                    To = (row * step->Output.RowStride) + first - (row * stride),
                    Length = end - first,
                };
            }

            count++;
        }

        return count;
    }
}
