namespace EdgeSparse.Runtime.Kernels;

/// <summary>Copies of pixels between layouts, and the zeros around them.</summary>
internal static unsafe class Relayout
{
    /// <summary>Copies between layouts of one shape; the plan's builder has given both sides the same shape.</summary>
    public static void Run(Step* step) => Copy(in step->Input, in step->Output);

    public static void Copy(in Planes from, in Planes to)
    {
        if (from.Contiguous + to.Contiguous == 2)
        {
            Copy(from.Pixels, to.Pixels, to.Count);
            return;
        }

        for (int c = 0; c < to.Channels; c++)
        {
            for (int y = 0; y < to.Height; y++)
            {
                Copy(from.Row(c, y), to.Row(c, y), to.Width);
            }
        }
    }

    /// <summary>Copies to one plane per stride phase, zeros where there is no source pixel.</summary>
    public static void SplitPhases(Step* step)
    {
        ref readonly Planes x = ref step->Input;
        ref readonly Planes y = ref step->Output;
        int plane = 0;
        for (int c = 0; c < x.Channels; c++)
        {
            for (int phaseY = 0; phaseY < step->StrideY; phaseY++)
            {
                for (int phaseX = 0; phaseX < step->StrideX; phaseX++, plane++)
                {
                    for (int row = 0; row < y.Height; row++)
                    {
                        float* to = y.Row(plane, row);
                        long source = ((long)row * step->StrideY) + phaseY - step->PadTop;
                        if (source < 0 || source >= x.Height)
                        {
                            new Span<float>(to, y.Width).Clear();
                        }
                        else
                        {
                            SplitRow(x.Row(c, (int)source), x.Width, to, y.Width, step->StrideX, phaseX - step->PadLeft);
                        }
                    }
                }
            }
        }
    }

    /// <summary>Sets to zero what lies around and between the pixels of the output.</summary>
    public static void ClearBorder(Step* step) => ClearBorder(in step->Output);

    public static void ClearBorder(in Planes value)
    {
        float* at = value.Start;
        for (int c = 0; c < value.Channels; c++)
        {
            for (int y = 0; y < value.Height; y++)
            {
                float* row = value.Row(c, y);
                Clear(at, row);
                at = row + value.Width;
            }
        }

        Clear(at, value.Start + value.Elements);
    }

    private static void Clear(float* from, float* to)
    {
        for (; from < to; from++)
        {
            *from = 0f;
        }
    }

    private static void Copy(float* from, float* to, int count)
    {
        if (count >= 16)
        {
            new ReadOnlySpan<float>(from, count).CopyTo(new Span<float>(to, count));
            return;
        }

        for (int i = 0; i < count; i++)
        {
            to[i] = from[i];
        }
    }

    private static void SplitRow(float* from, int fromWidth, float* to, int toWidth, int stride, int first)
    {
        int x = 0;
        long source = first;
        for (; x < toWidth && source < 0; x++, source += stride)
        {
            to[x] = 0f;
        }

        for (; x < toWidth && source < fromWidth; x++, source += stride)
        {
            to[x] = from[source];
        }

        for (; x < toWidth; x++)
        {
            to[x] = 0f;
        }
    }
}
