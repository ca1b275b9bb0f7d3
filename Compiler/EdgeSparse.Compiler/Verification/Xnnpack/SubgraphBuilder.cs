using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Verification.Xnnpack;

/// <summary>
/// Defines a network's layers in an XNNPACK subgraph at batch 1. Values of four dimensions, and what flattens them, lie as NHWC
/// there; all others row-major. ReLUs and clips are bounds of the layer before them where nothing else reads between.
/// </summary>
internal sealed unsafe class SubgraphBuilder
{
    private const uint InputId = 0;
    private const uint OutputId = 1;

    private readonly Graph graph;
    private readonly nint subgraph;
    private readonly XnnBuffers weights;
    private readonly Dictionary<string, Value> values = [];
    private readonly Dictionary<string, (string Output, Bounds Bounds)> fused = [];
    private readonly HashSet<string> done = [];

    /// <param name="graph">After simplification; one input, one output.</param>
    /// <param name="subgraph">Made with two external values: 0 is the input, 1 the output.</param>
    /// <param name="weights">Takes the weights in XNNPACK's order; must outlive subgraph and runtime.</param>
    private SubgraphBuilder(Graph graph, nint subgraph, XnnBuffers weights)
    {
        this.graph = graph;
        this.subgraph = subgraph;
        this.weights = weights;
    }

    /// <summary>The order of values in memory; null for row-major.</summary>
    private readonly record struct Value(uint Id, ChannelOrder? Order);

    /// <summary>What a layer's results are cut to.</summary>
    private readonly record struct Bounds(float Min, float Max)
    {
        public static Bounds None => new(float.NegativeInfinity, float.PositiveInfinity);

        /// <summary>The bounds that a node is, or null where it is something else.</summary>
        public static Bounds? Of(Node node) => node switch
        {
            Relu => new Bounds(0, float.PositiveInfinity),
            Clip clip => new Bounds(clip.Min, clip.Max),
            _ => null,
        };
    }

    /// <exception cref="PeerUnavailableException">A layer cannot be expressed; the message names it and says why.</exception>
    public static (ChannelOrder? Input, ChannelOrder? Output) Build(Graph graph, nint subgraph, XnnBuffers weights)
    {
        SubgraphBuilder builder = new(graph, subgraph, weights);
        builder.FuseBounds();
        Value input = builder.Define(graph.Inputs[0].Name);
        foreach (Node node in graph.Nodes.Where(n => !builder.done.Contains(n.Name)))
        {
            builder.AddNode(node);
        }

        Value output = builder.values[graph.Outputs[0]];
        return output.Id == OutputId
            ? (input.Order, output.Order)
            : throw new PeerUnavailableException($"XNNPACK has no operator that only flattens, and the output '{graph.Outputs[0]}' needs one");
    }

    private void FuseBounds()
    {
        foreach (Node node in graph.Nodes.Where(n => n is Conv2d or Linear or Add or MaxPool or AveragePool or GlobalAveragePool or BatchNorm))
        {
            if (!graph.Outputs.Contains(node.Output) && graph.ConsumersOf(node.Output).Take(2).ToArray() is [Node only]
                && Bounds.Of(only) is { } bounds)
            {
                fused[node.Name] = (only.Output, bounds);
                done.Add(only.Name);
            }
        }
    }

