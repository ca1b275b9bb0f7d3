namespace EdgeSparse.Runtime.Kernels;

/// <summary>Prepares a pooling step, once per session: its buffer, and how many columns each window counts.</summary>
internal static unsafe class PoolingPlan
{
    /// <param name="step">A step with its operands and window.</param>
    /// <param name="vector">Elements of the kernel's vectors.</param>
    /// <param name="average">Whether it averages; else it takes maxima.</param>
    /// <param name="memory">Where the buffer goes.</param>
    public static void Plan(Step* step, int vector, bool average, NativeArena memory)
    {
        int width = step->Output.Width;
        PlanCounts(step, vector, average, memory);

        // Taps that lie beyond the last pixel in every window, the leftmost included, are no loss.
        step->KernelX = Math.Min(step->KernelX, ((step->Input.Width - 1 + step->PadLeft) / step->DilationX) + 1);

        // Vectors of windows reach beyond the last window, and then twice their width at stride 2.
        long windows = ((width + (long)vector) * step->StrideX) + ((step->KernelX - 1L) * step->DilationX) + (2L * vector);
        long length = Math.Max(windows, (long)step->PadLeft + step->Input.Width);
        step->Scratch = (float*)memory.Allocate(length * sizeof(float));
        step->Results = (float*)memory.Allocate((long)vector * sizeof(float));
        float neutral = average ? 0f : float.NegativeInfinity;
        for (long i = 0; i < length; i++)
        {
            step->Scratch[i] = neutral;
        }
    }

    private static void PlanCounts(Step* step, int vector, bool average, NativeArena memory)
    {
        if (!average)
        {
            return;
        }

        int width = step->Output.Width;
        step->ColumnCounts = (float*)memory.Allocate((width + (long)vector) * sizeof(float));
        for (int x = 0; x < width + vector; x++)
        {
            step->ColumnCounts[x] = x >= width
                ? 1
                : step->CountIncludePad != 0
                    ? Taps.CountPadded(x, step->KernelX, step->StrideX, step->PadLeft, step->PadRight, step->DilationX, step->Input.Width)
                    : Taps.Of(x, step->KernelX, step->StrideX, step->PadLeft, step->DilationX, step->Input.Width).Count;
        }
    }
}
