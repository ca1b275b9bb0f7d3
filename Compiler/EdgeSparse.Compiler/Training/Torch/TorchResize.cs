using EdgeSparse.Compiler.Graphs;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Training.Torch;

/// <summary>
/// Resampling, dimension by dimension: each is a product by a matrix [out, in] of the shares that every output has of the inputs
/// near its place. Torch's own interpolation knows fewer ways to find the place.
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
            foreach ((int index, double share) in ResizeTaps.At(node, inputs, outputs, scale, o))
            {
                matrix[(o * inputs) + index] += (float)share;
            }
        }

        return matrix;
    }
}
