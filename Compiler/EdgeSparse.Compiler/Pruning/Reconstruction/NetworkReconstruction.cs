using System.Collections.Immutable;
using System.Globalization;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EdgeSparse.Compiler.Pruning.Reconstruction;

/// <summary>How far a layer's output was from the dense network's.</summary>
/// <param name="Layer">Its name.</param>
/// <param name="Before">Squared difference over the squares of the dense output, with the dense weights under the mask.</param>
/// <param name="After">The same with the weights solved.</param>
public sealed record LayerReconstruction(string Layer, double Before, double After);

/// <summary>
/// Solves the weights of a pruned network layer by layer, in execution order, so that each layer's output on the inputs that the
/// network pruned so far gives it is nearest to the dense layer's output in the dense network. Both run side by side over the
/// samples; an activation is dropped after its last reader.
/// </summary>
internal sealed class NetworkReconstruction : IDisposable
{
    // Entries of XᵀX, 8 bytes each: 2 GiB.
    private const long MostProducts = 1 << 28;

    // Multiplications of all decompositions of a layer, some tens of seconds: beyond, what takes fewer is taken. They run on a row at a
    // time, steps of conjugate gradients on matrices, and there are some tens of these.
    private const double FewWork = 1e11;
    private const double WorkOfSteps = 40 / 8.0;

    private readonly Graph original;
    private readonly Graph pruned;
    private readonly double ridge;
    private readonly IProgressSink progress;
    private readonly TorchGraph dense;
    private readonly TorchGraph sparse;
    private readonly List<Dictionary<string, Tensor>> denseValues = [];
    private readonly List<Dictionary<string, Tensor>> sparseValues = [];
    private readonly HashSet<string> changed = [];

    private NetworkReconstruction(Graph denseGraph, Graph pruned, double ridge, Device device, IProgressSink progress)
    {
        (original, this.pruned, this.ridge, this.progress) = (denseGraph, pruned, ridge, progress);
        dense = new TorchGraph(denseGraph, device, alsoNeeded: denseGraph.Outputs);
        sparse = new TorchGraph(pruned, device, alsoNeeded: pruned.Outputs);
    }

    /// <param name="dense">Simplified for inference.</param>
    /// <param name="pruned">The same nodes, with masks.</param>
    /// <param name="samples">Batches of samples × elements, ready for the network.</param>
    /// <param name="ridge">λ over the mean diagonal of XᵀX.</param>
    /// <param name="device">Where the networks run.</param>
    /// <param name="progress">Told each layer.</param>
    /// <param name="cancellation">Stops between layers.</param>
    /// <returns>The pruned network with other values, and the layers solved.</returns>
    public static (Graph Graph, ImmutableArray<LayerReconstruction> Layers) Run(
        Graph dense, Graph pruned, IReadOnlyList<Tensor> samples, double ridge, Device device, IProgressSink progress, CancellationToken cancellation)
    {
        using IDisposable noGradient = no_grad();
        using NetworkReconstruction network = new(dense, pruned, ridge, device, progress);
        return network.Run(samples, cancellation);
    }

    public void Dispose()
    {
        foreach (Tensor value in denseValues.Concat(sparseValues).SelectMany(v => v.Values))
        {
            value.Dispose();
        }

        dense.Dispose();
        sparse.Dispose();
    }

    private (Graph Graph, ImmutableArray<LayerReconstruction> Layers) Run(IReadOnlyList<Tensor> samples, CancellationToken cancellation)
    {
        string input = pruned.Inputs[0].Name;
        foreach (Tensor batch in samples)
        {
            denseValues.Add(new Dictionary<string, Tensor> { [input] = dense.Input(batch).alias() });
            sparseValues.Add(new Dictionary<string, Tensor> { [input] = sparse.Input(batch).alias() });
        }

        // A weight that two layers share fits neither alone: it stays as it is.
        HashSet<string> shared = [.. pruned.Nodes.SelectMany(n => n.WeightNames).GroupBy(w => w).Where(g => g.Count() > 1).Select(g => g.Key)];
        Graph graph = pruned;
        var layers = ImmutableArray.CreateBuilder<LayerReconstruction>();
        using IProgressTask task = progress.Begin("layer-wise reconstruction", sparse.Nodes.Count, "layers");
        for (int i = 0; i < sparse.Nodes.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            Node node = sparse.Nodes[i];
            RunAll(dense, node, denseValues);
            bool masked = node.PrunableWeight is { } name && graph.WeightOf(name).KeptCount < graph.WeightOf(name).ElementCount;
            if (masked || node.Inputs.Any(changed.Contains))
            {
                changed.Add(node.Output);
                if (node is WeightedLayer layer && !layer.WeightNames.Any(shared.Contains))
                {
                    LayerSolution solution = Solve(graph, layer, cancellation);
                    graph = graph.WithWeights(solution.Bias is null ? [solution.Weight] : [solution.Weight, solution.Bias]);
                    sparse.Assign(solution.Weight);
                    if (solution.Bias is not null)
                    {
                        sparse.Assign(solution.Bias);
                    }

                    layers.Add(new LayerReconstruction(layer.Name, solution.Before, solution.After));
                    task.Describe(string.Create(CultureInfo.InvariantCulture, $"{layer.Name}: {solution.Before:0.0%} off, then {solution.After:0.0%}"));
                }
            }

            RunAll(sparse, node, sparseValues);
            Drop(i);
            task.Advance();
        }

        return (graph, layers.DrainToImmutable());
    }

