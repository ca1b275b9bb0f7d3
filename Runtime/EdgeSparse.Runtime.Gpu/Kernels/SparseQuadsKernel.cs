using EdgeSparse.Runtime.Offload;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>
/// A sparse matrix in blocks, or a dense one, times the pixels of a map: as <see cref="SparseRowsKernel"/>, with four rows at a time,
/// so that every input that is loaded serves sixteen sums.
/// </summary>
internal static class SparseQuadsKernel
{
    public static void Run(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        ArrayView<float> weights = SharedMemory.Allocate<float>(DeviceShape.StagedValues);
        ArrayView<int> offsets = SharedMemory.Allocate<int>(DeviceShape.StagedEntries);
        int place = Group.IdxX / step.UnitThreads;
        int thread = Group.IdxX - (place * step.UnitThreads);
        int together = Group.DimX / step.UnitThreads;
        int bundle = Grid.IdxX / step.Tiles;
        int tile = Grid.IdxX - (bundle * step.Tiles);
        int first = bundle * together;
        bool hasUnit = first + place < step.Count;
        Quad quad = Quad.Of(constants, step, hasUnit ? first + place : first);

        // The last block of a group may have no row left for its last units.
        hasUnit = hasUnit && quad.Rows > 0;
        int count = hasUnit ? quad.Count : 0;

        // The first unit is the longest: all threads go through as many strips, whose barriers are for all.
        int longest = Quad.Of(constants, step, first).Count;

        int sample = Pixels.Sample(step);
        int element = ((tile * step.UnitThreads) + thread) * 4;
        bool hasPixels = hasUnit && element < step.Output.RegionY * step.Output.RegionX * step.Output.Lanes;
        Places4 places = Places4.Of(step, element);
        int input = sample + step.Input.Start;
        int staged = place * step.Strip;
        int stagedValues = staged * step.BlockColumns * 4;
        Float4 a = Float4.Broadcast(Bias(constants, step, quad, 0));
        Float4 b = Float4.Broadcast(Bias(constants, step, quad, 1));
        Float4 c = Float4.Broadcast(Bias(constants, step, quad, 2));
        Float4 d = Float4.Broadcast(Bias(constants, step, quad, 3));
        for (int strip = 0; strip < longest; strip += step.Strip)
        {
            Group.Barrier();
            int left = count - strip;
            int length = left < step.Strip ? left : step.Strip;
            for (int i = thread; i < length; i += step.UnitThreads)
            {
                offsets[staged + i] = constants[quad.Offsets + strip + i] * step.OffsetScale;
            }

            // Four values, those of the unit's rows in a column of a block, at a time.
            for (int i = thread; i < length * step.BlockColumns; i += step.UnitThreads)
            {
                int from = quad.Values + (((strip * step.BlockColumns) + i) * step.BlockRows);
                Float4.Store(weights, stagedValues + (i * 4), LoadConstants(constants, from));
            }

            Group.Barrier();
            int stop = hasPixels ? length : 0;
            for (int i = 0; i < stop; i++)
            {
                int at = input + offsets[staged + i];
                for (int column = 0; column < step.BlockColumns; column++)
                {
                    Float4 x = Pixels.Load(arena, step, at + (column * step.ColumnStride), places);
                    Float4 w = Float4.Load(weights, stagedValues + (((i * step.BlockColumns) + column) * 4));
                    a = Float4.MultiplyAdd(a, w.X, x);
                    b = Float4.MultiplyAdd(b, w.Y, x);
                    c = Float4.MultiplyAdd(c, w.Z, x);
                    d = Float4.MultiplyAdd(d, w.W, x);
                }
            }
        }

        if (hasPixels)
        {
            Pixels.Finish(arena, step, sample, quad.Row, element, a);
            if (quad.Rows > 1)
            {
                Pixels.Finish(arena, step, sample, quad.Row + 1, element, b);
            }

            if (quad.Rows > 2)
            {
                Pixels.Finish(arena, step, sample, quad.Row + 2, element, c);
            }

            if (quad.Rows > 3)
            {
                Pixels.Finish(arena, step, sample, quad.Row + 3, element, d);
            }
        }
    }

    /// <summary>Four words of the constants as numbers.</summary>
    public static Float4 LoadConstants(ArrayView<int> constants, int at) => constants.Cast<Float4>()[at >> 2];

    public static float Bias(ArrayView<int> constants, DeviceStep step, Quad quad, int row) =>
        row < quad.Rows ? DeviceMath.FromBits(constants[step.Bias + quad.Row + row]) : 0f;
}

/// <summary>A unit of four rows.</summary>
internal struct Quad
{
    /// <summary>The output row of the first of the four, and how many of them there are: fewer than four at a group's end, none or a negative number beyond it.</summary>
    public int Row;
    public int Rows;

    /// <summary>Entries: blocks, or columns of a dense weight.</summary>
    public int Count;

    /// <summary>Words of the constants at which its offsets and the values of its rows begin.</summary>
    public int Offsets;
    public int Values;

    /// <param name="constants">The plan's constants.</param>
    /// <param name="step">The step.</param>
    /// <param name="slot">The unit's place in the order in which units are taken.</param>
    public static Quad Of(ArrayView<int> constants, DeviceStep step, int slot)
    {
        int unit = step.Pointers == 0 ? slot : constants[step.Order + slot];
        int group = unit / step.GroupUnits;
        int row = (unit - (group * step.GroupUnits)) * 4;
        int quadsOfBlock = step.BlockRows / 4;
        int block = unit / quadsOfBlock;
        int first = step.Pointers == 0 ? block * step.Columns : constants[step.Pointers + block];
        int rows = step.GroupRows - row;
        return new Quad
        {
            Row = (group * step.GroupRows) + row,
            Rows = rows > 4 ? 4 : rows,
            Count = step.Pointers == 0 ? step.Columns : constants[step.Pointers + block + 1] - first,
            Offsets = step.Offsets + (step.Pointers == 0 ? group * step.Columns : first),
            Values = step.Values + (first * step.BlockColumns * step.BlockRows) + ((unit - (block * quadsOfBlock)) * 4),
        };
    }
}
