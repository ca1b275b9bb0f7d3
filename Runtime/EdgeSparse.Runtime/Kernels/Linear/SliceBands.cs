using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// The bands of sliced ELL whose windows reach into what lies between the first and the last input that is not zero: around a
/// digit are black pixels, whose weights need not be read.
/// </summary>
internal readonly unsafe struct SliceBands
{
    private readonly nint first;
    private readonly nint end;

    private SliceBands(nint first, nint end)
    {
        this.first = first;
        this.end = end;
    }

    public static SliceBands Of(Step* step)
    {
        float* x = step->Input.Slots;
        int columns = step->Columns;
        int start = 0;
        while (start + 4 <= columns && Vector128.EqualsAll(Vector128.Load(x + start), Vector128<float>.Zero))
        {
            start += 4;
        }

        int last = columns;
        while (last - 4 >= start && Vector128.EqualsAll(Vector128.Load(x + last - 4), Vector128<float>.Zero))
        {
            last -= 4;
        }

        // A window that starts in a band ends at most Window columns after the band's last.
        return new SliceBands(
            Math.Max(0, start - step->Window + 1) / SlicedEllCheck.BandColumns,
            (last + SlicedEllCheck.BandColumns - 1) / SlicedEllCheck.BandColumns);
    }

    /// <summary>The units of a slice in these bands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (nuint First, nuint End) Units(Step* step, int slice)
    {
        uint* pointers = step->Pointers + ((nint)slice * step->BandCount);
        return first < end ? (pointers[first], pointers[end]) : (0, 0);
    }
}
