using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Sparse matrix times vector over windowed sliced ELL. A window of the input is loaded into registers once; each entry picks
/// its inputs out of them by one permutation, so that no gather touches memory. Windows of zeros (black pixels, neurons that
/// ReLU has silenced) are skipped for all rows.
/// </summary>
internal static unsafe class LinearSlicedEll
{
    /// <summary>Any lanes and window, one multiplication at a time: every blob runs on every machine.</summary>
    public static void RunScalar(Step* step)
    {
        int lanes = step->Lanes;
        int windows = WindowCount(step);
        int slices = SliceCount(step);
        uint* pointer = step->Pointers;
        var index = (byte*)step->Indices;
        float* sums = step->Scratch;
        for (int slice = 0; slice < slices; slice++)
        {
            new Span<float>(sums, lanes).Clear();
            float* x = step->Input.Pixels;
            for (int window = 0; window < windows; window++, pointer++, x += step->Window)
            {
                for (nuint e = pointer[0]; e < pointer[1]; e++)
                {
                    float* value = step->Values + (e * (nuint)lanes);
                    byte* column = index + (e * (nuint)lanes);
                    for (int lane = 0; lane < lanes; lane++)
                    {
                        sums[lane] += value[lane] * x[column[lane]];
                    }
                }
            }

            StoreRows(step, slice, sums);
        }
    }

    /// <summary>16 lanes, windows of 32 in two registers.</summary>
    public static void Run16x32Avx512(Step* step)
    {
        int windows = WindowCount(step);
        int slices = SliceCount(step);
        float* x = step->Input.Pixels;
        int* active = (int*)(step->Scratch + 16);
        int activeCount = 0;
        for (int window = 0; window < windows; window++)
        {
            Vector512<float> any = Vector512.Load(x + (window * 32)) | Vector512.Load(x + (window * 32) + 16);
            active[activeCount] = window;
            activeCount += any == Vector512<float>.Zero ? 0 : 1;
        }

        uint* pointers = step->Pointers;
        var index = (byte*)step->Indices;
        float* values = step->Values;
        for (int slice = 0; slice < slices; slice++, pointers += windows)
        {
            Vector512<float> a = Vector512<float>.Zero;
            Vector512<float> b = a;
            for (int k = 0; k < activeCount; k++)
            {
                int window = active[k];
                Vector512<float> low = Vector512.Load(x + (window * 32));
                Vector512<float> high = Vector512.Load(x + (window * 32) + 16);
                nuint entry = pointers[window];
                nuint count = pointers[window + 1] - entry;
                float* value = values + (entry * 16);
                byte* column = index + (entry * 16);
                for (; count >= 2; count -= 2)
                {
                    Vector512<int> first = Avx512F.ConvertToVector512Int32(Vector128.Load(column));
                    Vector512<int> second = Avx512F.ConvertToVector512Int32(Vector128.Load(column + 16));
                    a = Vector512.MultiplyAddEstimate(Avx512F.PermuteVar16x32x2(low, first, high), Vector512.Load(value), a);
                    b = Vector512.MultiplyAddEstimate(Avx512F.PermuteVar16x32x2(low, second, high), Vector512.Load(value + 16), b);
                    value += 32;
                    column += 32;
                }

                if (count != 0)
                {
                    Vector512<int> first = Avx512F.ConvertToVector512Int32(Vector128.Load(column));
                    a = Vector512.MultiplyAddEstimate(Avx512F.PermuteVar16x32x2(low, first, high), Vector512.Load(value), a);
                }
            }

            Vector512.Store(a + b, step->Scratch);
            StoreRows(step, slice, step->Scratch);
        }
    }