    private void AddNode(Node node)
    {
        (string output, Bounds bounds) = fused.GetValueOrDefault(node.Name, (node.Output, Bounds.None));
        XnnStatus status;
        switch (node)
        {
            case Flatten flatten:
                // Only a name for the same memory: weights and results take the order of channels into account.
                Value flat = values[flatten.Input];
                values[output] = flat.Order is null || flatten.Axis is 0 or 1
                    ? flat
                    : throw Inexpressible(node, $"it flattens from dimension {flatten.Axis} on");
                return;
            case Conv2d conv:
                status = AddConvolution(conv, bounds, Define(output).Id);
                break;
            case Linear linear:
                status = AddLinear(linear, bounds, Define(output).Id);
                break;
            case BatchNorm norm:
                status = AddScale(norm, bounds, Define(output).Id);
                break;
            case MaxPool pool:
                (Window2d w, Value from) = (Padded(pool.Window, pool.CeilMode, pool), Planes(pool, pool.Input));
                status = XnnpackNative.DefineMaxPooling(
                    subgraph, (uint)w.PadTop, (uint)w.PadRight, (uint)w.PadBottom, (uint)w.PadLeft, (uint)w.KernelY, (uint)w.KernelX,
                    (uint)w.StrideY, (uint)w.StrideX, (uint)w.DilationY, (uint)w.DilationX, bounds.Min, bounds.Max, from.Id, Define(output).Id, 0);
                break;
            case AveragePool pool:
                status = AddAveragePool(pool, bounds, output);
                break;
            case GlobalAveragePool pool:
                status = XnnpackNative.DefineGlobalAveragePooling(
                    subgraph, bounds.Min, bounds.Max, Planes(pool, pool.Input).Id, Define(output).Id, 0);
                break;
            case Add add:
                if (values[add.Left].Order != values[add.Right].Order)
                {
                    throw Inexpressible(node, "it adds values whose channels lie in different orders");
                }

                status = XnnpackNative.DefineAdd(
                    subgraph, bounds.Min, bounds.Max, values[add.Left].Id, values[add.Right].Id, Define(output, values[add.Left].Order).Id, 0);
                break;
            case PointwiseActivation activation:
                status = AddActivation(activation);
                break;
            case Softmax softmax:
                status = XnnpackNative.DefineSoftmax(
                    subgraph, OverLastDimension(softmax).Id, Define(output, values[softmax.Input].Order).Id, 0);
                break;
            default:
                throw Inexpressible(node, "there is no XNNPACK operator for it here");
        }

        XnnpackLibrary.Check(status, $"{node.Operator} '{node.Name}'");
    }

    private XnnStatus AddActivation(PointwiseActivation activation)
    {
        Value input = values[activation.Input];
        uint output = Define(activation.Output, input.Order).Id;
        return activation switch
        {
            LeakyRelu leaky => XnnpackNative.DefineLeakyRelu(subgraph, leaky.Alpha, input.Id, output, 0),
            HardSwish => XnnpackNative.DefineHardSwish(subgraph, input.Id, output, 0),
            Sigmoid => XnnpackNative.DefineSigmoid(subgraph, input.Id, output, 0),
            _ => Bounds.Of(activation) is { } bounds
                ? XnnpackNative.DefineClamp(subgraph, bounds.Min, bounds.Max, input.Id, output, 0)
                : throw Inexpressible(activation, "there is no XNNPACK operator for it here"),
        };
    }

    private XnnStatus AddConvolution(Conv2d conv, Bounds bounds, uint output)
    {
        Value input = Planes(conv, conv.Input);
        Weight weight = graph.WeightOf(conv.Weight);
        (int outputs, int groupInputs, Window2d w) = (weight.Shape[0], weight.Shape[1], conv.Window);
        int pixels = w.KernelY * w.KernelX;
        int inputs = groupInputs * conv.Groups;
        uint bias = Bias(conv.Bias);
        if (groupInputs == 1 && conv.Groups > 1)
        {
            // [1, kh, kw, out] from [out, 1, kh, kw].
            uint filter = Static(Hwc(weight, new ChannelOrder(outputs, pixels)), 1, w.KernelY, w.KernelX, outputs);
            return XnnpackNative.DefineDepthwise(
                subgraph, (uint)w.PadTop, (uint)w.PadRight, (uint)w.PadBottom, (uint)w.PadLeft, (uint)w.KernelY, (uint)w.KernelX,
                (uint)w.StrideY, (uint)w.StrideX, (uint)w.DilationY, (uint)w.DilationX, (uint)(outputs / inputs), (nuint)inputs,
                bounds.Min, bounds.Max, input.Id, filter, bias, output, 0);
        }

        // OHWI from OIHW.
        uint ohwi = Static(Hwc(weight, new ChannelOrder(groupInputs, pixels)), outputs, w.KernelY, w.KernelX, groupInputs);
        return XnnpackNative.DefineConvolution(
            subgraph, (uint)w.PadTop, (uint)w.PadRight, (uint)w.PadBottom, (uint)w.PadLeft, (uint)w.KernelY, (uint)w.KernelX,
            (uint)w.StrideY, (uint)w.StrideX, (uint)w.DilationY, (uint)w.DilationX, (uint)conv.Groups, (nuint)groupInputs,
            (nuint)(outputs / conv.Groups), bounds.Min, bounds.Max, input.Id, ohwi, bias, output, 0);
    }

