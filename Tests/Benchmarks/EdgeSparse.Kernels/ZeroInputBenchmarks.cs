using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Runtime;

namespace EdgeSparse.Kernels;

/// <summary>
/// Whether it pays to skip inputs that are zero: a pruned fully connected layer through the session, which does not, against its
/// weights by columns, each input's column skipped where the input is zero.
/// </summary>
public unsafe class ZeroInputBenchmarks : IDisposable
{
    private const int Seed = 20151;

    private readonly float[] sums = new float[4096];
    private Model? model;
    private Session? session;
    private float[] input = [];
    private float[] output = [];
    private int[] starts = [];
    private ushort[] rows = [];
    private float[] values = [];

    /// <summary>Outputs × inputs, the share of weights kept.</summary>
    [Params("300x784 8 %", "1000x4096 10 %")]
    public string Layer { get; set; } = "";

    /// <summary>Share of inputs that are not zero; of handwritten digits 19 %.</summary>
    [Params(0.05, 0.1, 0.19, 0.5)]
    public double NonZeroInputs { get; set; }

    /// <summary>Floats in a vector: 16 for AVX-512, 8 for AVX2, 4 for SSE and AdvSimd.</summary>
    [Params(16, 8, 4)]
    public int Lanes { get; set; }

    /// <summary>Packs the layer both ways, and checks that both give the same.</summary>
    /// <exception cref="EdgeSparseException">They do not.</exception>
    [GlobalSetup]
    public void SetUp()
    {
        (int outputs, int inputs, double density) = Layer[0] == '3' ? (300, 784, 0.08) : (1000, 4096, 0.1);
        Random random = new(Seed);
        float[] weights = [.. Enumerable.Range(0, outputs * inputs).Select(_ => random.NextSingle() - 0.5f)];
        Graph graph = new(
            "layer", [new GraphValue("input", new TensorShape(1, inputs))], ["output"], [new Linear("layer", "input", "output", "weight", null)],
            ImmutableDictionary<string, Weight>.Empty.Add("weight", new Weight("weight", new TensorShape(outputs, inputs), weights)));
        graph = OneShotPruning.Apply(graph, _ => (Granularity.Weight, density));
        model = Model.FromBytes(Packer.Pack(graph, new PackOptions { Lanes = Lanes }).Bytes.Span);
        session = model.CreateSession();
        ReadOnlySpan<float> kept = graph.Weights["weight"].Values.Span;
        List<ushort> places = [];
        List<float> stored = [];
        starts = new int[inputs + 1];
        for (int column = 0; column < inputs; column++)
        {
            for (int row = 0; row < outputs; row++)
            {
                if (kept[(row * inputs) + column] is not 0 and float value)
                {
                    places.Add((ushort)row);
                    stored.Add(value);
                }
            }

            starts[column + 1] = stored.Count;
        }

        (rows, values) = ([.. places], [.. stored]);
        input = [.. Enumerable.Range(0, inputs).Select(_ => random.NextDouble() < NonZeroInputs ? random.NextSingle() : 0)];
        output = new float[outputs];
        RowByRow();
        ByColumnsWithoutZeros();
        if (output.Where((y, i) => Math.Abs(y - sums[i]) > 1e-3f).Any())
        {
            throw new EdgeSparseException("the two ways give different results");
        }
    }

    /// <summary>The session's way: sliced ELL, with four lanes CSR.</summary>
    [Benchmark(Baseline = true)]
    public void RowByRow() => session!.Run(input, output);

    /// <summary>Columns of inputs that are not zero, added row by row.</summary>
    [Benchmark]
    public void ByColumnsWithoutZeros()
    {
        sums.AsSpan().Clear();
        fixed (float* y = sums, x = input, w = values)
        fixed (ushort* place = rows)
        fixed (int* start = starts)
        {
            for (int column = 0; column < input.Length; column++)
            {
                float factor = x[column];
                if (factor == 0)
                {
                    continue;
                }

                for (int i = start[column]; i < start[column + 1]; i++)
                {
                    float* sum = y + place[i];
                    *sum = float.MultiplyAddEstimate(factor, w[i], *sum);
                }
            }
        }
    }

    /// <summary>Gives the memory back.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        session?.Dispose();
        model?.Dispose();
        GC.SuppressFinalize(this);
    }
}
