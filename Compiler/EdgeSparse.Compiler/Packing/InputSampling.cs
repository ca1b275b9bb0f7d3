using System.Collections.Immutable;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Measures how many weights of fully connected layers meet inputs that are not zero: the network runs samples in the runtime, with
/// what these layers read for its outputs. Weights are counted, not inputs, for training keeps weights where inputs are: of a digit's
/// pixels 19 % are not black, but 44 % of the weights of a trained layer meet such (docs/results/kernels.md).
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
        using Counter counter = new(graph, values);
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
        }

        return layers.ToImmutableDictionary(
            l => l.Name, l => new NonZeroInputs((int)Math.Round(100 * Share(graph.WeightOf(l.Weight), counter.Of(l.Input), count)), count, source));
    }

    /// <summary>A linear layer, or a convolution of one pixel.</summary>
    private static bool IsFullyConnected(WeightedLayer layer, Graph graph) =>
        layer is Linear || (layer is Conv2d { Groups: 1 } && graph.Shapes[layer.Input].Dims.Skip(2).All(d => d == 1));

    /// <param name="weight">Outputs × inputs.</param>
    /// <param name="nonZeros">In how many samples each element of the layer's input was not zero; rows of inputs, where it has several.</param>
    /// <param name="samples">How many there were.</param>
    private static double Share(Weight weight, ReadOnlySpan<int> nonZeros, int samples)
    {
        int inputs = weight.Shape[1];
        ReadOnlySpan<float> values = weight.Values.Span;
        long met = 0;
        for (int i = 0; i < values.Length; i++)
        {
            for (int element = i % inputs; values[i] != 0 && element < nonZeros.Length; element += inputs)
            {
                met += nonZeros[element];
            }
        }

        return (double)met * inputs / Math.Max(1, (double)weight.NonZeroCount * samples * nonZeros.Length);
    }

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

    /// <summary>Counts for each element of some values of a network in how many samples it is not zero.</summary>
    private sealed class Counter : IDisposable
    {
        private readonly string input;
        private readonly string[] inner;
        private readonly Model? model;
        private readonly Session? session;
        private readonly Dictionary<string, int[]> counts = [];

        public Counter(Graph graph, string[] values)
        {
            input = graph.Inputs[0].Name;

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

        public ReadOnlySpan<int> Of(string value) => counts[value];

        public void Dispose()
        {
            session?.Dispose();
            model?.Dispose();
        }

        private void Add(string name, float[] values)
        {
            if (!counts.TryGetValue(name, out int[]? found))
            {
                counts[name] = found = new int[values.Length];
            }

            for (int i = 0; i < values.Length; i++)
            {
                found[i] += values[i] != 0 ? 1 : 0;
            }
        }
    }
}
