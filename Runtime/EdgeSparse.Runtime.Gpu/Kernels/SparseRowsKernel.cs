using EdgeSparse.Runtime.Offload;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>
/// A sparse matrix of rows times the pixels of a map (SpMM): some threads compute a tile of a row's pixels, four neighbouring ones
/// each. They copy the row's weights and offsets to shared memory strip by strip, then each multiplies its pixels by all of them;
/// rows that a group of threads takes together are about equally long (the row swizzle). After Gale et al. (2020), section V.
/// </summary>
internal static class SparseRowsKernel
{
    public static void Run(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        ArrayView<float> weights = SharedMemory.Allocate<float>(DeviceShape.StagedEntries);
        ArrayView<int> offsets = SharedMemory.Allocate<int>(DeviceShape.StagedEntries);
        int place = Group.IdxX / step.UnitThreads;
        int thread = Group.IdxX - (place * step.UnitThreads);
        int together = Group.DimX / step.UnitThreads;
        int bundle = Grid.IdxX / step.Tiles;
        int tile = Grid.IdxX - (bundle * step.Tiles);
        int first = bundle * together;
        bool hasRow = first + place < step.Count;
        int row = constants[step.Order + (hasRow ? first + place : first)];
        int entry = constants[step.Pointers + row];
        int count = hasRow ? constants[step.Pointers + row + 1] - entry : 0;

        // The first row is the longest: all threads go through as many strips, whose barriers are for all.
        int longestRow = constants[step.Order + first];
        int longest = constants[step.Pointers + longestRow + 1] - constants[step.Pointers + longestRow];

        int sample = Pixels.Sample(step);
        int element = ((tile * step.UnitThreads) + thread) * 4;
        bool hasPixels = hasRow && element < step.Output.RegionY * step.Output.RegionX * step.Output.Lanes;
        Places4 places = Places4.Of(step, element);
        int input = sample + step.Input.Start;
        int staged = place * step.Strip;
        Float4 sums = Float4.Broadcast(DeviceMath.FromBits(constants[step.Bias + row]));
        for (int strip = 0; strip < longest; strip += step.Strip)
        {
            Group.Barrier();
            for (int i = thread; i < step.Strip && strip + i < count; i += step.UnitThreads)
            {
                weights[staged + i] = DeviceMath.FromBits(constants[step.Values + entry + strip + i]);
                offsets[staged + i] = constants[step.Offsets + entry + strip + i] * step.OffsetScale;
            }

            Group.Barrier();
            int left = count - strip;
            int stop = hasPixels ? (left < step.Strip ? left : step.Strip) : 0;
            for (int i = 0; i < stop; i++)
            {
                Float4 x = Pixels.Load(arena, step, input + offsets[staged + i], places);
                sums = Float4.MultiplyAdd(sums, weights[staged + i], x);
            }
        }

        if (hasPixels)
        {
            Pixels.Finish(arena, step, sample, row, element, sums);
        }
    }
}
