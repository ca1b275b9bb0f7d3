namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Copies whole channels between values of the same regions. Rows of slots of neighbouring channels, or rows of a channel, are one
/// copy where nothing but halo lies between them in both values: the halo's copy is written over by the frame's filling.
/// </summary>
internal static unsafe class Channels
{
    /// <summary>Elements of a run of channels, so that there are runs for all workers.</summary>
    private const int MostElements = 1 << 14;

    /// <summary>Finds the runs of channels and what rows are copied at once.</summary>
    public static void Plan(Step* step, int parameterWords, NativeArena memory)
    {
        ref readonly Planes x = ref step->Input;
        ref readonly Planes y = ref step->Output;
        int row = y.RegionX * y.Lanes;
        bool sameColumns = x.HaloLeft == y.HaloLeft && x.HaloRight == y.HaloRight;
        int wholeRow = y.SlotColumns * y.Lanes;
        var plan = (ChannelCopies*)memory.Allocate(sizeof(ChannelCopies));
        plan->Rows = y.RegionY;
        plan->Length = row;
        bool joinsChannels = sameColumns && x.ChannelStride == wholeRow && y.ChannelStride == wholeRow;
        if (sameColumns && x.RowStride == wholeRow && y.RowStride == wholeRow)
        {
            plan->Rows = 1;
            plan->Length = ((y.RegionY - 1) * wholeRow) + row;
            int wholeChannel = y.SlotRows * wholeRow;
            joinsChannels = x.HaloTop == y.HaloTop && x.HaloBottom == y.HaloBottom
                && x.ChannelStride == wholeChannel && y.ChannelStride == wholeChannel;
        }

        int pairs = parameterWords / 2;
        int most = joinsChannels ? Math.Max(1, MostElements / Math.Max(y.ChannelStride, 1)) : 1;
        plan->Runs = (ChannelRun*)memory.Allocate((long)pairs * sizeof(ChannelRun));
        for (int i = 0; i < pairs; i++)
        {
            (int to, int from) = (step->Parameters[2 * i], step->Parameters[(2 * i) + 1]);
            ChannelRun* last = plan->Runs + plan->RunCount - 1;
            if (plan->RunCount > 0 && last->Count < most && last->To + last->Count == to && last->From + last->Count == from)
            {
                last->Count++;
            }
            else
            {
                plan->Runs[plan->RunCount++] = new ChannelRun { To = to, From = from, Count = 1 };
            }
        }

        step->Table = plan;
    }

    public static void Run(Step* step, int worker, int workers)
    {
        ref readonly Planes x = ref step->Input;
        ref readonly Planes y = ref step->Output;
        var plan = (ChannelCopies*)step->Table;
        (int first, int end) = WorkerRange.Of(plan->RunCount, worker, workers);
        for (int ry = 0; ry < plan->Rows; ry++)
        {
            for (ChannelRun* run = plan->Runs + first, stop = plan->Runs + end; run < stop; run++)
            {
                Rows.Copy(x.Slot(run->From, ry, 0), y.Slot(run->To, ry, 0), ((run->Count - 1) * y.ChannelStride) + plan->Length);
            }
        }
    }

    private struct ChannelCopies
    {
        /// <summary>Copies of a run, and the elements of each but those that further channels add.</summary>
        public int Rows;
        public int Length;
        public ChannelRun* Runs;
        public int RunCount;
    }

    /// <summary>Neighbouring channels that are copied to neighbouring channels.</summary>
    private struct ChannelRun
    {
        public int To;
        public int From;
        public int Count;
    }
}
