using System.Runtime.CompilerServices;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>Picks inputs out of a window that lies in two registers.</summary>
internal unsafe interface IWindowOps<TVector>
    where TVector : unmanaged
{
    /// <summary>Element l is that of (low, high) at the index index[l], below twice the vector's count.</summary>
    static abstract TVector Pick(TVector low, TVector high, byte* index);

    /// <summary>Whether all elements are zero.</summary>
    static abstract bool AreZero(TVector low, TVector high);
}

/// <summary>
/// Sparse matrix times vector over windowed sliced ELL with as many lanes as a vector has elements and windows of two vectors:
/// each entry's inputs come out of two registers by one permutation, so that no gather touches memory. What the kernel would
/// lose by branches that nobody can predict (how many entries a window has) it does not lose, because a slice's entries come
/// as units of 4, then 2, then 1. Windows of zeros before the first and after the last non-zero input (black pixels around a
/// digit) are left out for all rows.
/// </summary>
internal static unsafe class LinearSlicedEllWindows<TOps, TVector>
    where TOps : struct, IVectorOps<TVector>, IWindowOps<TVector>
    where TVector : unmanaged
{
    public static void Run(Step* step, int worker, int workers)
    {
        int n = TOps.Count;
        float* x = step->Input.Slots;
        nint windows = step->WindowCount;
        nint first = 0;
        nint last = windows;
        while (first < last && IsZero(x + (first * 2 * n)))
        {
            first++;
        }

        while (last > first && IsZero(x + ((last - 1) * 2 * n)))
        {
            last--;
        }

        ConvShare* share = step->Shares + worker;
        uint* starts = step->Pointers + (share->FirstBlock * SlicedEllCheck.UnitKinds * windows);
        var window = (ushort*)step->Windows;
        float* values = step->Values;
        var indices = (byte*)step->Indices;
        float* sums = LinearSlicedEll.Sums(step, worker);
        bool isPlain = step->Input1.Slots == null && Activations.IsClamp(step->Activation);
        for (int slice = share->FirstBlock; slice < share->EndBlock; slice++)
        {
            TVector a = TOps.Zero;
            TVector b = a;
            TVector c = a;
            TVector d = a;
            nuint e = starts[first];
            nuint end = starts[last];
            for (; e < end; e += 4)
            {
                float* at = x + ((nuint)window[e] * (nuint)(2 * n));
                TVector low = TOps.Load(at);
                TVector high = TOps.Load(at + n);
                float* value = values + (e * (nuint)n);
                byte* index = indices + (e * (nuint)n);
                a = TOps.MultiplyAdd(TOps.Pick(low, high, index), TOps.Load(value), a);
                b = TOps.MultiplyAdd(TOps.Pick(low, high, index + n), TOps.Load(value + n), b);
                c = TOps.MultiplyAdd(TOps.Pick(low, high, index + (2 * n)), TOps.Load(value + (2 * n)), c);
                d = TOps.MultiplyAdd(TOps.Pick(low, high, index + (3 * n)), TOps.Load(value + (3 * n)), d);
            }

            starts += windows;
            e = starts[first];
            end = starts[last];
            for (; e < end; e += 2)
            {
                float* at = x + ((nuint)window[e] * (nuint)(2 * n));
                TVector low = TOps.Load(at);
                TVector high = TOps.Load(at + n);
                float* value = values + (e * (nuint)n);
                byte* index = indices + (e * (nuint)n);
                a = TOps.MultiplyAdd(TOps.Pick(low, high, index), TOps.Load(value), a);
                b = TOps.MultiplyAdd(TOps.Pick(low, high, index + n), TOps.Load(value + n), b);
            }

            starts += windows;
            e = starts[first];
            end = starts[last];
            for (; e < end; e++)
            {
                float* at = x + ((nuint)window[e] * (nuint)(2 * n));
                c = TOps.MultiplyAdd(
                    TOps.Pick(TOps.Load(at), TOps.Load(at + n), indices + (e * (nuint)n)), TOps.Load(values + (e * (nuint)n)), c);
            }

            starts += windows;
            TVector sum = TOps.Add(TOps.Add(a, b), TOps.Add(c, d));
            int lane = slice * n;
            if (!isPlain)
            {
                TOps.Store(sum, sums);
                LinearSlicedEll.StoreRows(step, lane, sums);
                continue;
            }

            sum = TOps.Clamp(step, TOps.Add(sum, TOps.Load(step->LaneBias + lane)));
            if (step->RowsInOrder != 0 && lane + n <= step->Rows)
            {
                TOps.Store(sum, step->Output.Slots + lane);
            }
            else
            {
                TOps.Store(sum, sums);
                Scatter(step->RowMap + lane, step->Output.Slots, sums);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scatter(int* rows, float* y, float* results)
    {
        for (int l = 0; l < TOps.Count; l++)
        {
            if (rows[l] >= 0)
            {
                y[rows[l]] = results[l];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsZero(float* window) => TOps.AreZero(TOps.Load(window), TOps.Load(window + TOps.Count));
}
