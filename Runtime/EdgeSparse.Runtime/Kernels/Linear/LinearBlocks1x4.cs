namespace EdgeSparse.Runtime.Kernels;

/// <summary>Matrix of blocks of one row and four columns times vector: a block is a product of four weights and four inputs.</summary>
internal static unsafe class LinearBlocks1x4<TOps, TVector, TIndex>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
    where TIndex : unmanaged
{
    public static void Run(Step* step, int worker, int workers)
    {
        ConvShare* share = step->Shares + worker;
        float* x = step->Input.Slots;
        for (int row = share->FirstBlock; row < share->EndBlock; row++)
        {
            float* value = step->Values + ((nint)step->Pointers[row] * 4);
            TIndex* index = (TIndex*)step->Indices + step->Pointers[row];
            uint count = step->Pointers[row + 1] - step->Pointers[row];
            TVector a = TOps.Zero;
            TVector b = a;
            TVector c = a;
            TVector d = a;
            if (TOps.Count == 4)
            {
                for (; count >= 4; count -= 4)
                {
                    LinearIndex.Four(index, out nuint i, out nuint j, out nuint k, out nuint l);
                    a = TOps.MultiplyAdd(TOps.Load(value), TOps.Load(x + i), a);
                    b = TOps.MultiplyAdd(TOps.Load(value + 4), TOps.Load(x + j), b);
                    c = TOps.MultiplyAdd(TOps.Load(value + 8), TOps.Load(x + k), c);
                    d = TOps.MultiplyAdd(TOps.Load(value + 12), TOps.Load(x + l), d);
                    value += 16;
                    index += 4;
                }

                for (; count != 0; count--)
                {
                    a = TOps.MultiplyAdd(TOps.Load(value), TOps.Load(x + LinearIndex.Of(index++)), a);
                    value += 4;
                }
            }
            else
            {
                for (; count != 0; count--)
                {
                    float* at = x + LinearIndex.Of(index++);
                    a = TOps.MultiplyAdd(TOps.Load(value), TOps.Load(at), a);
                    b = TOps.MultiplyAdd(TOps.Load(value + 1), TOps.Load(at + 1), b);
                    c = TOps.MultiplyAdd(TOps.Load(value + 2), TOps.Load(at + 2), c);
                    d = TOps.MultiplyAdd(TOps.Load(value + 3), TOps.Load(at + 3), d);
                    value += 4;
                }
            }

            LinearSums.Store(step, TOps.Sum(TOps.Add(TOps.Add(a, b), TOps.Add(c, d))), row);
        }

        LinearSums.Activate(step, share->FirstBlock, share->EndBlock);
    }
}
