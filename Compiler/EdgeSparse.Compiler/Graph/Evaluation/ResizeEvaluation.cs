namespace EdgeSparse.Compiler.Graphs;

/// <summary>Resampling, one dimension after the other.</summary>
internal static class ResizeEvaluation
{
    public static double[] Run(Resize node, Operand x)
    {
        double[] values = x.Values;
        int[] dims = [.. x.Shape.Dims];
        for (int d = 0; d < dims.Length; d++)
        {
            int length = node.Shape[d] == TensorShape.Symbolic ? dims[d] : node.Shape[d];
            if (length != dims[d] || node.Scales[d] != 1)
            {
                values = Along(node, d, values, dims, length);
                dims[d] = length;
            }
        }

        return values;
    }

    private static double[] Along(Resize node, int dimension, double[] x, int[] dims, int length)
    {
        int own = dims[dimension];
        int inner = dims[(dimension + 1)..].Aggregate(1, (a, b) => a * b);
        int outer = x.Length / own / inner;
        double[] y = new double[outer * length * inner];
        for (int o = 0; o < length; o++)
        {
            foreach ((int index, double share) in ResizeTaps.At(node, own, length, node.Scales[dimension], o))
            {
                for (int r = 0; r < outer * inner; r++)
                {
                    int before = r / inner;
                    y[(((before * length) + o) * inner) + (r % inner)] += share * x[(((before * own) + index) * inner) + (r % inner)];
                }
            }
        }

        return y;
    }
}