    private XnnStatus AddLinear(Linear linear, Bounds bounds, uint output)
    {
        Value input = values[linear.Input];
        Weight weight = graph.WeightOf(linear.Weight);
        if (graph.Shapes[linear.Input].Rank > 3)
        {
            throw Inexpressible(linear, "its input has four dimensions");
        }

        // Columns in the order in which the flattened pixels lie.
        float[] rows = input.Order is { } order ? Hwc(weight, order) : weight.Values.ToArray();
        uint filter = Static(rows, weight.Shape[0], weight.Shape[1]);
        bool isPlain = input.Order is null && graph.Shapes[linear.Input].Rank == graph.Shapes[linear.Output].Rank;
        return XnnpackNative.DefineFullyConnected(
            subgraph, bounds.Min, bounds.Max, input.Id, filter, Bias(linear.Bias), output, isPlain ? 0 : XnnpackNative.FlattenTo2D);
    }

    /// <summary>A BatchNorm that could not be folded: a depthwise convolution of one pixel.</summary>
    private XnnStatus AddScale(BatchNorm norm, Bounds bounds, uint output)
    {
        Value input = Planes(norm, norm.Input);
        ReadOnlySpan<float> scale = graph.WeightOf(norm.Scale).Values.Span;
        ReadOnlySpan<float> shift = graph.WeightOf(norm.Shift).Values.Span;
        ReadOnlySpan<float> mean = graph.WeightOf(norm.Mean).Values.Span;
        ReadOnlySpan<float> variance = graph.WeightOf(norm.Variance).Values.Span;
        float[] factors = new float[scale.Length];
        float[] terms = new float[scale.Length];
        for (int i = 0; i < factors.Length; i++)
        {
            double factor = scale[i] / Math.Sqrt((double)variance[i] + norm.Epsilon);
            factors[i] = (float)factor;
            terms[i] = (float)(shift[i] - (mean[i] * factor));
        }

        return XnnpackNative.DefineDepthwise(
            subgraph, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, (nuint)factors.Length, bounds.Min, bounds.Max,
            input.Id, Static(factors, 1, 1, 1, factors.Length), Static(terms, terms.Length), output, 0);
    }

    private XnnStatus AddAveragePool(AveragePool pool, Bounds bounds, string output)
    {
        Window2d w = Padded(pool.Window, pool.CeilMode, pool);
        if (pool.CountIncludePad && (w.PadTop | w.PadLeft | w.PadBottom | w.PadRight) != 0)
        {
            throw Inexpressible(pool, "its mean counts the padding");
        }

        if (w.DilationY != 1 || w.DilationX != 1)
        {
            throw Inexpressible(pool, "it is dilated");
        }

        return XnnpackNative.DefineAveragePooling(
            subgraph, (uint)w.PadTop, (uint)w.PadRight, (uint)w.PadBottom, (uint)w.PadLeft, (uint)w.KernelY, (uint)w.KernelX,
            (uint)w.StrideY, (uint)w.StrideX, bounds.Min, bounds.Max, Planes(pool, pool.Input).Id, Define(output).Id, 0);
    }

