using EdgeSparse.Runtime.Offload;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>
/// A sparse matrix in blocks, or a dense one, times the pixels of a map: as <see cref="SparseRowsKernel"/>, with four rows at a time,
/// so that every input that is loaded serves sixteen sums.
/// </summary>
internal static class SparseQuadsKernel
{
    /// <typeparam name="TRoom">How much shared memory is taken.</typeparam>
    public static void Run<TRoom>(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
        where TRoom : struct, IStagingRoom
    {
        ArrayView<Float4> weights = SharedMemory.Allocate<float>(4 * default(TRoom).Quads).Cast<Float4>();
        ArrayView<Int4> offsets = SharedMemory.Allocate<int>(4 * default(TRoom).Fours).Cast<Int4>();
        int place = Group.IdxX >> step.UnitShift;
        int thread = Group.IdxX & (step.UnitThreads - 1);
        int share = place & ((1 << step.PartShift) - 1);
        int warp = (place >> step.PartShift) >> step.WarpShift;
        int inWarp = (place >> step.PartShift) - (warp << step.WarpShift);
        int bundle = Grid.IdxX / step.Tiles;
        int tile = Grid.IdxX - (bundle * step.Tiles);

        int piece = (tile * step.UnitThreads) + thread;
        int element = 4 * piece;
        bool isInMap = element < step.Output.RegionY * step.Output.RegionX * step.Output.Lanes;
        int known = isInMap ? piece : 0;
        Int4 places = step.IsAligned != 0
            ? new Int4 { X = constants[step.Places + known] }
            : Int4.Load(constants, step.Places + (4 * known));
        int sample = Pixels.Sample(step);

        int slot = (((warp * step.Bundles) + bundle) << step.WarpShift) + inWarp;
        bool hasUnit = slot < step.Count;
        Quad quad = Quad.Of(constants, step, hasUnit ? slot : 0);

        // The first unit of those that wait for each other is the longest: all their threads go through as many strips.
        int first = Staging.FirstSlot(step, warp, bundle);
        int longest = first < step.Count ? Quad.Of(constants, step, first).Count : 0;
        int count = hasUnit ? quad.Count : 0;
        ArrayView<Float4> unitWeights = constants.Cast<Float4>().SubView((step.Values >> 2) + quad.Values);
        ArrayView<Int4> unitOffsets = constants.Cast<Int4>().SubView((step.Offsets >> 2) + quad.Offsets);
        int strip = step.UnitThreads;
        int staged = place * (strip + DeviceShape.StripPadding);
        int stagedWeights = place * ((4 * strip) + DeviceShape.StripPadding);
        QuadSums sums = share == 0
            ? QuadSums.Of(
                Bias(constants, step, quad, 0), Bias(constants, step, quad, 1), Bias(constants, step, quad, 2), Bias(constants, step, quad, 3))
            : QuadSums.Of(0f, 0f, 0f, 0f);
        int begin = share << step.UnitShift;
        int stride = step.UnitThreads << step.PartShift;
        for (int done = 0; done < longest; done += stride)
        {
            Staging.Barrier(step);
            int left = count - begin - done;
            int length = left < 0 ? 0 : left < strip ? left : strip;
            for (int i = thread; i < length; i += step.UnitThreads)
            {
                offsets[staged + i] = unitOffsets[begin + done + i];
            }

            for (int i = thread; i < 4 * length; i += step.UnitThreads)
            {
                weights[stagedWeights + i] = unitWeights[(4 * (begin + done)) + i];
            }

            Staging.Barrier(step);
            int stop = isInMap ? length : 0;
            sums = step.IsAligned != 0
                ? Aligned(arena.Cast<Float4>().SubView((sample >> 2) + places.X), weights.SubView(stagedWeights), offsets, staged, stop, sums)
                : Scattered(arena, weights.SubView(stagedWeights), offsets, staged, stop, sample, places, sums);
        }

        if (step.PartShift != 0)
        {
            sums = Parts.Sum(weights, step, share, sums);
        }

        if (hasUnit && isInMap && share == 0)
        {
            Pixels.Finish(arena, constants, step, sample, quad.Row, element, sums.A);
            if (quad.Rows > 1)
            {
                Pixels.Finish(arena, constants, step, sample, quad.Row + 1, element, sums.B);
            }

            if (quad.Rows > 2)
            {
                Pixels.Finish(arena, constants, step, sample, quad.Row + 2, element, sums.C);
            }

            if (quad.Rows > 3)
            {
                Pixels.Finish(arena, constants, step, sample, quad.Row + 3, element, sums.D);
            }
        }
    }

    /// <summary>The bias of a unit's row, or 0 where it has no such row.</summary>
    public static float Bias(ArrayView<int> constants, DeviceStep step, Quad quad, int row) =>
        row < quad.Rows ? DeviceMath.FromBits(constants[step.Bias + quad.Row + row]) : 0f;

    private static QuadSums Aligned(ArrayView<Float4> inputs, ArrayView<Float4> weights, ArrayView<Int4> offsets, int staged, int stop, QuadSums sums)
    {
        int paired = stop & -2;
        if (paired > 0)
        {
            Fours x = Fours.Load(inputs, offsets[staged]);
            Fours y = Fours.Load(inputs, offsets[staged + 1]);
            for (int next = 2; next < paired; next += 2)
            {
                sums = QuadSums.MultiplyAdd(sums, weights, (4 * next) - 8, x);
                sums = QuadSums.MultiplyAdd(sums, weights, (4 * next) - 4, y);
                x = Fours.Load(inputs, offsets[staged + next]);
                y = Fours.Load(inputs, offsets[staged + next + 1]);
            }

            sums = QuadSums.MultiplyAdd(sums, weights, (4 * paired) - 8, x);
            sums = QuadSums.MultiplyAdd(sums, weights, (4 * paired) - 4, y);
        }

        // Where one thread alone works on a unit, its strips are single fours.
        return paired < stop ? QuadSums.MultiplyAdd(sums, weights, 4 * paired, Fours.Load(inputs, offsets[staged + paired])) : sums;
    }

    private static QuadSums Scattered(
        ArrayView<float> arena, ArrayView<Float4> weights, ArrayView<Int4> offsets, int staged, int stop, int sample, Int4 places, QuadSums sums)
    {
        if (stop > 0)
        {
            Fours x = Fours.Gather(arena, sample, offsets[staged], places);
            for (int next = 1; next < stop; next++)
            {
                sums = QuadSums.MultiplyAdd(sums, weights, (4 * next) - 4, x);
                x = Fours.Gather(arena, sample, offsets[staged + next], places);
            }

            sums = QuadSums.MultiplyAdd(sums, weights, (4 * stop) - 4, x);
        }

        return sums;
    }
}
