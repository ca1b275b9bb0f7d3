using EdgeSparse.Runtime.Offload;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>Matrix products of activations, weighted sums of places, and sorting; a result a thread.</summary>
internal static class ProductKernels
{
    /// <summary>Parameters: m, k, n, rank, then (length, stride in Input0, stride in Input1) of what the products are repeated over.</summary>
    public static void MatMul(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread >= step.Count)
        {
            return;
        }

        int sample = Pixels.Sample(step);
        int k = constants[step.Parameters + 1];
        int n = constants[step.Parameters + 2];
        int row = thread / n;
        int column = thread - (row * n);
        int product = row / constants[step.Parameters];
        row -= product * constants[step.Parameters];
        int left = sample + step.Input.Slots + (row * k);
        int right = sample + step.Input1.Slots + column;
        for (int d = constants[step.Parameters + 3] - 1; d >= 0; d--)
        {
            int dimension = step.Parameters + 4 + (3 * d);
            int index = product % constants[dimension];
            product /= constants[dimension];
            left += index * constants[dimension + 1];
            right += index * constants[dimension + 2];
        }

        float sum = 0f;
        for (int i = 0; i < k; i++)
        {
            sum += arena[left + i] * arena[right + (i * n)];
        }

        arena[sample + step.Output.Slots + thread] = Epilogue.Of(step, sum);
    }

    /// <summary>Parameters: outer, length, inner, outputs, taps, places [outputs, taps], weights [outputs, taps].</summary>
    public static void Resample(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread >= step.Count)
        {
            return;
        }

        int sample = Pixels.Sample(step);
        int outputs = constants[step.Parameters + 3];
        int taps = constants[step.Parameters + 4];
        int line = thread / step.Inner;
        int outer = line / outputs;
        int output = line - (outer * outputs);
        int from = sample + step.Input.Slots + (outer * step.Length * step.Inner) + (thread - (line * step.Inner));
        int places = step.Parameters + 5 + (output * taps);
        float sum = 0f;
        for (int t = 0; t < taps; t++)
        {
            float weight = DeviceMath.FromBits(constants[places + (outputs * taps) + t]);
            sum += weight * arena[from + (constants[places + t] * step.Inner)];
        }

        arena[sample + step.Output.Slots + thread] = sum;
    }

    /// <summary>
    /// Parameters: outer, length, inner, k, 1 for the largest, 1 for indices. An element whose place among the sorted ones, the number
    /// of those before it, is below k is written there.
    /// </summary>
    public static void TopK(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread >= step.Count)
        {
            return;
        }

        int sample = Pixels.Sample(step);
        int k = constants[step.Parameters + 3];
        bool isLargest = constants[step.Parameters + 4] != 0;
        int lineElements = step.Length * step.Inner;
        int outer = thread / lineElements;
        int index = (thread - (outer * lineElements)) / step.Inner;
        int inner = thread % step.Inner;
        int from = sample + step.Input.Slots + (outer * lineElements) + inner;
        float value = arena[from + (index * step.Inner)];
        uint key = Key(value, isLargest);
        int before = 0;
        for (int i = 0; i < step.Length; i++)
        {
            uint other = Key(arena[from + (i * step.Inner)], isLargest);
            before += other < key || (other == key && i < index) ? 1 : 0;
        }

        if (before < k)
        {
            int to = sample + step.Output.Slots + (((outer * k) + before) * step.Inner) + inner;
            arena[to] = constants[step.Parameters + 5] != 0 ? index : value;
        }
    }

    /// <summary>A number that rises in the order of the result; −0 is 0.</summary>
    private static uint Key(float value, bool isLargest)
    {
        uint bits = (uint)DeviceMath.ToBits(value == 0f ? 0f : value);
        uint ascending = (bits & 0x8000_0000u) != 0u ? ~bits : bits | 0x8000_0000u;
        return isLargest ? ~ascending : ascending;
    }
}
