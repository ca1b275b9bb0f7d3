using EdgeSparse.Runtime.Offload;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>Functions of single elements of slots, an element a thread; lanes beyond the map are computed with the others.</summary>
internal static class ElementKernels
{
    public static void Activate(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread < step.Count)
        {
            Element at = Element.Of(step, thread);
            arena[at.Output] = Epilogue.Of(step, arena[at.In(step.Input)]);
        }
    }

    public static void ChannelAffine(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread < step.Count)
        {
            Element at = Element.Of(step, thread);
            float scale = DeviceMath.FromBits(constants[step.Values + at.Channel]);
            float shift = DeviceMath.FromBits(constants[step.Bias + at.Channel]);
            arena[at.Output] = Epilogue.Of(step, (arena[at.In(step.Input)] * scale) + shift);
        }
    }

    /// <summary>The second operand has Lanes 0 where it has a number a channel: such a one does not move along rows.</summary>
    public static void Binary(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread < step.Count)
        {
            Element at = Element.Of(step, thread);
            int second = step.Input1.Lanes == 0 ? at.Sample + step.Input1.Slots + (at.Channel * step.Input1.ChannelStride) : at.In(step.Input1);
            arena[at.Output] = Epilogue.Of(step, PairMath.Of(step.Function, arena[at.In(step.Input)], arena[second]));
        }
    }

    /// <summary>x / (bias + alpha/size · Σ x²)^beta over neighbouring channels.</summary>
    public static void LocalResponse(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        int thread = Pixels.Thread();
        if (thread >= step.Count)
        {
            return;
        }

        Element at = Element.Of(step, thread);
        int size = constants[step.Parameters];
        float alpha = DeviceMath.FromBits(constants[step.Parameters + 1]);
        float beta = DeviceMath.FromBits(constants[step.Parameters + 2]);
        float bias = DeviceMath.FromBits(constants[step.Parameters + 3]);
        int low = at.Channel - ((size - 1) / 2);
        int high = size / 2 > step.Output.Channels - 1 - at.Channel ? step.Output.Channels - 1 : at.Channel + (size / 2);
        int input = at.In(step.Input);
        float sum = 0f;
        for (int channel = low < 0 ? 0 : low; channel <= high; channel++)
        {
            float x = arena[input + ((channel - at.Channel) * step.Input.ChannelStride)];
            sum += x * x;
        }

        float under = (sum * (alpha / size)) + bias;
        float root = MathF.Sqrt(under);
        float power = beta == 0.75f ? root * MathF.Sqrt(root) : DeviceMath.Pow(under, beta);
        arena[at.Output] = arena[input] / power;
    }

    /// <summary>An element of the output's region.</summary>
    private struct Element
    {
        public int Sample;
        public int Channel;
        public int Row;
        public int Rest;
        public int Output;

        public static Element Of(DeviceStep step, int thread)
        {
            int rowElements = step.Output.RegionX * step.Output.Lanes;
            int row = thread / rowElements;
            int channel = row / step.Output.RegionY;
            var element = new Element
            {
                Sample = Pixels.Sample(step),
                Channel = channel,
                Row = row - (channel * step.Output.RegionY),
                Rest = thread - (row * rowElements),
            };
            element.Output = element.In(step.Output);
            return element;
        }

        /// <summary>Its place in a value with the output's regions.</summary>
        public readonly int In(DevicePlanes planes) =>
            Sample + planes.Slots + (Channel * planes.ChannelStride) + (Row * planes.RowStride) + Rest;
    }
}
