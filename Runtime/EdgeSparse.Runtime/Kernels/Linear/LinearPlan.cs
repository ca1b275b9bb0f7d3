using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Shares the rows of a fully connected layer out to the workers, by the weights that they have; once per session. A row, or the
/// block, slice or band that it is in, is one worker's, so that its sum does not depend on how many there are.
/// </summary>
internal static unsafe class LinearPlan
{
    /// <summary>Weights of a worker below which waiting for it takes longer than doing its part.</summary>
    private const long FewestWeights = 4096;

    /// <summary>Elements that the planes of an input are multiples of: a cache line of bytes.</summary>
    private const int PlaneAlignment = 64;

    /// <summary>Rows that <see cref="LinearDense{TOps, TVector}"/> sums side by side.</summary>
    private const int RowsTogether = 4;

    /// <param name="step">A step with its operands.</param>
    /// <param name="format">The format of its weight.</param>
    /// <param name="memory">Where tables go.</param>
    /// <param name="workers">Threads that run the step.</param>
    public static void Plan(Step* step, WeightFormat format, NativeArena memory, int workers)
    {
        if (step->Lanes != 0)
        {
            PlanSlices(step, memory, workers);
        }
        else if (format == WeightFormat.Csc16)
        {
            PlanColumns(step, memory, workers);
        }

        int units = step->Lanes != 0 ? step->SliceCount : step->Pointers != null ? step->RowBlocks : (step->Rows + RowsTogether - 1) / RowsTogether;
        long total = Weights(step, units);
        if (total < 2 * FewestWeights)
        {
            step->Sequential = 1;
        }

        int sharing = step->Sequential != 0 ? 1 : (int)Math.Min(workers, total / FewestWeights);
        step->Shares = (ConvShare*)memory.Allocate((long)workers * sizeof(ConvShare));
        int next = 0;
        for (int worker = 0; worker < workers; worker++)
        {
            ConvShare* share = step->Shares + worker;
            share->FirstBlock = next;
            while (next < units && (worker >= sharing - 1 || Weights(step, next) * sharing < total * (worker + 1)))
            {
                next++;
            }

            share->EndBlock = next;
        }
    }

    /// <summary>The rows of a worker where units are <see cref="RowsTogether"/> rows.</summary>
    public static (int First, int End) RowsOf(Step* step, int worker) =>
        (step->Shares[worker].FirstBlock * RowsTogether, Math.Min(step->Rows, step->Shares[worker].EndBlock * RowsTogether));

    /// <summary>Weights before a row, block of rows, slice or band.</summary>
    private static long Weights(Step* step, int unit)
    {
        if (step->Lanes != 0)
        {
            return (long)step->Pointers[(nint)unit * step->BandCount] * step->BlockColumns * step->Lanes;
        }

        if (step->BandCount != 0)
        {
            return step->Pointers[(nint)unit * step->BandCount];
        }

        return step->Pointers != null
            ? (long)step->Pointers[unit] * step->BlockRows * step->BlockColumns
            : (long)unit * RowsTogether * step->Columns;
    }

    private static void PlanColumns(Step* step, NativeArena memory, int workers)
    {
        step->BandCount = step->Columns;
        step->PlaneElements = (int)((step->Columns + LinearCsc.Ahead + (PlaneAlignment - 1L)) & -PlaneAlignment);
        step->Planes = (byte*)memory.Allocate((long)workers * step->PlaneElements * sizeof(uint));
        step->Scratch = (float*)memory.Allocate((long)step->Rows * sizeof(float));
    }

    private static void PlanSlices(Step* step, NativeArena memory, int workers)
    {
        step->BandCount = SlicedEllCheck.Bands(step->Columns);
        step->SliceCount = (int)((step->Rows + (step->Lanes - 1L)) / step->Lanes);
        long lanes = (long)step->SliceCount * step->Lanes;
        step->PlaneElements = (step->Columns + step->Window + PlaneAlignment - 1) & -PlaneAlignment;
        step->Planes = (byte*)memory.Allocate((long)workers * step->PlaneElements * sizeof(float));
        step->Scratch = (float*)memory.Allocate(lanes * sizeof(float));
        step->LaneBias = (float*)memory.Allocate(lanes * sizeof(float));
        step->WholeSlices = step->SliceCount;
        for (long lane = lanes - 1; lane >= 0; lane--)
        {
            int row = step->RowMap[lane];
            if (row >= 0)
            {
                step->LaneBias[lane] = step->Bias[row];
            }
            else
            {
                step->WholeSlices = (int)(lane / step->Lanes);
            }
        }
    }
}
