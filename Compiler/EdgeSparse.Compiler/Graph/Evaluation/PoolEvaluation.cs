namespace EdgeSparse.Compiler.Graphs;

/// <summary>Maxima and means over windows and planes.</summary>
internal static class PoolEvaluation
{
    public static double[] Run(Node node, Operand x, TensorShape result)
    {
        int plane = x.Shape[2] * x.Shape[3];
        return node switch
        {
            MaxPool pool => Windows(x, result, pool.Window, (max, _, _) => max),
            AveragePool pool => Windows(x, result, pool.Window, (_, sum, taps) => sum / (pool.CountIncludePad ? taps.WithPadding : taps.Inside)),
            GlobalAveragePool => [.. x.Values.Chunk(plane).Select(p => p.Average())],
            _ => [.. x.Values.Chunk(plane).Select(p => p.Max())],
        };
    }

    private static double[] Windows(
        Operand x, TensorShape result, Window2d window, Func<double, double, (int Inside, int WithPadding), double> reduce)
    {
        double[] y = new double[result.ElementCount];
        for (int i = 0; i < y.Length; i++)
        {
            int plane = i / (result[2] * result[3]) * x.Shape[2] * x.Shape[3];
            int top = (i / result[3] % result[2] * window.StrideY) - window.PadTop;
            int left = (i % result[3] * window.StrideX) - window.PadLeft;
            double max = double.NegativeInfinity;
            double sum = 0;
            int inside = 0;
            int withPadding = 0;
            for (int k = 0; k < window.KernelY * window.KernelX; k++)
            {
                int row = top + (k / window.KernelX * window.DilationY);
                int column = left + (k % window.KernelX * window.DilationX);

                // With ceil_mode the last window may reach beyond the padding; what lies beyond does not count at all.
                withPadding += row < x.Shape[2] + window.PadBottom && column < x.Shape[3] + window.PadRight ? 1 : 0;
                if (row >= 0 && row < x.Shape[2] && column >= 0 && column < x.Shape[3])
                {
                    double value = x.Values[plane + (row * x.Shape[3]) + column];
                    max = Math.Max(max, value);
                    sum += value;
                    inside++;
                }
            }

            y[i] = reduce(max, sum, (inside, withPadding));
        }

        return y;
    }
}
