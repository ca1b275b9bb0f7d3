namespace EdgeSparse.Compiler.Graphs;

/// <summary>Which elements of the input, and how much of each, make an element of a resized dimension (ONNX's Resize, opset 19).</summary>
internal static class ResizeTaps
{
    /// <param name="node">Mode, coordinates and kernel.</param>
    /// <param name="own">The dimension's length in the input.</param>
    /// <param name="length">Its length in the output.</param>
    /// <param name="scale">Output over input.</param>
    /// <param name="position">Of the output, 0 to length − 1.</param>
    /// <returns>Indices of the input, each within it, with shares that sum to 1.</returns>
    public static (int Index, double Share)[] At(Resize node, int own, int length, double scale, int position)
    {
        double x = Place(node.Coordinates, own, length, scale, position);
        double below = Math.Floor(x);

        // A whole place counts as the upper one of its pair, with the share 1.
        double ratio = x == below ? 1 : x - below;
        double first = x == below ? x - 1 : below;
        if (node.Mode == ResizeMode.Nearest)
        {
            return [(Clamped(first + (IsUpper(node.Rounding, ratio) ? 1 : 0), own), 1)];
        }

        double stretch = node.Antialias ? Math.Min(scale, 1) : 1;
        int reach = node.Mode == ResizeMode.Linear ? 1 : 2;
        int start = (int)Math.Floor(-reach / stretch) + 1;
        (int Index, double Share)[] taps = new (int, double)[2 - (2 * start)];
        double sum = 0;
        for (int i = 0; i < taps.Length; i++)
        {
            double index = first + start + i;
            bool counts = !node.ExcludeOutside || (index >= 0 && index < own);
            double share = counts ? Kernel(node, (start + i - ratio) * stretch) : 0;
            taps[i] = (Clamped(index, own), share);
            sum += share;
        }

        for (int i = 0; i < taps.Length; i++)
        {
            taps[i].Share /= sum;
        }

        return taps;
    }

    private static double Place(ResizeCoordinates coordinates, int own, int length, double scale, int position)
    {
        double scaled = own * scale;
        double half = ((position + 0.5) / scale) - 0.5;
        return coordinates switch
        {
            ResizeCoordinates.HalfPixel => half,
            ResizeCoordinates.HalfPixelSymmetric => half + (own / 2.0 * (1 - (length / scaled))),
            ResizeCoordinates.PytorchHalfPixel => length == 1 ? 0 : half,
            ResizeCoordinates.AlignCorners => length == 1 ? 0 : position * (own - 1.0) / (scaled - 1),
            ResizeCoordinates.Asymmetric => position / scale,
            _ => throw new ArgumentOutOfRangeException(nameof(coordinates), coordinates, null),
        };
    }

    private static bool IsUpper(ResizeRounding rounding, double ratio) => ratio == 1 || rounding switch
    {
        ResizeRounding.RoundPreferFloor => ratio > 0.5,
        ResizeRounding.RoundPreferCeil => ratio >= 0.5,
        ResizeRounding.Floor => false,
        _ => true,
    };

    /// <summary>The triangle, or the cubic convolution kernel (Keys 1981, equation 15 with a free coefficient).</summary>
    private static double Kernel(Resize node, double offset)
    {
        double x = Math.Abs(offset);
        double a = node.CubicA;
        return node.Mode == ResizeMode.Linear ? Math.Max(0, 1 - x)
            : x <= 1 ? ((((a + 2) * x) - (a + 3)) * x * x) + 1
            : x < 2 ? ((((a * x) - (5 * a)) * x) + (8 * a)) * x - (4 * a)
            : 0;
    }

    private static int Clamped(double index, int own) => (int)Math.Clamp(index, 0, own - 1);
}
