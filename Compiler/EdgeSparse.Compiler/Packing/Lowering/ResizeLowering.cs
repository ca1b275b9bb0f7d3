using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>A resize along each dimension whose elements change: the nearest ones are a movement, interpolations are sums.</summary>
internal static class ResizeLowering
{
    public static void Lower(Lowering to, Resize node)
    {
        TensorShape x = to.ShapeOf(node.Input);
        TensorShape shape = to.ShapeOf(node);
        ResizeAxis[] axes = [.. x.Dims.Select((length, d) => new ResizeAxis(node, length, shape[d], node.Scales[d]))];
        if (node.Mode == ResizeMode.Nearest)
        {
            MovementAxis AxisOf(ResizeAxis axis, int d) =>
                axis.IsUnchanged ? new MovementAxis(d, axis.Output, null) : new MovementAxis(d, axis.Output, axis.Nearest());
            to.Move(node.Input, new Movement(x.Dims, [.. axes.Select(AxisOf)]), node.Output, shape, node.Name);
            return;
        }

        int[] changed = [.. Enumerable.Range(0, x.Rank).Where(d => !axes[d].IsUnchanged)];
        if (changed.Length == 0)
        {
            to.Define(node.Output, shape, to.FormOf(node.Input), node.Name);
            return;
        }

        // The axis that shrinks most goes first: the others then have less to do.
        changed = [.. changed.OrderBy(d => (double)axes[d].Output / axes[d].Input)];
        string value = to.Get(node.Input);
        int[] dims = [.. x.Dims];
        foreach (int d in changed)
        {
            (int outer, int length, int inner) = AxisShape.Of(new TensorShape(dims), d);
            (int taps, int[] places, float[] weights) = axes[d].Interpolation();
            dims[d] = axes[d].Output;
            bool isLast = d == changed[^1];
            byte[] parameters =
            [
                .. StepParameters.Of(outer, length, inner, dims[d], taps), .. StepParameters.Of(places), .. MemoryMarshal.AsBytes(weights.AsSpan()),
            ];
            PlanarStep step = new(
                isLast ? node.Name : to.Fresh(node.Name, $"axis{d}"), [value], isLast ? node.Output : to.Fresh(node.Output, $"axis{d}"),
                OperationKind.Resample, parameters);
            value = to.Emit(step, new TensorShape(dims), node.Name);
        }
    }
}

/// <summary>
/// One dimension of a resize, as the operator's definition has it: output o lies at a place of the input; elements beyond the
/// ends are those at the ends.
/// </summary>
internal sealed class ResizeAxis(Resize node, int input, int output, double scale)
{
    public int Input => input;

    public int Output => output;

    /// <summary>Every output is the input of its index.</summary>
    public bool IsUnchanged => input == output && scale == 1;

    /// <summary>The nearest element of each output.</summary>
    public int[] Nearest() =>
    [
        .. Enumerable.Range(0, output).Select(o =>
        {
            double x = PlaceOf(o);
            double nearest = node.Rounding switch
            {
                ResizeRounding.Floor => Math.Floor(x),
                ResizeRounding.Ceil => Math.Ceiling(x),
                ResizeRounding.RoundPreferFloor => Math.Ceiling(x - 0.5),
                _ => Math.Floor(x + 0.5),
            };
            return (int)Math.Clamp(nearest, 0, input - 1);
        }),
    ];

    /// <summary>Elements that each output sums, and their weights: [output, taps].</summary>
    public (int Taps, int[] Places, float[] Weights) Interpolation()
    {
        // A kernel is stretched by what the dimension shrinks.
        double stretch = node.Antialias ? Math.Min(scale, 1) : 1;
        int reach = node.Mode == ResizeMode.Linear ? 1 : 2;
        int first = (int)Math.Floor(-reach / stretch) + 1;
        int taps = 2 - (2 * first);
        int[] places = new int[output * taps];
        float[] weights = new float[output * taps];
        double[] kernel = new double[taps];
        for (int o = 0; o < output; o++)
        {
            // Between two elements, or at the second of them.
            double x = PlaceOf(o);
            int before = (int)Math.Ceiling(x) - 1;
            for (int t = 0; t < taps; t++)
            {
                int place = before + first + t;
                bool isOutside = place < 0 || place >= input;
                kernel[t] = node.ExcludeOutside && isOutside ? 0 : Kernel((place - x) * stretch);
                places[(o * taps) + t] = Math.Clamp(place, 0, input - 1);
            }

            // The kernel's own sum is 1 but where it is stretched or cut.
            double sum = node.Antialias || node.ExcludeOutside ? kernel.Sum() : 1;
            for (int t = 0; t < taps; t++)
            {
                weights[(o * taps) + t] = (float)(kernel[t] / sum);
            }
        }

        return (taps, places, weights);
    }

    private double PlaceOf(int o)
    {
        double resized = scale * input;
        switch (node.Coordinates)
        {
            case ResizeCoordinates.Asymmetric:
                return o / scale;
            case ResizeCoordinates.AlignCorners:
                return resized == 1 ? 0 : o * (input - 1) / (resized - 1);
            case ResizeCoordinates.PytorchHalfPixel when resized == 1:
                return -0.5;
            case ResizeCoordinates.HalfPixelSymmetric:
                double offset = input / 2.0 * (1 - (output / resized));
                return offset + ((o + 0.5) / scale) - 0.5;
            default:
                return ((o + 0.5) / scale) - 0.5;
        }
    }

    private double Kernel(double distance)
    {
        double d = Math.Abs(distance);
        double a = node.CubicA;
        return node.Mode == ResizeMode.Linear ? Math.Max(0, 1 - d)
            : d <= 1 ? (((((a + 2) * d) - (a + 3)) * d) * d) + 1
            : d < 2 ? (((((a * d) - (5 * a)) * d) + (8 * a)) * d) - (4 * a)
            : 0;
    }
}
