using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Cuts a convolution's output into tiles and shares these, or the rows, out to the workers; once per session. Every vector of the
/// output is in one tile, so that no pixel is computed twice.
/// </summary>
internal static unsafe class ConvPlan
{
    /// <summary>Row blocks of a worker from which on rows come out even: one more or less is a tenth at most.</summary>
    private const int FewestBlocks = 10;

    /// <param name="step">A step with its operands.</param>
    /// <param name="kernel">The kernel that will run it.</param>
    /// <param name="tileVectors">The widest tile that the packer asks for, 0 for the kernel's own.</param>
    /// <param name="memory">Where the tiles go.</param>
    /// <param name="workers">Threads that run the step.</param>
    public static void Plan(Step* step, Kernel kernel, int tileVectors, NativeArena memory, int workers)
    {
        int widest = tileVectors == 0 ? kernel.TileVectors : Math.Min(tileVectors, kernel.TileVectors);
        int pieces = step->Output.Lanes / kernel.Width;
        int rowVectors = step->Output.RegionX * pieces;
        int vectors = step->Output.RegionY * rowVectors;
        bool contiguous = step->StrideX <= 1 || pieces == rowVectors;

        // Tiles inside rows of slots have their vectors one after the other; tiles over all vectors are fewer where rows are short.
        int inRows = step->Output.RegionY * TilesOf(rowVectors, widest);
        int acrossRows = TilesOf(vectors, Math.Min(widest, 4));
        bool byRows = contiguous && inRows <= acrossRows * 1.15;
        int tiles = byRows ? inRows : acrossRows;
        step->TileCount = tiles;
        step->Tiles = (ConvTile*)memory.Allocate((long)tiles * sizeof(ConvTile));
        int next = 0;
        for (int t = 0; t < tiles; t++)
        {
            ConvTile* tile = step->Tiles + t;
            tile->IsContiguous = byRows ? 1 : 0;
            tile->Vectors = byRows
                ? Part(rowVectors, next % rowVectors, widest)
                : Part(vectors, next, Math.Min(widest, 4));
            for (int v = 0; v < tile->Vectors; v++, next++)
            {
                Place(step, tile, v, next / rowVectors, next % rowVectors / pieces, next % pieces * kernel.Width);
            }
        }

        Share(step, memory, workers);
    }

    /// <summary>Tiles of a run of vectors.</summary>
    private static int TilesOf(int vectors, int widest)
    {
        int count = 0;
        for (int next = 0; next < vectors; count++)
        {
            next += Part(vectors, next, widest);
        }

        return count;
    }

    /// <summary>Vectors of the tile that begins at <paramref name="next"/>: what is left, spread evenly over as few tiles as possible.</summary>
    private static int Part(int vectors, int next, int widest)
    {
        int left = vectors - next;
        int tiles = (left + widest - 1) / widest;
        return (left + tiles - 1) / tiles;
    }

    private static void Place(Step* step, ConvTile* tile, int v, int ry, int rx, int lane)
    {
        ref readonly Planes x = ref step->Input;
        ref readonly Planes y = ref step->Output;
        long source = ((long)ry * Math.Max(step->StrideY, 1) * x.RowStride) + ((long)rx * Math.Max(step->StrideX, 1) * x.Lanes) + lane;
        tile->Source[v] = checked((int)(source * sizeof(float)));
        tile->Target[v] = (ry * y.RowStride) + (rx * y.Lanes) + lane;
        if (step->Input1.Slots != null)
        {
            tile->Residual[v] = (ry * step->Input1.RowStride) + (rx * step->Input1.Lanes) + lane;
        }
    }

    /// <summary>
    /// Tiles where they come out even, since then every worker's tile stays in its own cache; else the rows, by non-zeros. Rows
    /// also where channels stay apart in what comes next: the step that fills a frame gives each worker some channels, and so does
    /// a depthwise convolution, which is what frames are mostly for. Shared by tiles, a small map's pixels would go from one
    /// worker's cache to the other's and back: the frame has more slots than the map. Not so where more channels come in than go
    /// out, for every worker reads all that come in.
    /// </summary>
    private static void Share(Step* step, NativeArena memory, int workers)
    {
        step->Shares = (ConvShare*)memory.Allocate((long)workers * sizeof(ConvShare));
        int largest = (step->TileCount + workers - 1) / workers;
        bool byTiles = (long)largest * workers * 10 <= step->TileCount * 11L && !(KeepsChannelsApart(step) && step->RowBlocks >= FewestBlocks * workers);
        for (int worker = 0; worker < workers; worker++)
        {
            step->Shares[worker] = byTiles
                ? new ConvShare
                {
                    FirstTile = (int)((long)step->TileCount * worker / workers),
                    EndTile = (int)((long)step->TileCount * (worker + 1) / workers),
                    EndBlock = step->RowBlocks,
                }
                : new ConvShare
                {
                    EndTile = step->TileCount,
                    FirstBlock = FirstBlock(step, worker, workers),
                    EndBlock = FirstBlock(step, worker + 1, workers),
                };
        }
    }

    private static bool KeepsChannelsApart(Step* step) =>
        (step->Groups > 1 && step->Groups == step->Input.Channels)
        || (step->Output.Frame != Frame.None && step->Input.Channels <= step->Output.Channels);

    /// <summary>The row block where a worker's part begins: as many weights before it as its share asks for.</summary>
    private static int FirstBlock(Step* step, int worker, int workers)
    {
        if (worker == 0 || worker == workers || step->Pointers == null)
        {
            return (int)((long)step->RowBlocks * worker / workers);
        }

        long total = Weights(step, step->RowBlocks);
        int low = 0;
        int high = step->RowBlocks;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Weights(step, middle) * workers < total * worker)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>Work of the row blocks before one: their weights in all chunks, and a little for each block.</summary>
    private static long Weights(Step* step, int block)
    {
        long weights = 4L * block;
        for (int chunk = 0; chunk < step->Chunks; chunk++)
        {
            uint* pointers = step->Pointers + ((nint)chunk * step->RowBlocks);
            weights += pointers[block] - pointers[0];
        }

        return weights;
    }
}
