using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>The constant side of a matrix product as the weight [out, in] of a Linear.</summary>
internal static class LinearWeight
{
    /// <param name="node">The Gemm or MatMul.</param>
    /// <param name="graph">The graph that gets the weight.</param>
    /// <param name="name">The constant's name in the file.</param>
    /// <param name="matrix">The constant, of rank 2.</param>
    /// <param name="isOutByIn">Whether it is [out, in] already; else it is [in, out] and gets transposed.</param>
    /// <param name="scale">A factor (Gemm's alpha).</param>
    /// <returns>The weight's name in the graph.</returns>
    public static string Add(OnnxNode node, GraphImport graph, string name, ConstantTensor matrix, bool isOutByIn, float scale)
    {
        if (matrix.Dims.Length != 2)
        {
            throw node.Fail($"has a right side {ConstantTensor.Describe(matrix.Dims)}; only a matrix is supported");
        }

        float[] values = matrix.Floats();
        if (!isOutByIn)
        {
            values = Transposed(values, matrix.Dims[0], matrix.Dims[1]);
        }

        Scale(values, scale);
        TensorShape shape = isOutByIn ? new(matrix.Dims[0], matrix.Dims[1]) : new(matrix.Dims[1], matrix.Dims[0]);
        return graph.AddWeight(node, name, shape, values);
    }

    /// <summary>Multiplies in place; a factor of 1 leaves every bit as it is.</summary>
    public static void Scale(Span<float> values, float factor)
    {
        if (factor != 1f)
        {
            System.Numerics.Tensors.TensorPrimitives.Multiply(values, factor, values);
        }
    }

    private static float[] Transposed(float[] values, int rows, int columns)
    {
        float[] transposed = new float[values.Length];
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                transposed[(c * rows) + r] = values[(r * columns) + c];
            }
        }

        return transposed;
    }
}
