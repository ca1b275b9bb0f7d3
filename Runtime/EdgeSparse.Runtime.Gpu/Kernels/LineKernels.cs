using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Offload;
using ILGPU;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>What works along the middle of (outer, length, inner): some threads share a line.</summary>
internal static class LineKernels
{
    /// <summary>exp(x − max) / Σ exp(x − max), or the logarithm of that.</summary>
    public static void Softmax(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(DeviceShape.MostGroupThreads);
        Line line = Line.Of(step);
        int input = line.Start + step.Input.Slots;
        int output = line.Start + step.Output.Slots;
        float largest = float.NegativeInfinity;
        for (int k = line.First; k < line.End; k += step.UnitThreads)
        {
            largest = DeviceMath.Max(largest, arena[input + (k * step.Inner)]);
        }

        largest = GroupReduction.ForAll<Maximum>(shared, step, largest);
        float sum = 0f;
        for (int k = line.First; k < line.End; k += step.UnitThreads)
        {
            sum += DeviceMath.Exp(arena[input + (k * step.Inner)] - largest);
        }

        sum = GroupReduction.ForAll<Sum>(shared, step, sum);
        float factor = 1f / sum;
        float logarithm = step.Function == 1 ? DeviceMath.Log(sum) : 0f;
        for (int k = line.First; k < line.End; k += step.UnitThreads)
        {
            float x = arena[input + (k * step.Inner)] - largest;
            arena[output + (k * step.Inner)] = step.Function == 1 ? x - logarithm : DeviceMath.Exp(x) * factor;
        }
    }

    /// <summary>(x − mean) / √(variance + ε) of each row.</summary>
    public static void Normalise(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(DeviceShape.MostGroupThreads);
        Line line = Line.Of(step);
        int input = line.Start + step.Input.Slots;
        float sum = 0f;
        for (int k = line.First; k < line.End; k += step.UnitThreads)
        {
            sum += arena[input + (k * step.Inner)];
        }

        float mean = GroupReduction.ForAll<Sum>(shared, step, sum) / step.Length;
        float squares = 0f;
        for (int k = line.First; k < line.End; k += step.UnitThreads)
        {
            float x = arena[input + (k * step.Inner)] - mean;
            squares += x * x;
        }

        float variance = GroupReduction.ForAll<Sum>(shared, step, squares) / step.Length;
        float factor = 1f / MathF.Sqrt(variance + step.ActivationA);
        int output = line.Start + step.Output.Slots;
        for (int k = line.First; k < line.End; k += step.UnitThreads)
        {
            arena[output + (k * step.Inner)] = (arena[input + (k * step.Inner)] - mean) * factor;
        }
    }

    public static void Reduce(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(DeviceShape.MostGroupThreads);
        Line line = Line.Of(step);
        int input = line.Start + step.Input.Slots;
        bool isMaximum = step.Function == (int)ReductionFunction.Max;
        bool isMinimum = step.Function == (int)ReductionFunction.Min;
        bool isProduct = step.Function == (int)ReductionFunction.Product;
        float result = isMaximum ? float.NegativeInfinity : isMinimum ? float.PositiveInfinity : isProduct ? 1f : 0f;
        for (int k = line.First; k < line.End; k += step.UnitThreads)
        {
            float x = arena[input + (k * step.Inner)];
            result = isMaximum ? DeviceMath.Max(result, x) : isMinimum ? DeviceMath.Min(result, x) : isProduct ? result * x : result + x;
        }

        if (isMaximum)
        {
            result = GroupReduction.ForFirst<float, Maximum>(shared, step, result);
        }
        else if (isMinimum)
        {
            result = GroupReduction.ForFirst<float, Minimum>(shared, step, result);
        }
        else if (isProduct)
        {
            result = GroupReduction.ForFirst<float, Product>(shared, step, result);
        }
        else
        {
            result = GroupReduction.ForFirst<float, Sum>(shared, step, result);
        }

        if (line.IsFirstThread)
        {
            arena[Pixels.Sample(step) + step.Output.Slots + line.Number] = step.Function == (int)ReductionFunction.Mean ? result / step.Length : result;
        }
    }