    /// <summary>8 lanes, windows of 8 in one register.</summary>
    public static void Run8x8Avx2(Step* step)
    {
        int windows = WindowCount(step);
        int slices = SliceCount(step);
        float* x = step->Input.Pixels;
        int* active = (int*)(step->Scratch + 16);
        int activeCount = 0;
        for (int window = 0; window < windows; window++)
        {
            active[activeCount] = window;
            activeCount += Vector256.Load(x + (window * 8)) == Vector256<float>.Zero ? 0 : 1;
        }

        uint* pointers = step->Pointers;
        var index = (byte*)step->Indices;
        float* values = step->Values;
        for (int slice = 0; slice < slices; slice++, pointers += windows)
        {
            Vector256<float> a = Vector256<float>.Zero;
            Vector256<float> b = a;
            for (int k = 0; k < activeCount; k++)
            {
                int window = active[k];
                Vector256<float> inputs = Vector256.Load(x + (window * 8));
                nuint entry = pointers[window];
                nuint count = pointers[window + 1] - entry;
                float* value = values + (entry * 8);
                byte* column = index + (entry * 8);
                for (; count >= 2; count -= 2)
                {
                    Vector256<int> first = Avx2.ConvertToVector256Int32(column);
                    Vector256<int> second = Avx2.ConvertToVector256Int32(column + 8);
                    a = Vector256.MultiplyAddEstimate(Avx2.PermuteVar8x32(inputs, first), Vector256.Load(value), a);
                    b = Vector256.MultiplyAddEstimate(Avx2.PermuteVar8x32(inputs, second), Vector256.Load(value + 8), b);
                    value += 16;
                    column += 16;
                }

                if (count != 0)
                {
                    Vector256<int> first = Avx2.ConvertToVector256Int32(column);
                    a = Vector256.MultiplyAddEstimate(Avx2.PermuteVar8x32(inputs, first), Vector256.Load(value), a);
                }
            }

            Vector256.Store(a + b, step->Scratch);
            StoreRows(step, slice, step->Scratch);
        }
    }

    /// <summary>Any number of lanes that is a multiple of 4: four inputs are put together one by one, the rest is vectors.</summary>
    public static void Run4Vector128(Step* step)
    {
        int lanes = step->Lanes;
        int windows = WindowCount(step);
        int slices = SliceCount(step);
        uint* pointer = step->Pointers;
        var index = (byte*)step->Indices;
        float* sums = step->Scratch;
        for (int slice = 0; slice < slices; slice++)
        {
            new Span<float>(sums, lanes).Clear();
            float* x = step->Input.Pixels;
            for (int window = 0; window < windows; window++, pointer++, x += step->Window)
            {
                nuint first = (nuint)pointer[0] * (nuint)lanes;
                nuint end = (nuint)pointer[1] * (nuint)lanes;
                for (int lane = 0; lane < lanes; lane += 4)
                {
                    Vector128<float> sum = Vector128.Load(sums + lane);
                    for (nuint at = first + (nuint)lane; at < end; at += (nuint)lanes)
                    {
                        Vector128<float> inputs = Vector128.Create(x[index[at]], x[index[at + 1]], x[index[at + 2]], x[index[at + 3]]);
                        sum = Vector128.MultiplyAddEstimate(inputs, Vector128.Load(step->Values + at), sum);
                    }

                    Vector128.Store(sum, sums + lane);
                }
            }

            StoreRows(step, slice, sums);
        }
    }

    /// <summary>Scratch that the kernels need, in elements.</summary>
    public static long ScratchElements(long windows) => 64 + windows;

    private static int WindowCount(Step* step) => (step->Columns + step->Window - 1) / step->Window;

    private static int SliceCount(Step* step) => (step->Rows + step->Lanes - 1) / step->Lanes;

    private static void StoreRows(Step* step, int slice, float* sums)
    {
        int* rows = step->RowMap + ((long)slice * step->Lanes);
        float* y = step->Output.Pixels;
        for (int lane = 0; lane < step->Lanes; lane++)
        {
            int row = rows[lane];
            if (row >= 0)
            {
                y[row] = OpsScalar.Max(step->Floor, sums[lane] + step->Bias[row]);
            }
        }
    }
}
