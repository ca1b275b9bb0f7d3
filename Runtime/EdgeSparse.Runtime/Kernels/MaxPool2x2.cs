namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Max pooling of 2×2 pixels at stride 2 without padding, the usual one: straight from the rows, through no buffer. Vectors
/// reach beyond a row wherever more of the value, or of the plane still to be written, follows it.
/// </summary>
internal static unsafe class MaxPool2x2<TOps, TVector>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
{
    public static void Run(Step* step)
    {
        ref readonly Planes x = ref step->Input;
        ref readonly Planes y = ref step->Output;
        float* end = x.Start + x.Elements;
        bool spills = y.RowStride == y.Width;
        for (int c = 0; c < y.Channels; c++)
        {
            float* planeEnd = y.Row(c, y.Height - 1) + y.Width;
            for (int row = 0; row < y.Height; row++)
            {
                float* upper = x.Row(c, 2 * row);
                float* lower = upper + x.RowStride;
                float* to = y.Row(c, row);
                int at = 0;
                for (; at < y.Width; at += TOps.Count)
                {
                    // What a vector writes beyond the row's end, the next row's own pixels replace.
                    bool writable = at + TOps.Count <= y.Width || (spills && to + at + TOps.Count <= planeEnd);
                    if (!writable || lower + (2 * (at + TOps.Count)) > end)
                    {
                        break;
                    }

                    TVector first = TOps.Max(TOps.Load(upper + (2 * at)), TOps.Load(lower + (2 * at)));
                    TVector second = TOps.Max(TOps.Load(upper + (2 * at) + TOps.Count), TOps.Load(lower + (2 * at) + TOps.Count));
                    TOps.Store(TOps.Max(TOps.Evens(first, second), TOps.Odds(first, second)), to + at);
                }

                for (; at < y.Width; at++)
                {
                    float left = OpsScalar.Max(upper[2 * at], lower[2 * at]);
                    float right = OpsScalar.Max(upper[(2 * at) + 1], lower[(2 * at) + 1]);
                    to[at] = OpsScalar.Max(left, right);
                }
            }
        }
    }
}
