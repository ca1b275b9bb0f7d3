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
    public static ImmutableArray<PlanBinding> Of(LoweredGraph graph, Func<string, int> inputIndex, Func<string, int> outputIndex)
    {
        InputScaling? scaling = InputScaling.Of(graph.Source);
        var bindings = ImmutableArray.CreateBuilder<PlanBinding>();
        foreach (GraphValue input in graph.Inputs)
        {
            // Scaling is said of pixels, and only one input can be the picture: the first.
            CheckRank(input.Name, input.Shape);
            bindings.Add(new PlanBinding(
                BindingKind.Input, input.Name, inputIndex(input.Name), input.Shape,
                bindings.Count == 0 && scaling is not null ? Fitting(scaling, input) : null, input.Type));
        }

        foreach (LoweredOutput output in graph.Outputs)
        {
            CheckRank(output.Name, output.Shape);
            bindings.Add(new PlanBinding(BindingKind.Output, output.Name, outputIndex(output.Value), output.Shape, null, output.Type));
        }

        return bindings.DrainToImmutable();
    }

    private static void CheckRank(string name, TensorShape shape)
    {
        if (shape.Rank > BlobConstants.MostDimensions)
        {
            throw new PackingException($"'{name}' has the shape {shape}; inputs and outputs of a blob have up to {BlobConstants.MostDimensions} dimensions");
        }
    }

    private static InputScaling Fitting(InputScaling scaling, GraphValue input)
    {
        int channels = scaling.Mean.Length;
        bool fits = input.Shape.Rank == 4 ? input.Shape[1] == channels : input.Shape.ElementCount % channels == 0;
        return fits
            ? scaling
            : throw new PackingException($"the input '{input.Name}' has the shape {input.Shape}, but '{InputScaling.MeanKey}' gives {channels} channels");
    }
}
