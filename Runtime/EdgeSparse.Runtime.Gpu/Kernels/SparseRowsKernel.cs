using EdgeSparse.Runtime.Offload;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>
/// A sparse matrix of rows times the pixels of a map (SpMM): some threads compute a tile of a row's pixels, four neighbouring ones
/// each. They copy the row's weights and offsets to shared memory strip by strip, the next strip while they multiply by this one. All
/// of a group's rows have the same tile and go through their columns side by side, so that an input that several rows need comes from
/// the first-level cache after the first. After Gale et al. (2020), section V.
/// </summary>
/// <remarks>
/// What does not change in the loops is loaded from tables, not computed: ILGPU moves computations, but no loads, to where they are
/// used, into the loops. Weights and offsets are counted in fours, as they are stored.
/// </remarks>
internal static class SparseRowsKernel
{
    /// <typeparam name="TRoom">How much shared memory is taken.</typeparam>
    public static void Run<TRoom>(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
        where TRoom : struct, IStagingRoom
    {
        ArrayView<Float4> weights = SharedMemory.Allocate<float>(2 * 4 * default(TRoom).Fours).Cast<Float4>();
        ArrayView<Int4> offsets = SharedMemory.Allocate<int>(2 * 4 * default(TRoom).Fours).Cast<Int4>();
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

        // Rows of one warp follow each other in the order of lengths, those of one group come from everywhere in it: warps are busy in
        // all lanes, and groups are equally long.
        int slot = (((warp * step.Bundles) + bundle) << step.WarpShift) + inWarp;
        bool hasRow = slot < step.Count;
        Int4 unit = Int4.Load(constants, step.Units + (4 * (hasRow ? slot : 0)));

        // The first row of those that wait for each other is the longest: all their threads go through as many strips.
        int first = Staging.FirstSlot(step, warp, bundle);
        int longest = first < step.Count ? constants[step.Units + (4 * first) + 2] : 0;
        int count = hasRow ? unit.Z : 0;

        // Strips are dealt out to the parts in turn.
        int begin = share << step.UnitShift;
        int stride = step.UnitThreads << step.PartShift;
        ArrayView<Float4> rowWeights = constants.Cast<Float4>().SubView((step.Values >> 2) + unit.Y);
        ArrayView<Int4> rowOffsets = constants.Cast<Int4>().SubView((step.Offsets >> 2) + unit.Y);

        // A strip is one four for each of a row's threads.
        int staged = place * (step.UnitThreads + DeviceShape.StripPadding);
        if (begin + thread < count)
        {
            weights[staged + thread] = rowWeights[begin + thread];
            offsets[staged + thread] = rowOffsets[begin + thread];
        }

        Staging.Barrier(step);
        Float4 sums = Float4.Broadcast(share == 0 ? DeviceMath.FromBits(unit.W) : 0f);
        int from = 0;
        for (int done = 0; done < longest; done += stride)
        {
            // On their way while this strip is multiplied.
            Float4 nextWeights = default;
            Int4 nextOffsets = default;
            int next = begin + done + stride + thread;
            if (next < count)
            {
                nextWeights = rowWeights[next];
                nextOffsets = rowOffsets[next];
            }

            int left = count - begin - done;
            int stop = isInMap && left > 0 ? (left < step.UnitThreads ? left : step.UnitThreads) : 0;
            sums = step.IsAligned != 0
                ? Aligned(arena.Cast<Float4>().SubView((sample >> 2) + places.X), weights, offsets, from + staged, from + staged + stop, sums)
                : Scattered(arena, weights, offsets, from + staged, from + staged + stop, sample, places, sums);

            from = default(TRoom).Fours - from;
            weights[from + staged + thread] = nextWeights;
            offsets[from + staged + thread] = nextOffsets;
            Staging.Barrier(step);
        }

        if (step.PartShift != 0)
        {
            sums = Parts.Sum(weights, step, share, sums);
        }

        if (hasRow && isInMap && share == 0)
        {
            Pixels.Finish(arena, constants, step, sample, unit.X, element, sums);
        }
    }

    /// <summary>
    /// Eight entries at a time: their inputs are loaded after the products of those before and before the loop turns, so that all are on
    /// their way at once and lie in no more than 32 registers. ILGPU chooses the order of both by how the loop is written: a test has it.
    /// </summary>
    private static Float4 Aligned(
        ArrayView<Float4> inputs, ArrayView<Float4> weights, ArrayView<Int4> offsets, int at, int end, Float4 sums)
    {
        int paired = at + ((end - at) & -2);
        if (at < paired)
        {
            Fours x = Fours.Load(inputs, offsets[at]);
            Fours y = Fours.Load(inputs, offsets[at + 1]);
            for (int next = at + 2; next < paired; next += 2)
            {
                sums = Fours.MultiplyAdd(sums, weights[next - 2], x);
                sums = Fours.MultiplyAdd(sums, weights[next - 1], y);
                x = Fours.Load(inputs, offsets[next]);
                y = Fours.Load(inputs, offsets[next + 1]);
            }

            sums = Fours.MultiplyAdd(sums, weights[paired - 2], x);
            sums = Fours.MultiplyAdd(sums, weights[paired - 1], y);
        }

        // Where one thread alone works on a row, its strips are single fours.
        return paired < end ? Fours.MultiplyAdd(sums, weights[paired], Fours.Load(inputs, offsets[paired])) : sums;
    }

    private static Float4 Scattered(
        ArrayView<float> arena, ArrayView<Float4> weights, ArrayView<Int4> offsets, int at, int end, int sample, Int4 places, Float4 sums)
    {
        if (at < end)
        {
            Fours x = Fours.Gather(arena, sample, offsets[at], places);
            for (int next = at + 1; next < end; next++)
            {
                sums = Fours.MultiplyAdd(sums, weights[next - 1], x);
                x = Fours.Gather(arena, sample, offsets[next], places);
            }

            sums = Fours.MultiplyAdd(sums, weights[end - 1], x);
        }

        return sums;
    }
}
