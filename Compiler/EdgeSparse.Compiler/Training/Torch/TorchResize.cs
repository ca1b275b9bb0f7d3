using EdgeSparse.Compiler.Graphs;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training.Torch;

/// <summary>
/// Resampling by ONNX's definition (Resize, opset 19), dimension by dimension: each is a product by a matrix [out, in] of the
/// weights that every output gives to the inputs near its place. Torch's own interpolation knows fewer ways to find the place.
/// </summary>
internal static class TorchResize
{
    public static Tensor Run(Resize node, Tensor x)
    {
        int last = node.Shape.Rank - 1;
        for (int axis = 0; axis <= last; axis++)
        {
            if (node.Shape[axis] == TensorShape.Symbolic || (node.Shape[axis] == x.shape[axis] && node.Scales[axis] == 1))
            {
                continue;
            }

            float[] matrix = Matrix(node, node.Scales[axis], (int)x.shape[axis], node.Shape[axis]);
            Tensor weights = tensor(matrix, [node.Shape[axis], x.shape[axis]], device: x.device);
            x = nn.functional.linear(x.transpose(axis, last), weights).transpose(axis, last);
        }

        return x;
    }

    /// <summary>Row-major [outputs, inputs].</summary>
    private static float[] Matrix(Resize node, double scale, int inputs, int outputs)
    {
        float[] matrix = new float[outputs * inputs];
        for (int o = 0; o < outputs; o++)
        {
            Span<float> row = matrix.AsSpan(o * inputs, inputs);
            double place = PlaceOf(node.Coordinates, o, scale, inputs, outputs);
            if (node.Mode == ResizeMode.Nearest)
            {
                row[Math.Clamp((int)Rounded(node.Rounding, place), 0, inputs - 1)] = 1;
            }
            else
            {
                FillTaps(node, place, scale, row);
            }
        }

        return matrix;
    }

    private static void FillTaps(Resize node, double place, double scale, Span<float> row)
    {
        double stretch = node.Antialias ? Math.Min(scale, 1) : 1;
        double radius = (node.Mode == ResizeMode.Linear ? 1 : 2) / stretch;
        double sum = 0;
        List<(int Index, double Weight)> taps = [];
        for (int i = (int)Math.Floor(place - radius) + 1; i < place + radius; i++)
        {
            double distance = Math.Abs(i - place) * stretch;
            double weight = node.Mode == ResizeMode.Linear ? 1 - distance : Cubic(distance, node.CubicA);
            if (!node.ExcludeOutside || (i >= 0 && i < row.Length))
            {
                taps.Add((Math.Clamp(i, 0, row.Length - 1), weight));
                sum += weight;
            }
        }

        bool normalises = node.ExcludeOutside || node.Antialias;
        foreach ((int index, double weight) in taps)
        {
            row[index] += (float)(normalises ? weight / sum : weight);
        }
    }

    private static double PlaceOf(ResizeCoordinates coordinates, int o, double scale, int inputs, int outputs) => coordinates switch
    {
        ResizeCoordinates.HalfPixelSymmetric => (inputs / 2.0 * (1 - (outputs / (scale * inputs)))) + ((o + 0.5) / scale) - 0.5,
        ResizeCoordinates.PytorchHalfPixel => outputs > 1 ? ((o + 0.5) / scale) - 0.5 : 0,
        ResizeCoordinates.AlignCorners => outputs > 1 ? (double)o * (inputs - 1) / (outputs - 1) : 0,
        ResizeCoordinates.Asymmetric => o / scale,
        _ => ((o + 0.5) / scale) - 0.5,
    };

    private static double Rounded(ResizeRounding rounding, double place) => rounding switch
    {
        ResizeRounding.RoundPreferFloor => Math.Ceiling(place - 0.5),
        ResizeRounding.RoundPreferCeil => Math.Floor(place + 0.5),
        ResizeRounding.Floor => Math.Floor(place),
        _ => Math.Ceiling(place),
    };

    /// <summary>Keys 1981, "Cubic Convolution Interpolation", equation 15 with a free coefficient; distance not negative.</summary>
    private static double Cubic(double d, double a) => d <= 1
        ? ((((a + 2) * d) - (a + 3)) * d * d) + 1
        : d < 2 ? ((((a * d) - (5 * a)) * d) + (8 * a)) * d - (4 * a)
        : 0;
}
