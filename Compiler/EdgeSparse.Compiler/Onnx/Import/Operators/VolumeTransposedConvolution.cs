using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>
/// ConvTranspose over three dimensions, N×C×D×H×W: each plane of the output is a two-dimensional transposed convolution of the planes
/// of the input that the kernel spreads to it, taken as further channels, with those planes of the kernel that do.
/// </summary>
internal static class VolumeTransposedConvolution
{
    /// <param name="node">The ConvTranspose; its output is written.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="weight">[in, out/groups, kd, kh, kw].</param>
    /// <param name="depth">The window over planes.</param>
    /// <param name="outputPad">Planes added at the end.</param>
    /// <param name="layer">Makes the layer of a plane, of its name, input, output and weight.</param>
    public static void Emit(
        OnnxNode node, GraphImport graph, ConstantTensor weight, WindowAxis depth, int outputPad,
        Func<string, string, string, string, Node> layer)
    {
        string x = graph.Activation(node, 0);
        TensorShape shape = graph.ShapeOf(x);
        if (weight.Dims[0] != shape[1])
        {
            throw node.Fail($"has a weight {ConstantTensor.Describe(weight.Dims)} for an input of shape {shape}");
        }

        int planes = WindowAxis.Of(depth, WindowAxis.Pixel).TransposedRows(shape[2], outputPad);
        VolumeConvolution.CheckPlanes(node, planes);
        float[] values = weight.Floats();
        Dictionary<string, string> weights = [];
        VolumeConvolution.Join(node, graph, planes, plane =>
        {
            (ImmutableArray<int> from, ImmutableArray<int> taps) = Reached(depth, shape[2], plane);
            string key = string.Join(',', taps);
            if (!weights.TryGetValue(key, out string? w))
            {
                weights[key] = w = graph.AddWeight(
                    node, node.Input(1),
                    VolumeConvolution.Shape(node, weight.Dims[1], (long)weight.Dims[0] * from.Length, weight.Dims[3], weight.Dims[4]) is var s
                        ? new TensorShape(s[1], s[0], s[2], s[3])
                        : default,
                    Part(weight, values, taps));
            }

            string reached = graph.Step(
                node, $"reach{plane}", (name, output) => new Gather(name, x, output, 2, from, new TensorShape(from.Length)));
            string stacked = SpatialDimensions.Reshaped(
                node, graph, $"stack{plane}", reached,
                VolumeConvolution.Shape(node, shape[0], (long)shape[1] * from.Length, shape[3], shape[4]));
            return graph.Step(node, $"plane{plane}", (name, output) => layer(name, stacked, output, w));
        });
    }

    /// <summary>Planes of the input that add to a plane of the output, and by which plane of the kernel each does; −1 by none.</summary>
    private static (ImmutableArray<int> From, ImmutableArray<int> Taps) Reached(WindowAxis depth, int length, int plane)
    {
        var from = ImmutableArray.CreateBuilder<int>();
        var taps = ImmutableArray.CreateBuilder<int>();
        for (int tap = 0; tap < depth.Kernel; tap++)
        {
            long place = (long)plane + depth.PadBefore - ((long)tap * depth.Dilation);
            if (place >= 0 && place % depth.Stride == 0 && place / depth.Stride < length)
            {
                from.Add((int)(place / depth.Stride));
                taps.Add(tap);
            }
        }

        // A plane that nothing spreads to has the bias alone: any plane times zero.
        return from.Count > 0 ? (from.ToImmutable(), taps.ToImmutable()) : ([0], [-1]);
    }

    /// <summary>Some planes of the kernel, each a channel of the input: [in·taps, out/groups, kh, kw].</summary>
    private static float[] Part(ConstantTensor weight, float[] values, ImmutableArray<int> taps)
    {
        (int inputs, int outputs, int kernel) = (weight.Dims[0], weight.Dims[1], weight.Dims[2]);
        int plane = weight.Dims[3] * weight.Dims[4];
        float[] part = new float[inputs * taps.Length * outputs * plane];
        for (int i = 0; i < inputs * taps.Length * outputs; i++)
        {
            (int input, int tap, int output) = (i / outputs / taps.Length, taps[i / outputs % taps.Length], i % outputs);
            if (tap >= 0)
            {
                values.AsSpan(((((input * outputs) + output) * kernel) + tap) * plane, plane).CopyTo(part.AsSpan(i * plane));
            }
        }

        return part;
    }
}
