using EdgeSparse.Runtime.Offload;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>A unit of four rows.</summary>
internal struct Quad
{
    /// <summary>The output row of the first of the four, and how many of them there are.</summary>
    public int Row;
    public int Rows;

    /// <summary>Where its offsets begin, in fours.</summary>
    public int Offsets;

    /// <summary>Where its values begin, in fours: the four rows' values of an entry.</summary>
    public int Values;

    /// <summary>Entries, in fours.</summary>
    public int Count;

    /// <param name="constants">The plan's constants.</param>
    /// <param name="step">The step.</param>
    /// <param name="slot">The unit's place in the order in which units are taken.</param>
    public static Quad Of(ArrayView<int> constants, DeviceStep step, int slot)
    {
        int at = step.Units + (slot * SparseQuads.UnitWords);
        Int4 record = Int4.Load(constants, at);
        return new Quad { Row = record.X, Rows = record.Y, Offsets = record.Z, Values = record.W, Count = constants[at + 4] };
    }
}

/// <summary>Sums of four rows, of four elements each.</summary>
internal struct QuadSums
{
    public Float4 A;
    public Float4 B;
    public Float4 C;
    public Float4 D;

    public static QuadSums Of(float a, float b, float c, float d) =>
        new() { A = Float4.Broadcast(a), B = Float4.Broadcast(b), C = Float4.Broadcast(c), D = Float4.Broadcast(d) };

    /// <summary>sums + weights · inputs, of four entries.</summary>
    public static QuadSums MultiplyAdd(QuadSums sums, ArrayView<Float4> weights, int at, Fours x)
    {
        sums = MultiplyAdd(sums, weights[at], x.X);
        sums = MultiplyAdd(sums, weights[at + 1], x.Y);
        sums = MultiplyAdd(sums, weights[at + 2], x.Z);
        return MultiplyAdd(sums, weights[at + 3], x.W);
    }

    private static QuadSums MultiplyAdd(QuadSums sums, Float4 w, Float4 x) => new()
    {
        A = Float4.MultiplyAdd(sums.A, w.X, x),
        B = Float4.MultiplyAdd(sums.B, w.Y, x),
        C = Float4.MultiplyAdd(sums.C, w.Z, x),
        D = Float4.MultiplyAdd(sums.D, w.W, x),
    };
}
