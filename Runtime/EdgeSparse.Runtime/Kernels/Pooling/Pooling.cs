using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Max and average pooling over slots: a window's slots are whole aligned vectors whatever its stride, and what the halo holds
/// changes no maximum and no sum.
/// </summary>
internal static unsafe class Pooling<TOps, TVector>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
{
    public static void Max(Step* step, int worker, int workers) => Run(step, worker, workers, average: false);

    public static void Average(Step* step, int worker, int workers) => Run(step, worker, workers, average: true);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Run(Step* step, int worker, int workers, bool average)
    {
        if (step->KernelY == 2 && step->KernelX == 2)
        {
            Run(step, worker, workers, average, 2);
        }
        else if (step->KernelY == 3 && step->KernelX == 3)
        {
            Run(step, worker, workers, average, 3);
        }
        else
        {
            Run(step, worker, workers, average, 0);
        }
    }

    /// <summary>For windows of one size known to the compiler, or of any (<paramref name="square"/> is 0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Run(Step* step, int worker, int workers, bool average, int square)
    {
        ref readonly Planes x = ref step->Input;
        ref readonly Planes y = ref step->Output;
        nint lanes = y.Lanes;
        nint down = (nint)step->DilationY * x.RowStride;
        nint right = step->DilationX * lanes;
        nint stride = step->StrideX * lanes;
        nint length = y.RegionX * lanes;
        (int first, int end) = WorkerRange.Of(y.Channels, worker, workers);
        for (int c = first; c < end; c++)
        {
            float* reciprocals = (float*)step->Table;
            for (int ry = 0; ry < y.RegionY; ry++, reciprocals += length)
            {
                float* row = x.Slot(c, (ry * step->StrideY) - step->PadTop, -step->PadLeft);
                float* to = y.Slot(c, ry, 0);
                for (nint piece = 0; piece < lanes; piece += TOps.Count)
                {
                    float* from = row + piece;
                    for (nint at = piece; at < length; at += lanes, from += stride)
                    {
                        TVector reduced = square switch
                        {
                            2 => Square2(from, down, right, average),
                            3 => Square3(from, down, right, average),
                            _ => Window(step, from, down, right, average),
                        };
                        TOps.Store(average ? TOps.Multiply(reduced, TOps.Load(reciprocals + at)) : reduced, to + at);
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Square2(float* from, nint down, nint right, bool average) => Reduce(
        Reduce(TOps.Load(from), TOps.Load(from + right), average),
        Reduce(TOps.Load(from + down), TOps.Load(from + down + right), average),
        average);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Square3(float* from, nint down, nint right, bool average) => Reduce(
        Reduce(Row3(from, right, average), Row3(from + down, right, average), average),
        Row3(from + (2 * down), right, average),
        average);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Row3(float* from, nint right, bool average) =>
        Reduce(Reduce(TOps.Load(from), TOps.Load(from + right), average), TOps.Load(from + (2 * right)), average);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Window(Step* step, float* from, nint down, nint right, bool average)
    {
        TVector reduced = average ? TOps.Zero : TOps.Broadcast(float.NegativeInfinity);
        for (int ky = 0; ky < step->KernelY; ky++, from += down)
        {
            float* tap = from;
            for (int kx = 0; kx < step->KernelX; kx++, tap += right)
            {
                reduced = Reduce(reduced, TOps.Load(tap), average);
            }
        }

        return reduced;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Reduce(TVector left, TVector right, bool average) => average ? TOps.Add(left, right) : TOps.Max(left, right);
}
