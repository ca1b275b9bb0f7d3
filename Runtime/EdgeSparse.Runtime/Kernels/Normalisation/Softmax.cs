namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// exp(x − max) / Σ exp(x − max) along the middle of (outer, length, inner), or the logarithm of that; the maximum is taken out so
/// that no logit overflows. Lines whose elements do not lie side by side pass through memory of the worker.
/// </summary>
internal static unsafe class Softmax
{
    /// <summary>Elements of lines too short for vectors of their own.</summary>
    private const int ShortLine = 16;

    /// <summary>Elements whose exponentials are taken together.</summary>
    private const int Block = 256;

    public static void Plan(Step* step, NativeArena memory, int workers) =>
        step->Scratch = (float*)memory.Allocate(2L * step->Length * workers * sizeof(float));

    public static void Run(Step* step, int worker, int workers)
    {
        (int length, nint inner) = (step->Length, step->Inner);
        bool isLogarithm = step->Function == 1;
        if (inner == 1 && length <= ShortLine && !isLogarithm)
        {
            ShortLines(step, worker, workers);
            return;
        }

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

    /// <summary>
    /// Many lines of a few elements side by side, as scores of boxes are. Workers share blocks of lines, whose length does not depend
    /// on how many they are.
    /// </summary>
    private static void ShortLines(Step* step, int worker, int workers)
    {
        int length = step->Length;
        int lines = Block / length;
        (int first, int end) = WorkerRange.Of((step->Outer + lines - 1) / lines, worker, workers);
        for (int block = first; block < end; block++)
        {
            nint start = (nint)block * lines * length;
            int count = Math.Min(lines, step->Outer - (block * lines)) * length;
            float* x = step->Input.Slots + start;
            float* y = step->Output.Slots + start;
            for (int line = 0; line < count; line += length)
            {
                float largest = x[line];
                for (int k = 1; k < length; k++)
                {
                    largest = OpsScalar.Max(largest, x[line + k]);
                }

                for (int k = 0; k < length; k++)
                {
                    y[line + k] = x[line + k] - largest;
                }
            }

            Rows.Map<ShiftedExp>(y, y, count, 0f, 0f);
            for (int line = 0; line < count; line += length)
            {
                float sum = 0f;
                for (int k = 0; k < length; k++)
                {
                    sum += y[line + k];
                }

                float factor = 1f / sum;
                for (int k = 0; k < length; k++)
                {
                    y[line + k] *= factor;
                }
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
