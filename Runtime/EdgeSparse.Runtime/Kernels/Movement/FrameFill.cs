using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Fills a value's halo and its lanes beyond the map, after a step has written all pixels to slots of the region. What a lane of
/// the halo holds is a pixel of another lane, and the same slot of the region has them for all lanes: one permutation of a vector.
/// </summary>
internal static unsafe class FrameFill
{
    private const int MostLanes = 16;

    /// <summary>Lists what is to be filled, the same for every channel, and chooses the kernel.</summary>
    /// <param name="step">A step with nothing but its output.</param>
    /// <param name="set">What the machine has.</param>
    /// <param name="memory">Where the table goes.</param>
    public static void Plan(Step* step, InstructionSet set, NativeArena memory)
    {
        ref readonly Planes y = ref step->Output;
        var patterns = new List<Group>();
        for (int ry = -y.HaloTop; ry < y.RegionY + y.HaloBottom; ry++)
        {
            for (int rx = -y.HaloLeft; rx < y.RegionX + y.HaloRight; rx++)
            {
                int[] lanes = SourceLanes(in y, ry, rx);
                (int sourceY, int sourceX) = (Modulo(ry, y.RegionY), Modulo(rx, y.RegionX));
                bool isInside = sourceY == ry && sourceX == rx;
                if (isInside && !lanes.Contains(-1))
                {
                    continue;
                }

                List<int> slots = SlotsOf(lanes, patterns);
                slots.Add((ry * y.RowStride) + (rx * y.Lanes));
                slots.Add((sourceY * y.RowStride) + (sourceX * y.Lanes));
            }
        }

        step->TableLength = patterns.Count;
        step->Table = memory.Allocate((long)patterns.Count * sizeof(Pattern));
        for (int i = 0; i < patterns.Count; i++)
        {
            Fill((Pattern*)step->Table + i, patterns[i].Lanes, patterns[i].Slots, memory);
        }

        step->Kernel = (y.Lanes, set) switch
        {
            (16, >= InstructionSet.Avx512) when Avx512F.IsSupported => &Fill16,
            (8, >= InstructionSet.Avx2) when Avx2.IsSupported => &Fill8,
            (4, >= InstructionSet.Vector128) => &Fill4,
            _ => &FillAny,
        };
    }

    private static List<int> SlotsOf(int[] lanes, List<Group> patterns)
    {
        foreach (Group known in patterns)
        {
            if (known.Lanes.AsSpan().SequenceEqual(lanes))
            {
                return known.Slots;
            }
        }

        Group added = new(lanes);
        patterns.Add(added);
        return added.Slots;
    }

    /// <summary>The lane whose region has the pixel of each lane of a slot, −1 where the map has none.</summary>
    private static int[] SourceLanes(in Planes y, int ry, int rx)
    {
        int[] lanes = new int[y.Lanes];
        for (int lane = 0; lane < lanes.Length; lane++)
        {
            int pixel = y.PixelOf(lane, ry, rx);
            lanes[lane] = pixel < 0 ? -1
                : y.GridY == 0 ? lane
                : (pixel / y.Width / y.RegionY * y.GridX) + (pixel % y.Width / y.RegionX);
        }

        return lanes;
    }

    private static int Modulo(int value, int divisor) => ((value % divisor) + divisor) % divisor;

    private static void Fill(Pattern* pattern, int[] lanes, List<int> slots, NativeArena memory)
    {
        for (int lane = 0; lane < lanes.Length; lane++)
        {
            pattern->Lanes[lane] = Math.Max(lanes[lane], 0);
            pattern->Mask[lane] = lanes[lane] < 0 ? 0 : -1;
        }

        pattern->Count = slots.Count / 2;
        pattern->Slots = (int*)memory.Allocate((long)slots.Count * sizeof(int));
        slots.CopyTo(new Span<int>(pattern->Slots, slots.Count));
    }

    private static float Beyond(Step* step) => step->Output.Frame == Frame.Lowest ? float.NegativeInfinity : 0f;

