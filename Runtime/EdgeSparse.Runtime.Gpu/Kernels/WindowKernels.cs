using EdgeSparse.Runtime.Offload;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>What slides a window over single channels: depthwise convolution and pooling.</summary>
internal static class WindowKernels
{
    public static void Depthwise(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread >= step.Count)
        {
            return;
        }

        int row = thread / step.Tiles;
        int element = (thread - (row * step.Tiles)) * 4;
        int sample = Pixels.Sample(step);
        int input = sample + step.Input.Start + (row / step.GroupRows * step.ColumnStride);
        int weights = step.Values + (row * step.Columns);
        Places4 places = Places4.Of(step, element);
        Float4 sums = Float4.Broadcast(DeviceMath.FromBits(constants[step.Bias + row]));
        for (int column = 0; column < step.Columns; column++)
        {
            Float4 x = Pixels.Load(arena, step, input + constants[step.Offsets + column], places);
            sums = Float4.MultiplyAdd(sums, DeviceMath.FromBits(constants[weights + column]), x);
        }

        Pixels.Finish(arena, constants, step, sample, row, element, sums);
    }

    public static void MaxPool(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread >= step.Count)
        {
            return;
        }

        Pooled at = Pooled.Of(step, thread);
        float result = float.NegativeInfinity;
        for (int ky = 0; ky < step.KernelY; ky++)
        {
            for (int kx = 0; kx < step.KernelX; kx++)
            {
                result = DeviceMath.Max(result, arena[at.Input + (ky * step.DilationY * step.Input.RowStride) + (kx * step.DilationX * step.Output.Lanes)]);
            }
        }

        Pooled.Store(arena, constants, step, at, result);
    }

    public static void AveragePool(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread >= step.Count)
        {
            return;
        }

        Pooled at = Pooled.Of(step, thread);
        float sum = 0f;
        for (int ky = 0; ky < step.KernelY; ky++)
        {
            for (int kx = 0; kx < step.KernelX; kx++)
            {
                sum += arena[at.Input + (ky * step.DilationY * step.Input.RowStride) + (kx * step.DilationX * step.Output.Lanes)];
            }
        }

        Pooled.Store(arena, constants, step, at, sum * DeviceMath.FromBits(constants[step.Parameters + at.Element]));
    }

    /// <summary>Where a thread of a pooling kernel reads and writes.</summary>
    private struct Pooled
    {
        public int Element;
        public int Input;

        /// <summary>Slot (0, 0) of the output's channel.</summary>
        public int Channel;

        public static Pooled Of(DeviceStep step, int thread)
        {
            int elements = step.Output.RegionY * step.Output.RegionX * step.Output.Lanes;
            int channel = thread / elements;
            int element = thread - (channel * elements);
            int sample = Pixels.Sample(step);
            return new Pooled
            {
                Element = element,
                Input = sample + step.Input.Slots + (channel * step.Input.ChannelStride) - (step.PadTop * step.Input.RowStride)
                    - (step.PadLeft * step.Output.Lanes) + Pixels.Window(step, element),
                Channel = sample + step.Output.Slots + (channel * step.Output.ChannelStride),
            };
        }

        /// <summary>Stores a result, and what of the frame goes with it; or all of it where the table says.</summary>
        public static void Store(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step, Pooled at, float result)
        {
            if (step.WritesFrame <= 1)
            {
                arena[at.Channel + Pixels.Same(step, step.Output, at.Element)] = result;
            }

            if (step.WritesFrame != 0)
            {
                Pixels.Frame(arena, constants, step, at.Channel, at.Element, Float4.Broadcast(result));
            }
        }
    }
}
