using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Kernels;

/// <summary>
/// Whether it pays to skip inputs that are zero: a pruned fully connected layer in the format that is fastest without zeros (sliced
/// ELL, with four lanes CSR), against its weights by columns (CSC). Inputs take turns, so that the branch predictor does not learn one.
/// </summary>
public class ZeroInputBenchmarks : IDisposable
{
    private const int Seed = 20151;
    private const int InputCount = 32;

    private readonly float[][] inputs = new float[InputCount][];
    private Contestant? rows;
    private Contestant? columns;
    private float[] output = [];
    private int next;

    /// <summary>Outputs × inputs, the share of weights kept.</summary>
    [Params("300x784 8 %", "1000x4096 10 %")]
    public string Layer { get; set; } = "";

    /// <summary>Share of inputs that are not zero; of handwritten digits 19 %.</summary>
    [Params(0.05, 0.1, 0.19, 0.3, 0.5)]
    public double NonZeroInputs { get; set; }

    /// <summary>Floats in a vector: 16 for AVX-512, 8 for AVX2, 4 for SSE and AdvSimd.</summary>
    [Params(16, 8, 4)]
    public int Lanes { get; set; }

    /// <summary>Packs the layer both ways, and checks that both give the same.</summary>
    /// <exception cref="EdgeSparseException">They do not.</exception>
    [GlobalSetup]
    public void SetUp()
    {
        (int outputs, int inputCount, double density) = Layer[0] == '3' ? (300, 784, 0.08) : (1000, 4096, 0.1);
        Random random = new(Seed);
        float[] weights = [.. Enumerable.Range(0, outputs * inputCount).Select(_ => random.NextSingle() - 0.5f)];
        Graph graph = new(
            "layer", [new GraphValue("input", new TensorShape(1, inputCount))], ["output"], [new Linear("layer", "input", "output", "weight", null)],
            ImmutableDictionary<string, Weight>.Empty.Add("weight", new Weight("weight", new TensorShape(outputs, inputCount), weights)));
        graph = OneShotPruning.Apply(graph, _ => (Granularity.Weight, density));
        rows = new Contestant(graph, Lanes, null);
        columns = new Contestant(graph, Lanes, WeightLayout.Csc);
        output = new float[outputs];
        float[] expected = new float[outputs];
        for (int i = 0; i < InputCount; i++)
        {
            inputs[i] = [.. Enumerable.Range(0, inputCount).Select(_ => random.NextDouble() < NonZeroInputs ? random.NextSingle() : 0)];
            rows.Session.Run(inputs[i], expected);
            columns.Session.Run(inputs[i], output);
            if (output.Where((y, k) => Math.Abs(y - expected[k]) > 1e-3f).Any())
            {
                throw new EdgeSparseException("the two ways give different results");
            }
        }
    }

    /// <summary>All inputs.</summary>
    [Benchmark(Baseline = true)]
    public void ByRows() => rows!.Session.Run(Next(), output);

    /// <summary>Columns of inputs that are not zero.</summary>
    [Benchmark]
    public void ByColumns() => columns!.Session.Run(Next(), output);

    /// <summary>Gives the memory back.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        rows?.Dispose();
        columns?.Dispose();
        GC.SuppressFinalize(this);
    }

    private float[] Next() => inputs[next++ % InputCount];

    /// <summary>A session of the layer in one format, with the kernels of a target of so many lanes.</summary>
    private sealed class Contestant : IDisposable
    {
        private readonly Model model;

        public Contestant(Graph graph, int lanes, WeightLayout? layout)
        {
            PackOptions options = new() { Lanes = lanes };
            options = layout is { } wanted ? options with { Formats = options.Formats.Add("layer", wanted) } : options;
            InstructionSet set = lanes switch
            {
                16 => InstructionSet.Avx512,
                8 => InstructionSet.Avx2,
                _ => InstructionSet.Vector128,
            };
            model = Model.FromBytes(Packer.Pack(graph, options).Bytes.Span, set);
            Session = model.CreateSession();
        }

        public Session Session { get; }

        public void Dispose()
        {
            Session.Dispose();
            model.Dispose();
        }
    }
}
