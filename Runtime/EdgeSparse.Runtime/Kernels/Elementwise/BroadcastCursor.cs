using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Goes through the places of some dimensions, the last one fastest, and knows where each operand is. A dimension is a row of
/// words: its length, then the stride of each operand.
/// </summary>
internal unsafe struct BroadcastCursor
{
    private const int MostOperands = 3;
    private fixed int index[BlobConstants.MostDimensions];
    private fixed long offsets[MostOperands];
    private readonly int* dimensions;
    private readonly int rank;
    private readonly int operands;

    /// <param name="dimensions">The words of the dimensions.</param>
    /// <param name="rank">How many dimensions there are.</param>
    /// <param name="operands">How many operands there are.</param>
    /// <param name="place">The place to start at, counted in order.</param>
    public BroadcastCursor(int* dimensions, int rank, int operands, int place)
    {
        // The compiler does not see to fixed buffers, and callers skip the clearing of locals.
        this = default;
        this.dimensions = dimensions;
        this.rank = rank;
        this.operands = operands;
        for (int d = rank - 1; d >= 0; d--)
        {
            int* dimension = dimensions + (d * (1 + operands));
            index[d] = place % *dimension;
            place /= *dimension;
            for (int o = 0; o < operands; o++)
            {
                offsets[o] += (long)index[d] * dimension[1 + o];
            }
        }
    }

    /// <summary>Elements from an operand's start.</summary>
    public readonly nint this[int operand] => (nint)offsets[operand];

    /// <summary>The product of the lengths.</summary>
    public static int Places(int* dimensions, int rank, int operands)
    {
        int places = 1;
        for (int d = 0; d < rank; d++)
        {
            places *= dimensions[d * (1 + operands)];
        }

        return places;
    }

    public void Next()
    {
        for (int d = rank - 1; d >= 0; d--)
        {
            int* dimension = dimensions + (d * (1 + operands));
            bool wraps = ++index[d] == *dimension;
            long steps = wraps ? 1L - *dimension : 1;
            for (int o = 0; o < operands; o++)
            {
                offsets[o] += steps * dimension[1 + o];
            }

            if (!wraps)
            {
                return;
            }

            index[d] = 0;
        }
    }
}
