using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>Cuts a convolution's run into tiles, once per session.</summary>
internal static unsafe class ConvTiling
{
    /// <summary>Elements from the first to the last output pixel, rows as far apart as the input's.</summary>
    public static long RunLength(BlobView blob, OperationRecord* step)
    {
        ref readonly ValueRecord y = ref blob.Values[step->Output];
        return ((y.Height - 1L) * blob.Values[step->Input0].RowStride) + y.Width;
    }

    /// <summary>Fills in the step's tiles, segments or masks, and buffer.</summary>
    /// <param name="step">A step with its operands.</param>
    /// <param name="vector">Elements of the kernel's vectors, at most the run's length.</param>
    /// <param name="tileVectors">The widest tile in vectors.</param>
    /// <param name="memory">Where the tiles go.</param>
    public static void Plan(Step* step, int vector, int tileVectors, NativeArena memory)
    {
        int run = ((step->Output.Height - 1) * step->Input.RowStride) + step->Output.Width;
        int vectors = (run + vector - 1) / vector;
        int tiles = (vectors + tileVectors - 1) / tileVectors;
        step->TileCount = tiles;
        step->Tiles = (ConvTile*)memory.Allocate((long)tiles * sizeof(ConvTile));
        int start = 0;
        for (int t = 0; t < tiles; t++)
        {
            // The vectors still to do, spread evenly: 13 become 4 + 3 + 3 + 3.
            int left = tiles - t;
            int count = (vectors + left - 1) / left;
            vectors -= count;
            ConvTile* tile = step->Tiles + t;
            int last = Math.Min(start + ((count - 1) * vector), run - vector);
            tile->Start = count == 1 ? last : start;
            tile->Vectors = count;
            tile->Last = last - tile->Start;
            start += count * vector;
        }

        if (step->Output.Height == 1 || step->Output.RowStride == step->Input.RowStride)
        {
            PlanMasks(step, vector, memory);
        }
        else
        {
            PlanSegments(step, vector, memory);
            step->Scratch = (float*)memory.Allocate((long)tileVectors * vector * sizeof(float));
        }
    }

    private static void PlanMasks(Step* step, int vector, NativeArena memory)
    {
        long count = 0;
        for (int t = 0; t < step->TileCount; t++)
        {
            count += step->Tiles[t].Vectors * vector;
        }

        uint* masks = (uint*)memory.Allocate(count * sizeof(uint));
        step->Masks = (float*)masks;
        int next = 0;
        for (int t = 0; t < step->TileCount; t++)
        {
            ConvTile* tile = step->Tiles + t;
            tile->FirstMask = next;
            for (int v = 0; v < tile->Vectors; v++)
            {
                int first = tile->Start + (v == tile->Vectors - 1 ? tile->Last : v * vector);
                for (int i = 0; i < vector; i++)
                {
                    bool pixel = step->Output.Height == 1 || (first + i) % step->Input.RowStride < step->Output.Width;
                    masks[next++] = pixel ? uint.MaxValue : 0;
                }
            }
        }
    }

    private static void PlanSegments(Step* step, int vector, NativeArena memory)
    {
        int stride = step->Input.RowStride;
        int width = step->Output.Width;
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
                int end = tile->Start + tile->Last + vector;
                for (int row = tile->Start / stride; (long)row * stride < end; row++)
                {
                    int from = Math.Max(tile->Start, row * stride);
                    int to = (int)Math.Min(end, ((long)row * stride) + width);
                    if (from >= to)
                    {
                        continue;
                    }

                    if (pass == 1)
                    {
                        step->Segments[count] = new ConvSegment
                        {
                            From = from - tile->Start,
                            To = (row * step->Output.RowStride) + from - (row * stride),
                            Length = to - from,
                        };
                    }

                    count++;
                }

                tile->SegmentCount = count - tile->FirstSegment;
            }
        }
    }
}
