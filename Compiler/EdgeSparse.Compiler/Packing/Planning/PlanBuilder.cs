using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Turns the graph's nodes, in order, into steps over laid-out values, and lowers their weights.</summary>
internal sealed class PlanBuilder
{
    /// <summary>Kernel, stride and dilation that readers take.</summary>
    private const int LargestWindow = 65535;

    private readonly Graph graph;
    private readonly PackOptions options;
    private readonly ActivationFusion fusion;
    private readonly LayoutAssignment layouts;
    private readonly ImmutableArray<PlanValue>.Builder values = ImmutableArray.CreateBuilder<PlanValue>();
    private readonly ImmutableArray<PlanOperation>.Builder operations = ImmutableArray.CreateBuilder<PlanOperation>();
    private readonly ImmutableArray<PackedWeight>.Builder weights = ImmutableArray.CreateBuilder<PackedWeight>();
    private readonly ImmutableArray<PackedLayer>.Builder layers = ImmutableArray.CreateBuilder<PackedLayer>();
    private readonly Dictionary<string, int> primary = [];
    private readonly Dictionary<string, int> compact = [];
    private readonly Dictionary<PhaseSplit, int> phases = [];

    private PlanBuilder(Graph graph, PackOptions options)
    {
        this.graph = graph;
        this.options = options;
        fusion = ActivationFusion.Of(graph);
        layouts = new LayoutAssignment(graph, fusion, SliceShape.ForLanes(options.Lanes).Window);
    }

    /// <param name="graph">After simplification.</param>
    /// <param name="options">Lanes, and formats asked for.</param>
    /// <exception cref="PackingException">A layer cannot be held by a blob.</exception>
    public static Plan Build(Graph graph, PackOptions options)
    {
        PlanBuilder builder = new(graph, options);
        foreach (GraphValue input in graph.Inputs)
        {
            builder.Define(input.Name);
            builder.CopyIfNeeded(input.Name);
        }

        foreach (Node node in graph.Nodes.Where(n => !builder.fusion.Dropped.Contains(n.Name)))
        {
            builder.AddNode(node);
        }

        return new Plan(
            builder.values.DrainToImmutable(), builder.operations.DrainToImmutable(), builder.weights.DrainToImmutable(),
            PlanBindings.Of(graph, name => builder.primary[name], builder.CompactOf), builder.layers.DrainToImmutable());
    }

    private void AddNode(Node node)
    {
        switch (node)
        {
            case Conv2d conv:
                AddConvolution(conv);
                break;
            case Linear linear:
                AddLinear(linear);
                break;
            case BatchNorm norm:
                weights.Add(ChannelAffine.Pack(norm, graph));
                Step(node, OperationKind.ChannelAffine, o => o with { Weight = weights.Count - 1 });
                break;
            case Relu:
                Step(node, OperationKind.Relu);
                break;
            case Add:
                Step(node, OperationKind.Add);
                break;
            case Softmax softmax:
                Step(node, OperationKind.Softmax, o => o with { Axis = AxisOf(softmax) });
                break;
            case MaxPool pool:
                Step(node, OperationKind.MaxPool, o => o with { Window = pool.Window });
                break;
            case AveragePool pool:
                Step(node, OperationKind.AveragePool, o => o with { Window = pool.Window, CountIncludePad = pool.CountIncludePad });
                break;
            case GlobalAveragePool:
                PlaneLayout input = layouts.Of(node.Inputs[0]);
                Step(node, OperationKind.AveragePool, o => o with { Window = new Window2d(input.Height, input.Width) });
                break;
            case Flatten flatten:
                AddFlatten(flatten);
                break;
            default:
                throw new PackingException($"layer '{node.Name}' ({node.Operator}) has no place in a blob");
        }

        CopyIfNeeded(fusion.OutputOf(node));
    }

    private void AddConvolution(Conv2d conv)
    {
        int input = PhaseSplit.IsNeededBy(conv) ? Split(conv) : primary[conv.Input];
        WeightMatrix matrix = WeightMatrix.Of(conv, graph, values[input].Layout);
        PlaneLayout output = layouts.Of(fusion.OutputOf(conv));
        AddWeight(conv, FormatChoice.ForConvolution(matrix, output.Height * output.Width, options));
        Step(conv, OperationKind.Conv2d, o => o with { Inputs = [input], Weight = weights.Count - 1, Window = conv.Window });
    }

