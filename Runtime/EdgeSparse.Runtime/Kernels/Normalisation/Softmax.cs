namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// exp(x − max) / Σ exp(x − max) along the middle of (outer, length, inner), or the logarithm of that; the maximum is taken out so
/// that no logit overflows. Lines whose elements do not lie side by side pass through memory of the worker.
/// </summary>
internal static unsafe class Softmax
{
    public static void Plan(Step* step, NativeArena memory, int workers) =>
        step->Scratch = (float*)memory.Allocate(2L * step->Length * workers * sizeof(float));

    public static void Run(Step* step, int worker, int workers)
    {
        (int length, nint inner) = (step->Length, step->Inner);
        bool isLogarithm = step->Function == 1;
        float* line = step->Scratch + (2 * (nint)worker * length);
        float* terms = line + length;
        (int first, int end) = WorkerRange.Of(step->Outer * step->Inner, worker, workers);
        for (int i = first; i < end; i++)
        {
            nint start = ((i / inner) * length * inner) + (i % inner);
            float* x = step->Input.Slots + start;
            float* y = step->Output.Slots + start;
            if (inner == 1)
            {
                Line(x, y, terms, length, isLogarithm);
                continue;
            }

            for (int k = 0; k < length; k++)
            {
                line[k] = x[k * inner];
            }

            Line(line, line, terms, length, isLogarithm);
            for (int k = 0; k < length; k++)
            {
                y[k * inner] = line[k];
            }
        }
    }

    /// <summary>One line; y may be x, <paramref name="terms"/> is memory for the logarithm's exponentials.</summary>
    private static void Line(float* x, float* y, float* terms, int length, bool isLogarithm)
    {
        float largest = Fold<MaxFold>.Row(x, length);
        if (!isLogarithm)
        {
            Rows.Map<ShiftedExp>(x, y, length, largest, 0f);
            Rows.Map<Scale>(y, y, length, 1f / Fold<SumFold>.Row(y, length), 0f);
            return;
        }

        Rows.Map<ShiftedExp>(x, terms, length, largest, 0f);
        Rows.Map<Shift>(x, y, length, largest, 0f);
        Rows.Map<Shift>(y, y, length, MathF.Log(Fold<SumFold>.Row(terms, length)), 0f);
    }
}
