namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Matrix times vector, row-major: four rows at once, so that each loaded vector of the input serves four dot products. Where
/// columns are left over, a last vector ends with the row, and those of it that have been summed already meet zeros.
/// </summary>
internal static unsafe class LinearDense<TOps, TVector>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
{
    /// <summary>Elements of the widest vector.</summary>
    private const int Widest = 16;

    public static void Run(Step* step, int worker, int workers)
    {
        float* tail = stackalloc float[Widest];
        FillTail(step, tail);
        (int first, int end) = LinearPlan.RowsOf(step, worker);
        int row = first;
        for (; row + 4 <= end; row += 4)
        {
            Rows4(step, row, tail);
        }

        for (; row < end; row++)
        {
            Rows1(step, row, tail);
        }

        LinearSums.Activate(step, first, end);
    }

    /// <summary>The input's last vector, with zeros for the columns that whole vectors cover.</summary>
    private static void FillTail(Step* step, float* tail)
    {
        int whole = step->Columns / TOps.Count * TOps.Count;
        for (int i = 0; i < TOps.Count && step->Columns >= TOps.Count; i++)
        {
            int column = step->Columns - TOps.Count + i;
            tail[i] = column < whole ? 0 : step->Input.Slots[column];
        }
    }

    private static void Rows4(Step* step, int row, float* tail)
    {
        float* x = step->Input.Slots;
        nint columns = step->Columns;
        float* w0 = step->Values + ((nint)row * columns);
        float* w1 = w0 + columns;
        float* w2 = w1 + columns;
        float* w3 = w2 + columns;
        TVector a = TOps.Zero;
        TVector b = a;
        TVector c = a;
        TVector d = a;
        TVector e = a;
        TVector f = a;
        TVector g = a;
        TVector h = a;
        nint k = 0;
        for (; k + (2 * TOps.Count) <= columns; k += 2 * TOps.Count)
        {
            TVector x0 = TOps.Load(x + k);
            TVector x1 = TOps.Load(x + k + TOps.Count);
            a = TOps.MultiplyAdd(TOps.Load(w0 + k), x0, a);
            b = TOps.MultiplyAdd(TOps.Load(w1 + k), x0, b);
            c = TOps.MultiplyAdd(TOps.Load(w2 + k), x0, c);
            d = TOps.MultiplyAdd(TOps.Load(w3 + k), x0, d);
            e = TOps.MultiplyAdd(TOps.Load(w0 + k + TOps.Count), x1, e);
            f = TOps.MultiplyAdd(TOps.Load(w1 + k + TOps.Count), x1, f);
            g = TOps.MultiplyAdd(TOps.Load(w2 + k + TOps.Count), x1, g);
            h = TOps.MultiplyAdd(TOps.Load(w3 + k + TOps.Count), x1, h);
        }

        if (k + TOps.Count <= columns)
        {
            TVector x0 = TOps.Load(x + k);
            a = TOps.MultiplyAdd(TOps.Load(w0 + k), x0, a);
            b = TOps.MultiplyAdd(TOps.Load(w1 + k), x0, b);
            c = TOps.MultiplyAdd(TOps.Load(w2 + k), x0, c);
            d = TOps.MultiplyAdd(TOps.Load(w3 + k), x0, d);
            k += TOps.Count;
        }

        if (k < columns && columns >= TOps.Count)
        {
            nint last = columns - TOps.Count;
            TVector x0 = TOps.Load(tail);
            e = TOps.MultiplyAdd(TOps.Load(w0 + last), x0, e);
            f = TOps.MultiplyAdd(TOps.Load(w1 + last), x0, f);
            g = TOps.MultiplyAdd(TOps.Load(w2 + last), x0, g);
            h = TOps.MultiplyAdd(TOps.Load(w3 + last), x0, h);
            k = columns;
        }

        float s0 = TOps.Sum(TOps.Add(a, e));
        float s1 = TOps.Sum(TOps.Add(b, f));
        float s2 = TOps.Sum(TOps.Add(c, g));
        float s3 = TOps.Sum(TOps.Add(d, h));
        for (; k < columns; k++)
        {
            s0 += w0[k] * x[k];
            s1 += w1[k] * x[k];
            s2 += w2[k] * x[k];
            s3 += w3[k] * x[k];
        }

        LinearSums.Store(step, s0, row);
        LinearSums.Store(step, s1, row + 1);
        LinearSums.Store(step, s2, row + 2);
        LinearSums.Store(step, s3, row + 3);
    }

    private static void Rows1(Step* step, int row, float* tail)
    {
        float* x = step->Input.Slots;
        nint columns = step->Columns;
        float* w = step->Values + (row * columns);
        TVector a = TOps.Zero;
        TVector b = a;
        TVector c = a;
        TVector d = a;
        nint k = 0;
        for (; k + (4 * TOps.Count) <= columns; k += 4 * TOps.Count)
        {
            a = TOps.MultiplyAdd(TOps.Load(w + k), TOps.Load(x + k), a);
            b = TOps.MultiplyAdd(TOps.Load(w + k + TOps.Count), TOps.Load(x + k + TOps.Count), b);
            c = TOps.MultiplyAdd(TOps.Load(w + k + (2 * TOps.Count)), TOps.Load(x + k + (2 * TOps.Count)), c);
            d = TOps.MultiplyAdd(TOps.Load(w + k + (3 * TOps.Count)), TOps.Load(x + k + (3 * TOps.Count)), d);
        }

        for (; k + TOps.Count <= columns; k += TOps.Count)
        {
            a = TOps.MultiplyAdd(TOps.Load(w + k), TOps.Load(x + k), a);
        }

        if (k < columns && columns >= TOps.Count)
        {
            b = TOps.MultiplyAdd(TOps.Load(w + columns - TOps.Count), TOps.Load(tail), b);
            k = columns;
        }

        float sum = TOps.Sum(TOps.Add(TOps.Add(a, b), TOps.Add(c, d)));
        for (; k < columns; k++)
        {
            sum += w[k] * x[k];
        }

        LinearSums.Store(step, sum, row);
    }
}
