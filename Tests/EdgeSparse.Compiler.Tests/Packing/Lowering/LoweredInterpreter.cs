using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Tests.Packing.Lowering;

/// <summary>
/// Runs a lowered network in double precision, each step from what <see cref="OperationKind"/> says of its parameters: layouts,
/// formats and kernels have no part in it.
/// </summary>
internal static class LoweredInterpreter
{
    /// <summary>All outputs, in the graph's order.</summary>
    public static double[][] Run(LoweredGraph graph, IReadOnlyDictionary<string, double[]> inputs)
    {
        Dictionary<string, double[]> values = graph.Inputs.ToDictionary(i => i.Name, i => inputs[i.Name]);
        foreach (Node node in graph.Nodes)
        {
            double[][] x = [.. node.Inputs.Select(i => values[i])];
            PlaneShape planes = graph.PlanesOf(node.Output);
            double[] y = node switch
            {
                PlanarStep step => Planar(step, x, MemoryMarshal.Cast<byte, int>(step.Parameters.Span), planes),
                PartsStep parts => Parts(parts, x, planes),
                ChannelsStep channels => [.. channels.Channels.SelectMany(c => x[c.Operand].Skip(c.Channel * planes.Pixels).Take(planes.Pixels))],
                ViewStep => x[0],
                BinaryStep step => [.. x[0].Select((v, i) => Combine(step.Function, v, x[1][step.IsPerChannel ? i / planes.Pixels : i]))],
                AffineStep affine => [.. x[0].Select((v, i) => (v * affine.Scale[i / planes.Pixels]) + affine.Shift[i / planes.Pixels])],
                ActivationStep step => [.. x[0].Select(v => Cast(step.Activation, v))],
                _ => NodeEvaluation.Run(node, [.. node.Inputs.Select(i => new Operand(Shape(graph.PlanesOf(i), node), values[i]))], Shape(planes, node), graph.WeightOf),
            };
            Assert.Equal(planes.Channels * planes.Pixels, y.Length);
            values[node.Output] = y;
        }

        return [.. graph.Outputs.Select(o => values[o.Value])];
    }

    private static TensorShape Shape(PlaneShape planes, Node node) => node is Linear
        ? new TensorShape(1, planes.Channels * planes.Pixels)
        : new TensorShape(1, planes.Channels, planes.Height, planes.Width);

    private static double[] Parts(PartsStep node, double[][] x, PlaneShape planes)
    {
        double[] y = new double[planes.Channels * planes.Pixels];
        Array.Fill(y, double.NaN);
        for (int part = 0; part < x.Length; part++)
        {
            ReadOnlySpan<int> p = MemoryMarshal.Cast<byte, int>(StepParameters.Of(node.Name, node.Parts[part]));
            int rank = p[0];
            int[] lengths = [.. p.Slice(2, 2 * rank).ToArray().Where((_, i) => i % 2 == 0)];
            int[] strides = [.. p.Slice(2, 2 * rank).ToArray().Where((_, i) => i % 2 == 1)];
            for (int i = 0; i < lengths.Aggregate(1, (a, b) => a * b); i++)
            {
                (int to, int from, int rest, int table) = (p[1], 0, i, p.Length);
                for (int d = rank - 1; d >= 0; d--)
                {
                    int o = rest % lengths[d];
                    rest /= lengths[d];
                    table -= lengths[d];
                    to += o * strides[d];
                    from = from < 0 || p[table + o] < 0 ? -1 : from + p[table + o];
                }

                Assert.True(double.IsNaN(y[to]), $"'{node.Name}' writes element {to} twice");
                y[to] = from < 0 ? node.Fill : x[part][from];
            }
        }

        return y;
    }

