using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>The network's inputs and outputs, with the scaling of pixels where the graph's metadata has one.</summary>
internal static class PlanBindings
{
    /// <param name="graph">The network.</param>
    /// <param name="inputIndex">The value that the caller's input is written to.</param>
    /// <param name="outputIndex">The contiguous value that the caller reads.</param>
    /// <exception cref="PackingException">The scaling has other channels than the input.</exception>
    public static ImmutableArray<PlanBinding> Of(Graph graph, Func<string, int> inputIndex, Func<string, int> outputIndex)
    {
        InputScaling? scaling = InputScaling.Of(graph);
        var bindings = ImmutableArray.CreateBuilder<PlanBinding>();
        foreach (GraphValue input in graph.Inputs)
        {
            // Scaling is said of pixels, and only one input can be the picture: the first.
            bindings.Add(new PlanBinding(
                BindingKind.Input, input.Name, inputIndex(input.Name), OneSample(input.Shape),
                bindings.Count == 0 && scaling is not null ? Fitting(scaling, input) : null, input.Type));
        }

        foreach (string output in graph.Outputs)
        {
            bindings.Add(new PlanBinding(BindingKind.Output, output, outputIndex(output), OneSample(graph.Shapes[output]), null, graph.Types[output]));
        }

        return bindings.DrainToImmutable();
    }

    private static TensorShape OneSample(TensorShape shape) => shape.IsBatchSymbolic ? shape.WithBatch(1) : shape;

    private static InputScaling Fitting(InputScaling scaling, GraphValue input)
    {
        int channels = scaling.Mean.Length;
        bool fits = input.Shape.Rank == 4 ? input.Shape[1] == channels : input.Shape.ElementCount % channels == 0;
        return fits
            ? scaling
            : throw new PackingException($"the input '{input.Name}' has the shape {input.Shape}, but '{InputScaling.MeanKey}' gives {channels} channels");
    }
}
