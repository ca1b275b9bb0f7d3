using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Turns layers, in order, into steps over laid-out values, and lowers their weights.</summary>
internal sealed class PlanBuilder
{
    /// <summary>Kernel, stride and dilation that readers take.</summary>
    private const int LargestWindow = 65535;

    private readonly LoweredGraph graph;
    private readonly ImmutableArray<Layer> layers;
    private readonly LayoutAssignment layouts;
    private readonly PlanValues values;
    private readonly PlanWeights weights;

    private PlanBuilder(LoweredGraph graph, PackOptions options)
    {
        this.graph = graph;
        layers = LayerFusion.Apply(graph);
        layouts = new LayoutAssignment(graph, layers, options.Lanes);
        values = new PlanValues(layouts);
        weights = new PlanWeights(graph, options, layouts);
    }

    /// <param name="graph">After lowering.</param>
    /// <param name="options">Lanes, costs, and formats asked for.</param>
    /// <exception cref="PackingException">A layer cannot be held by a blob.</exception>
    public static Plan Build(LoweredGraph graph, PackOptions options)
    {
        PlanBuilder builder = new(graph, options);
        foreach (GraphValue input in graph.Inputs)
        {
            builder.values.Define(input.Name);
        }

        foreach (Layer layer in builder.layers)
        {
            builder.AddLayer(layer);
            if (graph.IsGivenOut(layer.Output))
            {
                builder.PlanarOf(layer.Output);
            }
        }

        ImmutableArray<PlanBinding> bindings = PlanBindings.Of(graph, builder.values.Primary, builder.PlanarOf);
        return new Plan(builder.values.Values, builder.values.Operations, builder.weights.Weights, bindings, builder.weights.Layers);
    }

    private void AddLayer(Layer layer)
    {
        switch (layer.Node)
        {
            case Conv2d conv when layer.Role == LayerRole.FullyConnected:
                AddFullyConnected(layer, conv);
                break;
            case Conv2d conv:
                int kernel = weights.AddConvolution(layer, conv);
                Step(layer, OperationKind.Conv2d, o => o with { Weight = kernel, Window = conv.Window });
                break;
            case Linear linear:
                AddFullyConnected(layer, linear);
                break;
            case AffineStep affine:
                int scale = weights.Add(affine);
                Step(layer, OperationKind.ChannelAffine, o => o with { Weight = scale });
                break;
            case Add:
                Step(layer, OperationKind.Add);
                break;
            case BinaryStep binary:
                Step(layer, OperationKind.Binary, o => o with { Function = (uint)binary.Function });
                break;
            case MaxPool pool:
                Step(layer, OperationKind.MaxPool, o => o with { Window = pool.Window });
                break;
            case AveragePool pool:
                Step(layer, OperationKind.AveragePool, o => o with { Window = pool.Window, CountIncludePad = pool.CountIncludePad });
                break;
            case GlobalAveragePool:
                Step(layer, OperationKind.GlobalAveragePool);
                break;
            case GlobalMaxPool:
                Step(layer, OperationKind.GlobalMaxPool);
                break;
            case LocalResponseNorm norm:
                Step(layer, OperationKind.LocalResponse, o => o with { Parameters = StepParameters.Of(norm) });
                break;
            case PlanarStep step:
                Step(layer, step.Kind, o => o with
                {
                    Function = step.Function,
                    Parameters = step.Parameters,
                    Activation = step.A == 0 ? o.Activation : o.Activation with { A = step.A },
                });
                break;
            case PartsStep parts:
                AddParts(layer, parts);
                break;
            case ChannelsStep channels:
                AddChannels(layer, channels);
                break;
            case ViewStep:
                values.View(layer.Output, Input(layer, 0));
                break;
            default:
                Step(layer, OperationKind.Activate);
                break;
        }
    }

    private void AddFullyConnected(Layer layer, WeightedLayer node)
    {
        int weight = weights.AddFullyConnected(layer, node);
        Step(layer, OperationKind.Linear, o => o with { Weight = weight });
    }

    private void AddParts(Layer layer, PartsStep node)
    {
        int[] inputs = [.. node.Parts.Select((_, i) => Input(layer, i))];
        int output = values.Define(layer.Output);
        for (int i = 0; i < inputs.Length; i++)
        {
            values.Add(new PlanOperation(PartName(layer, i, inputs.Length), OperationKind.Rearrange, [inputs[i]], output)
            {
                Activation = new LayerActivation(Activation.None, node.Fill),
                Parameters = StepParameters.Of(layer.Name, node.Parts[i]),
            });
        }
    }

    private void AddChannels(Layer layer, ChannelsStep node)
    {
        int[] inputs = [.. node.Operands.Select((_, i) => Input(layer, i))];
        int output = values.Define(layer.Output);
        for (int i = 0; i < inputs.Length; i++)
        {
            int[] pairs = [.. node.Channels.SelectMany((c, y) => c.Operand == i ? (int[])[y, c.Channel] : [])];
            values.Add(new PlanOperation(PartName(layer, i, inputs.Length), OperationKind.Channels, [inputs[i]], output)
            {
                Parameters = StepParameters.Of(pairs),
            });
        }
    }

    private static string PartName(Layer layer, int part, int parts) => parts == 1 ? layer.Name : $"{layer.Name}:part{part}";

    /// <summary>Adds the step that writes the layer's output, after the copies that it needs of its inputs.</summary>
    private void Step(Layer layer, OperationKind kind, Func<PlanOperation, PlanOperation>? complete = null)
    {
        ImmutableArray<int> inputs = [.. layer.Inputs.Select((_, i) => Input(layer, i))];
        PlanOperation operation = new(layer.Name, kind, inputs, values.Define(layer.Output)) { Activation = layer.Activation };
        operation = complete is null ? operation : complete(operation);
        Window2d window = operation.Window;
        if (Math.Max(window.KernelY, window.KernelX) > LargestWindow || Math.Max(window.StrideY, window.StrideX) > LargestWindow
            || Math.Max(window.DilationY, window.DilationX) > LargestWindow)
        {
            throw new PackingException($"layer '{layer.Name}' ({layer.Node.Operator}) has a kernel, stride or dilation above {LargestWindow}");
        }

        values.Add(operation);
    }

    /// <summary>An input as the layer finds it; planar operations take planes of any shape in row-major order.</summary>
    private int Input(Layer layer, int input) => values.InLayout(
        layer.Inputs[input], layouts.InputOf(layer, input), anyPlanes: layer.Role is LayerRole.Planar or LayerRole.FullyConnected);

    private int PlanarOf(string value) => values.InLayout(value, layouts.PlanarOf(value), anyPlanes: true);
}
