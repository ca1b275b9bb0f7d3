using EdgeSparse.Runtime.Offload;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>
/// Products with one vector (SpMV), the fully connected layers of one sample: some threads share a row, or four rows, take every
/// so-manieth entry each and join their sums.
/// </summary>
internal static class VectorKernels
{
    public static void Rows(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(DeviceShape.MostGroupThreads);
        int sample = Pixels.Sample(step);
        int slot = Pixels.Thread() / step.UnitThreads;
        int thread = Group.IdxX & (step.UnitThreads - 1);
        bool hasRow = slot < step.Count;
        Int4 unit = Int4.Load(constants, step.Units + (4 * (hasRow ? slot : 0)));
        int end = hasRow ? unit.Y + unit.Z : 0;
        ArrayView<Float4> weights = constants.Cast<Float4>().SubView(step.Values >> 2);
        ArrayView<Int4> offsets = constants.Cast<Int4>().SubView(step.Offsets >> 2);
        int input = sample + step.Input.Slots;
        float sum = 0f;
        for (int entry = unit.Y + thread; entry < end; entry += step.UnitThreads)
        {
            Float4 w = weights[entry];
            Int4 o = offsets[entry];
            sum += w.X * arena[input + o.X];
            sum += w.Y * arena[input + o.Y];
            sum += w.Z * arena[input + o.Z];
            sum += w.W * arena[input + o.W];
        }

        sum = GroupReduction.ForFirst<float, Sum>(shared, step, sum);
        if (hasRow && thread == 0)
        {
            Finish(arena, step, sample, unit.X, sum + DeviceMath.FromBits(unit.W));
        }
    }

    public static void Quads(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        ArrayView<Float4> shared = SharedMemory.Allocate<float>(4 * DeviceShape.MostGroupThreads).Cast<Float4>();
        int sample = Pixels.Sample(step);
        int slot = Pixels.Thread() / step.UnitThreads;
        int thread = Group.IdxX & (step.UnitThreads - 1);
        bool hasUnit = slot < step.Count;
        Quad quad = Quad.Of(constants, step, hasUnit ? slot : 0);
        int stop = hasUnit ? quad.Count : 0;
        int input = sample + step.Input.Slots;
        ArrayView<Float4> weights = constants.Cast<Float4>().SubView((step.Values >> 2) + quad.Values);
        ArrayView<Int4> offsets = constants.Cast<Int4>().SubView((step.Offsets >> 2) + quad.Offsets);
        Float4 sums = Float4.Broadcast(0f);
        for (int i = thread; i < stop; i += step.UnitThreads)
        {
            Int4 o = offsets[i];
            sums = Float4.MultiplyAdd(sums, arena[input + o.X], weights[4 * i]);
            sums = Float4.MultiplyAdd(sums, arena[input + o.Y], weights[(4 * i) + 1]);
            sums = Float4.MultiplyAdd(sums, arena[input + o.Z], weights[(4 * i) + 2]);
            sums = Float4.MultiplyAdd(sums, arena[input + o.W], weights[(4 * i) + 3]);
        }

        sums = GroupReduction.ForFirst<Float4, SumOfFours>(shared, step, sums);
        if (hasUnit && thread == 0)
        {
            FinishRow(arena, constants, step, sample, quad, 0, sums.X);
            FinishRow(arena, constants, step, sample, quad, 1, sums.Y);
            FinishRow(arena, constants, step, sample, quad, 2, sums.Z);
            FinishRow(arena, constants, step, sample, quad, 3, sums.W);
        }
    }

    /// <summary>A sample's vector becomes a column of the matrix [elements, samples].</summary>
    public static void Gather(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int element = Pixels.Thread();
        if (element < step.Count)
        {
            arena[step.Output.Start + (element * step.Output.ChannelStride) + Grid.IdxY] = arena[Pixels.Sample(step) + step.Input.Slots + element];
        }
    }

    /// <summary>A column of the matrix [rows, samples] becomes a sample's vector.</summary>
    public static void Scatter(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int row = Pixels.Thread();
        if (row < step.Count)
        {
            Finish(arena, step, Pixels.Sample(step), row, arena[step.Input.Start + (row * step.Input.ChannelStride) + Grid.IdxY]);
        }
    }

    private static void FinishRow(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step, int sample, Quad quad, int row, float sum)
    {
        if (row < quad.Rows)
        {
            Finish(arena, step, sample, quad.Row + row, sum + DeviceMath.FromBits(constants[step.Bias + quad.Row + row]));
        }
    }

    private static void Finish(ArrayView<float> arena, DeviceStep step, int sample, int row, float sum)
    {
        if (step.Input1.Channels != 0)
        {
            sum += arena[sample + step.Input1.Slots + row];
        }

        arena[sample + step.Output.Slots + row] = Epilogue.Of(step, sum);
    }
}
