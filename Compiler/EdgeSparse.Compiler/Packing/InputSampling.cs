using System.Collections.Immutable;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Measures how many inputs of fully connected layers are not zero: the network runs samples in the runtime, with what these layers
/// read for its outputs.
/// </summary>
public static class InputSampling
{
    private const int MostSamples = 256;

    private const int FewestSamples = 16;

    /// <summary>Multiplications in all samples, so that large networks take seconds too.</summary>
    private const long MostProducts = 64_000_000_000;

    /// <param name="graph">A network of one input.</param>
    /// <param name="samples">What it will be given; some, evenly spread, are run.</param>
    /// <param name="scaling">How pixel/255 becomes input; null when the samples are the input as they are.</param>
    /// <param name="source">What the samples are called in reports.</param>
    /// <param name="progress">Told the samples.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>By the layer's name; empty where no layer is fully connected, or there is no sample.</returns>
    /// <exception cref="EdgeSparseException">The network cannot be packed, or a sample cannot be read or does not fit.</exception>
    public static ImmutableDictionary<string, NonZeroInputs> Measure(
        Graph graph, DataSplit samples, InputScaling? scaling, string source, IProgressSink progress, CancellationToken cancellation = default)
    {
        WeightedLayer[] layers = [.. graph.Nodes.OfType<WeightedLayer>().Where(n => IsFullyConnected(n, graph))];
        int count = (int)Math.Min(samples.Count, Math.Clamp(MostProducts / Products(graph), FewestSamples, MostSamples));
        if (layers.Length == 0 || count == 0)
        {
            return ImmutableDictionary<string, NonZeroInputs>.Empty;
        }

        string[] values = [.. layers.Select(l => l.Input).Distinct()];
        Dictionary<string, double> shares;
        using (Counter counter = new(graph, values))
        using (IProgressTask task = progress.Begin("counting zeros among inputs", count, "samples"))
        {
            float[] sample = new float[graph.Inputs[0].Shape.ElementCount];
            for (int i = 0; i < count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                samples.Read((int)((long)i * samples.Count / count), sample);
                scaling?.Scale(sample);
                counter.Count(sample);
                task.Advance();
            }

            shares = values.ToDictionary(v => v, counter.ShareOf);
        }

        return layers.ToImmutableDictionary(
            l => l.Name, l => new NonZeroInputs((int)Math.Round(100 * shares[l.Input]), count, source));
    }

    /// <summary>A linear layer, or a convolution of one pixel.</summary>
    private static bool IsFullyConnected(WeightedLayer layer, Graph graph) =>
        layer is Linear || (layer is Conv2d && graph.Shapes[layer.Input].Dims.Skip(2).All(d => d == 1));

    /// <summary>Of one sample, about: each weight that is not zero comes once for each position of the output.</summary>
    private static long Products(Graph graph)
    {
        long products = 1;
        foreach (WeightedLayer layer in graph.Nodes.OfType<WeightedLayer>())
        {
            Weight weight = graph.WeightOf(layer.Weight);
            products += (long)weight.NonZeroCount * graph.Shapes[layer.Output].ElementCount / weight.Shape[0];
        }

        return products;
    }

    /// <summary>Counts what is not zero in some values of a network.</summary>
    private sealed class Counter : IDisposable
    {
        private readonly string input;
        private readonly string[] inner;
        private readonly Model? model;
        private readonly Session? session;
        private readonly Dictionary<string, (long NonZeros, long All)> counts = [];

        public Counter(Graph graph, string[] values)
        {
            input = graph.Inputs[0].Name;
            counts = values.ToDictionary(v => v, _ => (0L, 0L));

            // What the caller gives is known without a run.
            inner = [.. values.Where(v => v != input)];
            if (inner.Length > 0)
            {
                Graph cut = new(graph.Name, graph.Inputs, [.. inner], graph.Nodes, graph.Weights, graph.Metadata);
                model = Model.FromBytes(Packer.Pack(cut, new PackOptions()).Bytes.Span);
                session = model.CreateSession();
            }
        }

        public void Count(float[] sample)
        {
            Add(input, sample);
            if (model is null || session is null)
            {
                return;
            }

            session.SetInput(0, sample);
            session.Run();
            for (int i = 0; i < inner.Length; i++)
            {
                float[] value = new float[model.Outputs[i].ElementCount];
                session.GetOutput(i, value);
                Add(inner[i], value);
            }
        }

        public double ShareOf(string value) => (double)counts[value].NonZeros / counts[value].All;

        public void Dispose()
        {
            session?.Dispose();
            model?.Dispose();
        }

        private void Add(string name, float[] values)
        {
            if (counts.TryGetValue(name, out (long NonZeros, long All) before))
            {
                counts[name] = (before.NonZeros + values.LongCount(v => v != 0), before.All + values.Length);
            }
        }
    }
}
