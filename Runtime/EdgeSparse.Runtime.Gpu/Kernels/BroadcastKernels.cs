using EdgeSparse.Runtime.Offload;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>
/// Functions of planar operands that are repeated along dimensions, and copies by places: parameters are a rank and then, for each
/// dimension, words of its length and strides.
/// </summary>
internal static class BroadcastKernels
{
    public static void Broadcast(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread >= step.Count)
        {
            return;
        }

        int sample = Pixels.Sample(step);
        int x = sample + step.Input.Slots;
        int y = sample + step.Input1.Slots;
        int rest = thread;
        for (int d = constants[step.Parameters] - 1; d >= 0; d--)
        {
            int dimension = step.Parameters + 1 + (3 * d);
            int index = rest % constants[dimension];
            rest /= constants[dimension];
            x += index * constants[dimension + 1];
            y += index * constants[dimension + 2];
        }

        arena[sample + step.Output.Slots + thread] = Epilogue.Of(step, PairMath.Of(step.Function, arena[x], arena[y]));
    }

    public static void Select(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread >= step.Count)
        {
            return;
        }

        int sample = Pixels.Sample(step);
        int condition = sample + step.Input.Slots;
        int x = sample + step.Input1.Slots;
        int z = sample + step.Input2;
        int rest = thread;
        for (int d = constants[step.Parameters] - 1; d >= 0; d--)
        {
            int dimension = step.Parameters + 1 + (4 * d);
            int index = rest % constants[dimension];
            rest /= constants[dimension];
            condition += index * constants[dimension + 1];
            x += index * constants[dimension + 2];
            z += index * constants[dimension + 3];
        }

        arena[sample + step.Output.Slots + thread] = Epilogue.Of(step, arena[condition] == 0f ? arena[z] : arena[x]);
    }

    /// <summary>Rank, first output element, (length, output stride) for each dimension, then the input places of each.</summary>
    public static void Rearrange(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread >= step.Count)
        {
            return;
        }

        int sample = Pixels.Sample(step);
        int rank = constants[step.Parameters];
        int to = constants[step.Parameters + 1];
        int dimensions = step.Parameters + 2;
        int places = dimensions + (2 * rank);
        for (int d = 0; d < rank; d++)
        {
            places += constants[dimensions + (2 * d)];
        }

        int from = 0;
        bool isFilled = false;
        int rest = thread;
        for (int d = rank - 1; d >= 0; d--)
        {
            int length = constants[dimensions + (2 * d)];
            int index = rest % length;
            rest /= length;
            places -= length;
            to += index * constants[dimensions + (2 * d) + 1];
            int place = constants[places + index];
            isFilled = isFilled | place < 0;
            from += place;
        }

        arena[sample + step.Output.Slots + to] = isFilled ? step.ActivationA : arena[sample + step.Input.Slots + from];
    }

    /// <summary>
    /// Element i of the outer matrices (length, inner) at an index that Input1 gives; Rows is the number of indices. An index that is no
    /// whole number in range is told at the place in Parameters.
    /// </summary>
    public static void Gather(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread >= step.Count)
        {
            return;
        }

        int sample = Pixels.Sample(step);
        int line = thread / step.Inner;
        int outer = line / step.Rows;
        float index = arena[sample + step.Input1.Slots + (line - (outer * step.Rows))];
        int place = (int)index;
        if (place < -step.Length || place >= step.Length || place != index)
        {
            arena[step.Parameters + 1] = index;
            arena[step.Parameters] = step.Function;
            return;
        }

        place += place < 0 ? step.Length : 0;
        arena[sample + step.Output.Slots + thread] =
            arena[sample + step.Input.Slots + (((outer * step.Length) + place) * step.Inner) + (thread - (line * step.Inner))];
    }
}