    /// <summary>Rounding up is padding more behind the end: padding never wins, and counts in no mean.</summary>
    private Window2d Padded(Window2d window, bool ceilMode, Node node)
    {
        if (!ceilMode)
        {
            return window;
        }

        TensorShape from = graph.Shapes[node.Inputs[0]];
        TensorShape to = graph.Shapes[node.Output];
        int rows = ((to[2] - 1) * window.StrideY) + (window.DilationY * (window.KernelY - 1)) + 1;
        int columns = ((to[3] - 1) * window.StrideX) + (window.DilationX * (window.KernelX - 1)) + 1;
        return window with
        {
            PadBottom = Math.Max(window.PadBottom, rows - from[2] - window.PadTop),
            PadRight = Math.Max(window.PadRight, columns - from[3] - window.PadLeft),
        };
    }

    private Value OverLastDimension(Softmax softmax)
    {
        Value input = values[softmax.Input];
        int rank = graph.Shapes[softmax.Input].Rank;
        int axis = softmax.Axis < 0 ? softmax.Axis + rank : softmax.Axis;

        // Channels come last in NHWC, and one flattened pixel is its channels.
        bool isLast = input.Order is { } order ? axis == 1 && (rank == 4 || order.Pixels == 1) : axis == rank - 1;
        return isLast ? input : throw Inexpressible(softmax, "XNNPACK's goes over the last dimension alone");
    }

    private Value Planes(Node node, string name)
    {
        Value value = values[name];
        return value.Order is not null && graph.Shapes[name].Rank == 4 ? value : throw Inexpressible(node, "its input has not four dimensions");
    }

    private uint Bias(string? name) =>
        name is null ? XnnpackNative.InvalidValue : Static(graph.WeightOf(name).Values.ToArray(), graph.WeightOf(name).ElementCount);

    /// <summary>Each [channels, pixels] part of the weight as [pixels, channels].</summary>
    private static float[] Hwc(Weight weight, ChannelOrder order)
    {
        float[] result = new float[weight.ElementCount];
        for (int start = 0; start < result.Length; start += order.Count)
        {
            order.ToHwc(weight.Values.Span.Slice(start, order.Count), result.AsSpan(start, order.Count));
        }

        return result;
    }

    private Value Define(string name)
    {
        TensorShape shape = graph.Shapes[name];
        return Define(name, shape.Rank == 4 ? new ChannelOrder(shape[1], shape[2] * shape[3]) : null);
    }

    private Value Define(string name, ChannelOrder? order)
    {
        TensorShape shape = graph.Shapes[name];
        int batch = shape.Rank > 0 && shape[0] == TensorShape.Symbolic ? 1 : shape[0];
        int[] dimensions = shape.Rank == 4 ? [batch, shape[2], shape[3], shape[1]] : [batch, .. shape.Dims.Skip(1)];
        (uint external, uint flags) = name == graph.Inputs[0].Name ? (InputId, XnnpackNative.ExternalInput)
            : IsOutput(name) ? (OutputId, XnnpackNative.ExternalOutput)
            : (XnnpackNative.InvalidValue, 0u);
        Value value = new(DefineTensor(dimensions, null, external, flags), order);
        values[name] = value;
        return value;
    }

    /// <summary>Whether a value is the network's output, or one that only flattening makes the output of.</summary>
    private bool IsOutput(string name) => name == graph.Outputs[0]
        || graph.ConsumersOf(name).Any(n => n is Flatten && IsOutput(n.Output));

    private uint Static(ReadOnlySpan<float> data, params ReadOnlySpan<int> dimensions) =>
        DefineTensor(dimensions, weights.Copy(data), XnnpackNative.InvalidValue, 0);

    private uint DefineTensor(ReadOnlySpan<int> dimensions, float* data, uint external, uint flags)
    {
        nuint* sizes = stackalloc nuint[dimensions.Length];
        for (int i = 0; i < dimensions.Length; i++)
        {
            sizes[i] = (nuint)dimensions[i];
        }

        XnnpackLibrary.Check(
            XnnpackNative.DefineTensor(subgraph, XnnpackNative.Float32, (nuint)dimensions.Length, sizes, data, external, flags, out uint id),
            $"a tensor of {string.Join('×', dimensions.ToArray())}");
        return id;
    }

    private static PeerUnavailableException Inexpressible(Node node, string why) =>
        new($"XNNPACK cannot express {node.Operator} '{node.Name}': {why}");
}