    private static void Fill16(Step* step, int worker, int workers)
    {
        Vector512<float> beyond = Vector512.Create(Beyond(step));
        (int first, int end) = WorkerRange.Of(step->Output.Channels, worker, workers);
        for (int c = first; c < end; c++)
        {
            float* slots = step->Output.Slot(c, 0, 0);
            for (Pattern* pattern = (Pattern*)step->Table, last = pattern + step->TableLength; pattern < last; pattern++)
            {
                Vector512<int> lanes = Vector512.Load(pattern->Lanes);
                Vector512<float> mask = Vector512.Load(pattern->Mask).AsSingle();
                for (int* slot = pattern->Slots, stop = slot + (2 * pattern->Count); slot < stop; slot += 2)
                {
                    Vector512<float> permuted = Avx512F.PermuteVar16x32(Vector512.Load(slots + slot[1]), lanes);
                    Vector512.ConditionalSelect(mask, permuted, beyond).Store(slots + slot[0]);
                }
            }
        }
    }

    private static void Fill8(Step* step, int worker, int workers)
    {
        Vector256<float> beyond = Vector256.Create(Beyond(step));
        (int first, int end) = WorkerRange.Of(step->Output.Channels, worker, workers);
        for (int c = first; c < end; c++)
        {
            float* slots = step->Output.Slot(c, 0, 0);
            for (Pattern* pattern = (Pattern*)step->Table, last = pattern + step->TableLength; pattern < last; pattern++)
            {
                Vector256<int> lanes = Vector256.Load(pattern->Lanes);
                Vector256<float> mask = Vector256.Load(pattern->Mask).AsSingle();
                for (int* slot = pattern->Slots, stop = slot + (2 * pattern->Count); slot < stop; slot += 2)
                {
                    Vector256<float> permuted = Avx2.PermuteVar8x32(Vector256.Load(slots + slot[1]), lanes);
                    Vector256.ConditionalSelect(mask, permuted, beyond).Store(slots + slot[0]);
                }
            }
        }
    }

    private static void Fill4(Step* step, int worker, int workers)
    {
        Vector128<float> beyond = Vector128.Create(Beyond(step));
        (int first, int end) = WorkerRange.Of(step->Output.Channels, worker, workers);
        for (int c = first; c < end; c++)
        {
            float* slots = step->Output.Slot(c, 0, 0);
            for (Pattern* pattern = (Pattern*)step->Table, last = pattern + step->TableLength; pattern < last; pattern++)
            {
                Vector128<int> lanes = Vector128.Load(pattern->Lanes);
                Vector128<float> mask = Vector128.Load(pattern->Mask).AsSingle();
                for (int* slot = pattern->Slots, stop = slot + (2 * pattern->Count); slot < stop; slot += 2)
                {
                    Vector128<float> permuted = Vector128.ShuffleNative(Vector128.Load(slots + slot[1]), lanes);
                    Vector128.ConditionalSelect(mask, permuted, beyond).Store(slots + slot[0]);
                }
            }
        }
    }

    private static void FillAny(Step* step, int worker, int workers)
    {
        float beyond = Beyond(step);
        (int first, int end) = WorkerRange.Of(step->Output.Channels, worker, workers);
        for (int c = first; c < end; c++)
        {
            float* slots = step->Output.Slot(c, 0, 0);
            for (Pattern* pattern = (Pattern*)step->Table, last = pattern + step->TableLength; pattern < last; pattern++)
            {
                for (int* slot = pattern->Slots, stop = slot + (2 * pattern->Count); slot < stop; slot += 2)
                {
                    // Where the two are the same slot, lanes stay where they are.
                    float* to = slots + slot[0];
                    float* from = slots + slot[1];
                    for (int lane = 0; lane < step->Output.Lanes; lane++)
                    {
                        to[lane] = pattern->Mask[lane] != 0 ? from[pattern->Lanes[lane]] : beyond;
                    }
                }
            }
        }
    }

    /// <summary>
    /// A pattern in the making. A class, not a tuple: a search in a list of pairs of references is put together at run time from
    /// shared code, and what that needs is 190 KB of an AOT program.
    /// </summary>
    /// <param name="lanes">The lane that each lane comes from, −1 for none.</param>
    private sealed class Group(int[] lanes)
    {
        public int[] Lanes => lanes;

        public List<int> Slots { get; } = [];
    }

    /// <summary>Slots that are filled in the same way.</summary>
    private unsafe struct Pattern
    {
        /// <summary>The lane that each lane comes from.</summary>
        public fixed int Lanes[MostLanes];

        /// <summary>All ones where there is a pixel.</summary>
        public fixed int Mask[MostLanes];

        /// <summary>Pairs: elements from slot (0, 0) of a channel to the slot that is filled, and to the one that it is filled from.</summary>
        public int* Slots;
        public int Count;
    }
}
