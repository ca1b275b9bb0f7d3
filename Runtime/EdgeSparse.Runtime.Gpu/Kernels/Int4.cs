using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>Four neighbouring words, which are loaded and stored at once.</summary>
internal struct Int4
{
    public int X;
    public int Y;
    public int Z;
    public int W;

    /// <summary>Word <paramref name="at"/>, a multiple of 4, and the three after it.</summary>
    public static Int4 Load(ArrayView<int> view, int at) => view.Cast<Int4>()[at >> 2];

    public static void Store(ArrayView<int> view, int at, Int4 value) => view.Cast<Int4>()[at >> 2] = value;
}
