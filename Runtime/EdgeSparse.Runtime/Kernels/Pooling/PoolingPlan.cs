namespace EdgeSparse.Runtime.Kernels;

/// <summary>Prepares a pooling step, once per session: an average's divisors.</summary>
internal static unsafe class PoolingPlan
{
    /// <summary>
    /// Puts 1 / (pixels that the window counts) of every lane of the output's slots into the step's table, fp32 [RegionY, RegionX,
    /// Lanes]; 0 for lanes beyond the map.
    /// </summary>
    /// <param name="step">A step with its operands and window.</param>
    /// <param name="isAverage">Whether it averages; else it takes maxima and has no table.</param>
    /// <param name="memory">Where the table goes.</param>
    public static void Plan(Step* step, bool isAverage, NativeArena memory)
    {
        if (!isAverage)
        {
            return;
        }

        ref readonly Planes y = ref step->Output;
        long length = (long)y.RegionY * y.RegionX * y.Lanes;
        float* reciprocals = (float*)memory.Allocate(length * sizeof(float));
        step->Table = reciprocals;
        step->TableLength = checked((int)length);
        for (int slot = 0; slot < y.RegionY * y.RegionX; slot++)
        {
            for (int lane = 0; lane < y.Lanes; lane++)
            {
                int pixel = y.PixelOf(lane, slot / y.RegionX, slot % y.RegionX);
                if (pixel >= 0)
                {
                    int rows = Count(
                        pixel / y.Width, step->KernelY, step->StrideY, step->PadTop, step->PadBottom, step->DilationY, step->Input.Height,
                        step->CountIncludePad != 0);
                    int columns = Count(
                        pixel % y.Width, step->KernelX, step->StrideX, step->PadLeft, step->PadRight, step->DilationX, step->Input.Width,
                        step->CountIncludePad != 0);
                    reciprocals[((long)slot * y.Lanes) + lane] = 1f / ((float)rows * columns);
                }
            }
        }
    }

    /// <summary>Along one axis: positions of a window on pixels, or on pixels and padding but not beyond (in ceil mode).</summary>
    private static int Count(int output, int kernel, int stride, int pad, int padAfter, int dilation, int input, bool countsPadding)
    {
        long start = ((long)output * stride) - pad;
        long first = countsPadding ? -pad : 0;
        long end = countsPadding ? (long)input + padAfter : input;
        int count = 0;
        for (int k = 0; k < kernel; k++)
        {
            long at = start + ((long)k * dilation);
            count += at >= first && at < end ? 1 : 0;
        }

        return count;
    }
}