    private void AddLinear(Linear linear)
    {
        if (graph.Shapes[linear.Input].Rank != 2)
        {
            throw new PackingException(
                $"layer '{linear.Name}' (Linear) reads the shape {graph.Shapes[linear.Input]}; a blob's fully connected layers read N×features: flatten before it");
        }

        AddWeight(linear, FormatChoice.ForLinear(WeightMatrix.Of(linear, graph), options));
        Step(linear, OperationKind.Linear, o => o with { Inputs = [CompactOf(linear.Input)], Weight = weights.Count - 1 });
    }

    private void AddWeight(Node node, FormatChoice choice)
    {
        PackedWeight packed = choice.Packed;
        weights.Add(packed);
        layers.Add(new PackedLayer(
            node.Name, choice.Layout, choice.Reason, packed.Rows, packed.Columns, packed.NonZeros, packed.Bytes));
    }

    /// <summary>Adds the step that writes the node's output, with the ReLU after it where that was fused.</summary>
    private void Step(Node node, OperationKind kind, Func<PlanOperation, PlanOperation>? complete = null)
    {
        string output = fusion.OutputOf(node);
        PlanOperation operation = new(node.Name, kind, [.. node.Inputs.Select(i => primary[i])], Define(output))
        {
            Activation = output == node.Output ? Activation.None : Activation.Relu,
        };
        operation = complete is null ? operation : complete(operation);
        Window2d window = operation.Window;
        if (Math.Max(window.KernelY, window.KernelX) > LargestWindow || Math.Max(window.StrideY, window.StrideX) > LargestWindow
            || Math.Max(window.DilationY, window.DilationX) > LargestWindow)
        {
            throw new PackingException($"layer '{node.Name}' ({node.Operator}) has a kernel, stride or dilation above {LargestWindow}");
        }

        operations.Add(operation);
    }

    private int Define(string value)
    {
        values.Add(new PlanValue(value, layouts.Of(value), values.Count));
        return primary[value] = values.Count - 1;
    }

    /// <summary>
    /// Flattening moves nothing: fully connected layers and the caller take a contiguous value of any shape in row-major order.
    /// Only a reader that works by channel needs the pixels copied into channels of their own.
    /// </summary>
    private void AddFlatten(Flatten flatten)
    {
        int source = CompactOf(flatten.Input);
        bool isVector = values[source].Layout is { Height: 1, Width: 1 };
        if (isVector || graph.ConsumersOf(flatten.Output).All(n => n is Linear or Flatten))
        {
            primary[flatten.Output] = source;
        }
        else
        {
            operations.Add(new PlanOperation(flatten.Name, OperationKind.Relayout, [source], Define(flatten.Output)));
        }
    }

    private void CopyIfNeeded(string value)
    {
        if (layouts.CompactCopyOf(value) is { } layout)
        {
            string name = $"{value}:compact";
            values.Add(new PlanValue(name, layout, values.Count));
            compact[value] = values.Count - 1;
            operations.Add(new PlanOperation(name, OperationKind.Relayout, [primary[value]], values.Count - 1));
        }
    }

    private int CompactOf(string value) => compact.GetValueOrDefault(value, primary[value]);

    private int Split(Conv2d conv)
    {
        PhaseSplit split = PhaseSplit.Of(conv);
        if (!phases.TryGetValue(split, out int index))
        {
            index = values.Count;
            values.Add(new PlanValue(split.Name, layouts.Of(split), index));
            phases[split] = index;
            operations.Add(new PlanOperation(split.Name, OperationKind.SplitPhases, [primary[split.Source]], index)
            {
                Window = new Window2d(0, 0, split.StrideY, split.StrideX, split.PadTop, split.PadLeft, 0, 0, 0, 0),
            });
        }

        return index;
    }

    private int AxisOf(Softmax softmax)
    {
        int rank = graph.Shapes[softmax.Input].Rank;
        int axis = softmax.Axis < 0 ? softmax.Axis + rank : softmax.Axis;
        return (rank, axis) switch
        {
            (_, 1) => 1,
            (3, 2) => 3,
            (4, 2 or 3) => axis,
            _ => throw new PackingException($"layer '{softmax.Name}' (Softmax) runs over the batch; axes from 1 on are possible"),
        };
    }
}