    private static double[] Planar(PlanarStep step, double[][] x, ReadOnlySpan<int> p, PlaneShape planes)
    {
        bool hasLines = step.Kind is OperationKind.Softmax or OperationKind.Reduce or OperationKind.TopK;
        TensorShape lines = hasLines ? new TensorShape(p[0], p[1], p[2]) : default;
        switch (step.Kind)
        {
            case OperationKind.Constant:
                return Array.ConvertAll(MemoryMarshal.Cast<int, float>(p).ToArray(), v => (double)v);
            case OperationKind.Binary:
                return [.. Places(p, 2).Select(at => Combine((ElementFunction)step.Function, x[0][at[0]], x[1][at[1]]))];
            case OperationKind.Select:
                return [.. Places(p, 3).Select(at => x[0][at[0]] != 0 ? x[1][at[1]] : x[2][at[2]])];
            case OperationKind.Softmax:
                return Evaluate(new Softmax("", "x", "y", 1, step.Function == 1), x[0], lines, lines);
            case OperationKind.Reduce when step.Function >= (uint)ReductionFunction.ArgMaxFirst:
                bool isLast = step.Function is (uint)ReductionFunction.ArgMaxLast or (uint)ReductionFunction.ArgMinLast;
                return Evaluate(
                    new ArgExtreme("", "x", "y", step.Function <= (uint)ReductionFunction.ArgMaxLast, 1, false, isLast), x[0], lines, new TensorShape(p[0], p[2]));
            case OperationKind.Reduce:
                return Evaluate(new Reduce("", "x", "y", (ReduceFunction)step.Function, [1], false), x[0], lines, new TensorShape(p[0], p[2]));
            case OperationKind.TopK:
                return Evaluate(new TopK("", "x", "y", p[3], 1, p[4] == 1, p[5] == 1), x[0], lines, new TensorShape(p[0], p[3], p[2]));
            case OperationKind.Gather:
                return Evaluate(
                    new GatherAt("", "x", "i", "y", 1), x[0], new TensorShape(p[0], p[1], p[2]), new TensorShape(p[0], p[3], p[2]),
                    new Operand(new TensorShape(p[3]), x[1]));
            case OperationKind.Resample:
                return Resample(x[0], p);
            case OperationKind.Normalise:
                return [.. x[0].Chunk(p[1]).SelectMany(row => Normalised(row, step.A))];
            case OperationKind.MatMul:
                (int m, int k, int n) = (p[0], p[1], p[2]);
                return
                [
                    .. Places(p[3..], 2).SelectMany(at => Evaluate(
                        new MatMul("", "x", "y", "z"), x[0][at[0]..(at[0] + (m * k))], new TensorShape(m, k), new TensorShape(m, n),
                        new Operand(new TensorShape(k, n), x[1][at[1]..(at[1] + (k * n))]))),
                ];
            default:
                throw new InvalidOperationException($"{step.Kind} of {planes} is no planar step");
        }
    }

    /// <summary>Places in each operand, element by element of (rank, then length and strides of each dimension).</summary>
    private static List<int[]> Places(ReadOnlySpan<int> p, int operands)
    {
        List<int[]> places = [new int[operands]];
        for (int d = 0; d < p[0]; d++)
        {
            int[] dimension = p.Slice(1 + (d * (operands + 1)), operands + 1).ToArray();
            places = [.. places.SelectMany(at => Enumerable.Range(0, dimension[0]).Select(i => (int[])[.. at.Select((a, o) => a + (i * dimension[1 + o]))]))];
        }

        return places;
    }

    private static double[] Evaluate(Node node, double[] x, TensorShape shape, TensorShape result, params Operand[] more) =>
        NodeEvaluation.Run(node, [new Operand(shape, x), .. more], result, _ => throw new InvalidOperationException("it has no weights"));

    private static double[] Resample(double[] x, ReadOnlySpan<int> p)
    {
        (int outer, int length, int inner, int outputs, int taps) = (p[0], p[1], p[2], p[3], p[4]);
        ReadOnlySpan<float> weights = MemoryMarshal.Cast<int, float>(p)[(5 + (outputs * taps))..];
        double[] y = new double[outer * outputs * inner];
        for (int i = 0; i < y.Length; i++)
        {
            (int a, int o, int b) = (i / inner / outputs, i / inner % outputs, i % inner);
            for (int t = 0; t < taps; t++)
            {
                y[i] += (double)weights[(o * taps) + t] * x[(((a * length) + p[5 + (o * taps) + t]) * inner) + b];
            }
        }

        return y;
    }

    private static IEnumerable<double> Normalised(double[] row, float epsilon)
    {
        double mean = row.Average();
        double deviation = Math.Sqrt(row.Average(v => (v - mean) * (v - mean)) + epsilon);
        return row.Select(v => (v - mean) / deviation);
    }

    private static double Combine(ElementFunction function, double x, double y) => BinaryFunctions.Apply((BinaryFunction)function, x, y);

    private static double Cast(LayerActivation activation, double x) => activation.Kind switch
    {
        Activation.Truncate => Math.Truncate(x),
        Activation.IsNonZero => x == 0 ? 0 : 1,
        Activation.Half => (double)(Half)x,
        _ => Wrapped(Math.Truncate(x), Math.Pow(2, activation.A), activation.B == 1),
    };

    private static double Wrapped(double x, double modulus, bool isSigned)
    {
        double low = x - (modulus * Math.Floor(x / modulus));
        return isSigned && low >= modulus / 2 ? low - modulus : low;
    }
}
