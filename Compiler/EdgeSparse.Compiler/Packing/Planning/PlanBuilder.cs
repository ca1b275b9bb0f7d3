using System.Collections.Immutable;
using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Turns layers, in order, into steps over laid-out values, and lowers their weights.</summary>
internal sealed class PlanBuilder
{
    /// <summary>Kernel, stride and dilation that readers take.</summary>
    private const int LargestWindow = 65535;

    private readonly Graph graph;
    private readonly PackOptions options;
    private readonly ImmutableArray<Layer> layers;
    private readonly LayoutAssignment layouts;
    private readonly PlanValues values;
    private readonly ImmutableArray<PackedWeight>.Builder weights = ImmutableArray.CreateBuilder<PackedWeight>();
    private readonly ImmutableArray<PackedLayer>.Builder packed = ImmutableArray.CreateBuilder<PackedLayer>();

    private PlanBuilder(Graph graph, PackOptions options)
    {
        this.graph = graph;
        this.options = options;
        layers = LayerFusion.Apply(graph);
        layouts = new LayoutAssignment(graph, layers, options.Lanes);
        values = new PlanValues(layouts);
    }

    /// <param name="graph">After simplification.</param>
    /// <param name="options">Lanes, costs, and formats asked for.</param>
    /// <exception cref="PackingException">A layer cannot be held by a blob.</exception>
    public static Plan Build(Graph graph, PackOptions options)
    {
        PlanBuilder builder = new(graph, options);
        foreach (GraphValue input in graph.Inputs)
        {
            builder.values.Define(input.Name);
        }

        foreach (Layer layer in builder.layers)
        {
            builder.AddLayer(layer);
            if (graph.Outputs.Contains(layer.Output))
            {
                builder.PlanarOf(layer.Output);
            }
        }

        ImmutableArray<PlanBinding> bindings = PlanBindings.Of(graph, builder.values.Primary, builder.PlanarOf);
        return new Plan(
            builder.values.Values, builder.values.Operations, builder.weights.DrainToImmutable(), bindings, builder.packed.DrainToImmutable());
    }

    private void AddLayer(Layer layer)
    {
        switch (layer.Node)
        {
            case Conv2d conv when layer.Role == LayerRole.FullyConnected:
                AddFullyConnected(layer, WeightMatrix.OfVectors(conv.Name, conv.Weight, conv.Bias, graph));
                break;
            case Conv2d conv:
                AddConvolution(layer, conv);
                break;
            case Linear linear:
                AddFullyConnected(layer, WeightMatrix.OfVectors(Flattened(linear).Name, linear.Weight, linear.Bias, graph));
                break;
            case BatchNorm norm:
                weights.Add(ChannelAffine.Pack(norm, graph));
                Step(layer, OperationKind.ChannelAffine, o => o with { Weight = weights.Count - 1 });
                break;
            case Add:
                Step(layer, OperationKind.Add);
                break;
            case Softmax softmax:
                Step(layer, OperationKind.Softmax, o => o with { Function = softmax.IsLogarithm ? 1u : 0, Parameters = Along(softmax.Input, softmax.Axis) });
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
            case Flatten flatten:
                AddFlatten(layer, flatten);
                break;
            default:
                Step(layer, OperationKind.Activate);
                break;
        }
    }

    private void AddConvolution(Layer layer, Conv2d conv)
    {
        WeightMatrix matrix = WeightMatrix.Of(conv, graph, layouts.InputOf(layer, 0));
        AddWeight(layer, matrix, conv.Window);
        Step(layer, OperationKind.Conv2d, o => o with { Weight = weights.Count - 1, Window = conv.Window });
    }

    private Linear Flattened(Linear linear) => graph.Shapes[linear.Input].Rank == 2
        ? linear
        : throw new PackingException(
            $"layer '{linear.Name}' (Linear) reads the shape {graph.Shapes[linear.Input]}; a blob's fully connected layers read N×features: flatten before it");

    private void AddFullyConnected(Layer layer, WeightMatrix matrix)
    {
        AddWeight(layer, matrix, window: default);
        Step(layer, OperationKind.Linear, o => o with { Weight = weights.Count - 1 });
    }

    private void AddWeight(Layer layer, WeightMatrix matrix, Window2d window)
    {
        LayerProblem problem = new(matrix, window, layouts.InputOf(layer, 0), layouts.Of(layer.Output), layer.Activation);
        FormatChoice choice = FormatChoice.Of(problem, options);
        PackedWeight weight = choice.Packed;
        weights.Add(weight);
        packed.Add(new PackedLayer(
            layer.Name, choice.Layout, choice.Reason, weight.Rows, weight.Columns, weight.NonZeros, weight.Bytes, choice.PredictedMicroseconds,
            choice.MeasuredMicroseconds));
    }

    /// <summary>Adds the step that writes the layer's output, after the copies that it needs of its inputs.</summary>
    private void Step(Layer layer, OperationKind kind, Func<PlanOperation, PlanOperation>? complete = null)
    {
        ImmutableArray<int> inputs = [.. layer.Inputs.Select((input, i) => values.InLayout(input, layouts.InputOf(layer, i)))];
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

    /// <summary>
    /// Flattening moves nothing: fully connected layers and the caller take a planar value of any shape in row-major order.
    /// Only a reader that works by channel needs the pixels copied into channels of their own.
    /// </summary>
    private void AddFlatten(Layer layer, Flatten flatten)
    {
        int source = values.InLayout(flatten.Input, layouts.InputOf(layer, 0));
        bool isVector = values[source].Layout.Shape.IsVector;
        if (isVector || layers.Where(l => l.Inputs.Contains(flatten.Output)).All(l => l.Node is Linear or Flatten))
        {
            values.View(flatten.Output, source);
        }
        else
        {
            values.Add(new PlanOperation(flatten.Name, OperationKind.Relayout, [source], values.Define(flatten.Output)));
        }
    }

    private int PlanarOf(string value) => values.InLayout(value, layouts.PlanarOf(value));

    /// <summary>A shape as (outer, length, inner) around an axis, for what goes along one.</summary>
    private byte[] Along(string value, int axis)
    {
        TensorShape shape = graph.Shapes[value];
        axis = axis < 0 ? axis + shape.Rank : axis;
        int Product(IEnumerable<int> dims) => dims.Aggregate(1, (a, b) => a * Math.Max(b, 1));
        return MemoryMarshal.AsBytes<int>([Product(shape.Dims.Take(axis)), Math.Max(shape[axis], 1), Product(shape.Dims.Skip(axis + 1))]).ToArray();
    }
}
