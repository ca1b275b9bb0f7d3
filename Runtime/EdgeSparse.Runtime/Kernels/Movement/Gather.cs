namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Elements at indices that are known when the network runs: row index[i] of each of the outer matrices (length, inner) becomes its
/// row i.
/// </summary>
internal static unsafe class Gather
{
    public static void Run(Step* step, int worker, int workers)
    {
        (int length, int inner, int count) = (step->Length, step->Inner, step->Parameters[3]);
        (int first, int end) = WorkerRange.Of(step->Outer * count, worker, workers);
        for (int row = first; row < end; row++)
        {
            float index = step->Input1.Slots[row % count];

            // Not a number is in no range either.
            if (!(index >= -length && index < length))
            {
                step->WrongIndex = index;
                step->HasFailed = 1;
                return;
            }

            int place = (int)index;
            place += place < 0 ? length : 0;
            float* from = step->Input.Slots + ((((nint)(row / count) * length) + place) * inner);
            new ReadOnlySpan<float>(from, inner).CopyTo(new Span<float>(step->Output.Slots + ((nint)row * inner), inner));
        }
    }
}
