namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Parts of a convolution's input channels. A tile of output slots reads the same few slots of every input channel for each of
/// its rows; when those of all channels do not fit into the first-level cache, every row fetches them anew from the second. So
/// the rows go over one chunk of channels first, then over the next, and add to what they have stored.
/// </summary>
internal sealed class ChunkPlan
{
    /// <summary>
    /// What a chunk's part of the input may take. On Zen 4, whose first-level cache has 32 KiB, 32 to 64 KiB measured best: smaller
    /// chunks load and store sums more often, larger ones fetch more from the second level (docs/results/kernels.md).
    /// </summary>
    private const int CacheBytes = 44 * 1024;

    /// <summary>Chunks smaller than this would load and store sums more often than they multiply.</summary>
    private const int FewestChannels = 8;

    /// <summary>Weights (or blocks) of a row in each chunk, on average, that make up for loading and storing its sums once more.</summary>
    private const int FewestEntriesOfRow = 10;

    private readonly int channels;

    private ChunkPlan(int channels, int count)
    {
        this.channels = channels;
        Count = count;
    }

    /// <summary>One chunk, all channels.</summary>
    public static ChunkPlan Whole(int channels) => new(channels, 1);

    /// <summary>So many chunks.</summary>
    public static ChunkPlan Of(int channels, int count) => new(channels, Math.Clamp(count, 1, channels));

    public int Count { get; }

    /// <summary>The chunk of a channel: all have the same number of channels, or one less.</summary>
    public int Of(int channel)
    {
        int large = channels % Count;
        int size = channels / Count;
        int inLarge = large * (size + 1);
        return channel < inLarge ? channel / (size + 1) : large + ((channel - inLarge) / size);
    }

    /// <summary>The chunks for a sparse convolution.</summary>
    /// <param name="channels">Input channels of a group.</param>
    /// <param name="window">Kernel rows, columns and the distance between its first and last column, in slots.</param>
    /// <param name="lanes">Elements of a slot.</param>
    /// <param name="entries">Weights or blocks stored.</param>
    /// <param name="rows">Rows or rows of blocks.</param>
    /// <param name="blockRows">Rows of a block: so many times each loaded vector is used, and so much slower it may come.</param>
    public static ChunkPlan For(int channels, ChunkWindow window, int lanes, long entries, int rows, int blockRows = 1)
    {
        // Slots of one channel that a tile reads: a row of slots for each kernel row.
        int tileSlots = lanes >= 16 ? 4 : 8;
        long slots = window.IsOnePixel ? tileSlots : (long)window.Rows * (((long)tileSlots * window.StrideX) + window.ColumnSpan);
        long fitting = Math.Max(FewestChannels, (long)CacheBytes * blockRows / (slots * lanes * sizeof(float)));
        long count = (channels + fitting - 1) / fitting;
        long worthwhile = entries / ((long)FewestEntriesOfRow * rows);
        return new ChunkPlan(channels, (int)Math.Clamp(count, 1, Math.Max(1, worthwhile)));
    }
}

/// <summary>What a convolution's window means for a tile's part of the input.</summary>
/// <param name="Rows">Kernel rows.</param>
/// <param name="ColumnSpan">Slots between the first and the last kernel column.</param>
/// <param name="StrideX">Slots between two output slots.</param>
/// <param name="IsOnePixel">A 1×1 kernel.</param>
internal readonly record struct ChunkWindow(int Rows, int ColumnSpan, int StrideX, bool IsOnePixel)
{
    public static ChunkWindow Of(Graphs.Window2d window) => new(
        window.KernelY, checked((window.KernelX - 1) * window.DilationX), window.StrideX, window is { KernelY: 1, KernelX: 1 });
}
