namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Sparse matrix times vector over CSR: no gather pays on the machines at hand, so four scalar accumulators hide the latency of
/// the additions.
/// </summary>
internal static unsafe class LinearCsr<TIndex>
    where TIndex : unmanaged
{
    public static void Run(Step* step, int worker, int workers)
    {
        ConvShare* share = step->Shares + worker;
        float* x = step->Input.Slots;
        uint* pointers = step->Pointers;
        float* value = step->Values + pointers[share->FirstBlock];
        TIndex* index = (TIndex*)step->Indices + pointers[share->FirstBlock];
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            float a = 0f;
            float b = 0f;
            float c = 0f;
            float d = 0f;
            uint count = pointers[row + 1] - pointers[row];
            for (; count >= 4; count -= 4)
            {
                a += value[0] * x[LinearIndex.Of(index)];
                b += value[1] * x[LinearIndex.Of(index + 1)];
                c += value[2] * x[LinearIndex.Of(index + 2)];
                d += value[3] * x[LinearIndex.Of(index + 3)];
                value += 4;
                index += 4;
            }

            for (; count != 0; count--)
            {
                a += *value++ * x[LinearIndex.Of(index++)];
            }

            LinearSums.Store(step, a + b + (c + d), row);
        }

        LinearSums.Activate(step, share->FirstBlock, share->EndBlock);
    }
}