    private LayerSolution Solve(Graph graph, WeightedLayer layer, CancellationToken cancellation)
    {
        Weight before = graph.WeightOf(layer.Weight);
        Weight? bias = layer.Bias is null ? null : graph.WeightOf(layer.Bias);
        ConjugateGradients gradients = new(
            layer, before.Shape, [.. sparseValues.Zip(denseValues, (s, d) => (s[layer.Input], d[layer.Output]))]);
        int size = LayerPlaces.ColumnsOf(layer, before.Shape);
        if (gradients.Places < size)
        {
            progress.Note($"layer '{layer.Name}' has {size} weights an output and only {gradients.Places} places in the samples to solve them from; give more samples");
        }

        return IsDirect(layer, before, size, gradients.Work)
            ? SolveDirectly(layer, before, bias)
            : SolveByGradients(gradients, layer, before, bias, cancellation);
    }

    /// <summary>Whether XᵀX fits into memory, and decomposing its parts is little work or less than steps of conjugate gradients.</summary>
    private static bool IsDirect(WeightedLayer layer, Weight weight, int size, double workOfStep)
    {
        KernelGrid kernels = layer.KernelsOf(weight.Shape);
        double work = kernels.Outputs * Math.Pow(size * weight.Density, 3) / 6;
        return (long)size * size * kernels.Groups <= MostProducts && (work < FewWork || work < workOfStep * WorkOfSteps);
    }

    private LayerSolution SolveDirectly(WeightedLayer layer, Weight before, Weight? bias)
    {
        LayerMoments moments = new(layer, before.Shape);
        for (int batch = 0; batch < sparseValues.Count; batch++)
        {
            moments.Add(sparseValues[batch][layer.Input], denseValues[batch][layer.Output]);
        }

        LayerSolution solution = LayerSolution.Of(moments, original.WeightOf(layer.Weight), bias, before, ridge);
        if (solution.Ridge > ridge)
        {
            progress.Note(string.Create(
                CultureInfo.InvariantCulture, $"layer '{layer.Name}' has inputs that depend on each other; the ridge was raised from {ridge:0.##e0} to {solution.Ridge:0.##e0} there"));
        }

        return solution;
    }

    private LayerSolution SolveByGradients(
        ConjugateGradients gradients, WeightedLayer layer, Weight before, Weight? bias, CancellationToken cancellation)
    {
        progress.Note(
            $"layer '{layer.Name}' has {LayerPlaces.ColumnsOf(layer, before.Shape)} weights an output: solved by conjugate gradients, {gradients.BlockOutputs} outputs of a group at a time, in {gradients.Bytes >> 20} MiB");
        (LayerSolution solution, bool isExact) = gradients.Solve(original.WeightOf(layer.Weight), bias, before, ridge, cancellation);
        if (!isExact)
        {
            progress.Note($"layer '{layer.Name}' is not solved to the accuracy wanted: its inputs depend on each other; a larger ridge helps");
        }

        return solution;
    }

    private static void RunAll(TorchGraph model, Node node, List<Dictionary<string, Tensor>> batches)
    {
        foreach (Dictionary<string, Tensor> values in batches)
        {
            using DisposeScope scope = NewDisposeScope();

            // An alias, because some operators give back their input, and each value is disposed by itself.
            values[node.Output] = scope.Detach(model.RunNode(node, values).alias());
        }
    }

    private void Drop(int node)
    {
        HashSet<string> later = [.. sparse.Nodes.Skip(node + 1).SelectMany(n => n.Inputs)];
        foreach (Dictionary<string, Tensor> values in denseValues.Concat(sparseValues))
        {
            foreach (string name in values.Keys.Where(k => !later.Contains(k)).ToArray())
            {
                values[name].Dispose();
                values.Remove(name);
            }
        }
    }
}