    /// <summary>Index of an extreme element; what is not a number is larger than all numbers and smaller than all.</summary>
    public static void ArgReduce(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(DeviceShape.MostGroupThreads);
        Line line = Line.Of(step);
        int input = line.Start + step.Input.Slots;
        bool isMaximum = step.Function <= (int)ReductionFunction.ArgMaxLast;
        bool isLast = step.Function == (int)ReductionFunction.ArgMaxLast || step.Function == (int)ReductionFunction.ArgMinLast;
        float best = isMaximum ? float.NegativeInfinity : float.PositiveInfinity;
        for (int k = line.First; k < line.End; k += step.UnitThreads)
        {
            float x = arena[input + (k * step.Inner)];
            best = isMaximum ? DeviceMath.Max(best, x) : DeviceMath.Min(best, x);
        }

        best = isMaximum ? GroupReduction.ForAll<Maximum>(shared, step, best) : GroupReduction.ForAll<Minimum>(shared, step, best);

        // The first or last place that holds it; places are exact in single precision up to 2^24, as results are.
        float place = isLast ? -1f : step.Length;
        for (int k = line.First; k < line.End; k += step.UnitThreads)
        {
            float x = arena[input + (k * step.Inner)];
            bool isBest = x == best || (DeviceMath.IsNaN(x) && DeviceMath.IsNaN(best));
            place = !isBest ? place : isLast ? DeviceMath.Max(place, k) : DeviceMath.Min(place, k);
        }

        place = isLast ? GroupReduction.ForFirst<float, Maximum>(shared, step, place) : GroupReduction.ForFirst<float, Minimum>(shared, step, place);
        if (line.IsFirstThread)
        {
            arena[Pixels.Sample(step) + step.Output.Slots + line.Number] = place;
        }
    }

    /// <summary>Mean or maximum of each channel over its pixels, wherever they lie.</summary>
    public static void GlobalPool(ArrayView<float> arena, ArrayView<int> constants, DeviceStep step)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(DeviceShape.MostGroupThreads);
        int channel = Pixels.Thread() / step.UnitThreads;
        int thread = Group.IdxX & (step.UnitThreads - 1);
        bool hasChannel = channel < step.Count;
        int end = hasChannel ? step.Length : 0;
        int sample = Pixels.Sample(step);
        int input = sample + step.Input.Slots + (channel * step.Input.ChannelStride);
        float result = step.Function != 0 ? float.NegativeInfinity : 0f;
        for (int pixel = thread; pixel < end; pixel += step.UnitThreads)
        {
            float x = arena[input + DevicePlanes.PlaceOf(step.Input, pixel)];
            result = step.Function != 0 ? DeviceMath.Max(result, x) : result + x;
        }

        result = step.Function != 0
            ? GroupReduction.ForFirst<float, Maximum>(shared, step, result)
            : GroupReduction.ForFirst<float, Sum>(shared, step, result) / step.Length;
        if (hasChannel && thread == 0)
        {
            arena[sample + step.Output.Slots + (channel * step.Output.ChannelStride)] = result;
        }
    }

    /// <summary>What a thread has of a line: elements First, First + threads of a line, … below End.</summary>
    private struct Line
    {
        public int Number;
        public int Start;
        public int First;
        public int End;
        public bool IsFirstThread;

        public static Line Of(DeviceStep step)
        {
            int number = Pixels.Thread() / step.UnitThreads;
            int thread = Group.IdxX & (step.UnitThreads - 1);
            bool hasLine = number < step.Count;
            int outer = number / step.Inner;
            return new Line
            {
                Number = number,
                Start = Pixels.Sample(step) + (outer * step.Length * step.Inner) + (number - (outer * step.Inner)),
                First = thread,
                End = hasLine ? step.Length : 0,
                IsFirstThread = hasLine && thread == 0,
            };
        }
    }
}
