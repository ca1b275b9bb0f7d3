using System.Collections.Immutable;
using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// The lowered network while it is made. Values that are only moved elements of others stay unwritten until a reader needs them
/// in memory; what moves them once more is then one movement with the first.
/// </summary>
internal sealed class Lowering
{
    private readonly Graph graph;
    private readonly ImmutableArray<Node>.Builder nodes = ImmutableArray.CreateBuilder<Node>();
    private readonly Dictionary<string, ValueForm> forms = [];
    private readonly Dictionary<string, TensorShape> shapes = [];
    private readonly Dictionary<string, Node> writers = [];
    private readonly Dictionary<string, string> layerOf = [];
    private readonly Dictionary<string, int> readers = [];
    private readonly HashSet<string> names;
    private readonly HashSet<string> emitted = [];
    private readonly Dictionary<string, Constant> constants;
    private readonly ImmutableDictionary<string, Weight>.Builder weights;
    private readonly ImmutableDictionary<string, string>.Builder origins = ImmutableDictionary.CreateBuilder<string, string>();
    private readonly ChannelMovements channels;

    public Lowering(Graph graph)
    {
        this.graph = graph;
        channels = new ChannelMovements(this);
        weights = graph.Weights.ToBuilder();
        names = [.. graph.Nodes.Select(n => n.Name), .. graph.Shapes.Keys];
        constants = graph.Nodes.OfType<Constant>().ToDictionary(c => c.Output);
        foreach (GraphValue input in graph.Inputs)
        {
            shapes[input.Name] = OneSample(input.Shape);
            forms[input.Name] = new Written(input.Name);
        }

        foreach (string read in graph.Nodes.SelectMany(n => n.Inputs.Distinct()).Concat(graph.Outputs))
        {
            readers[read] = readers.GetValueOrDefault(read) + 1;
        }
    }

    /// <summary>A shape with a batch of 1 where it is symbolic.</summary>
    public static TensorShape OneSample(TensorShape shape) => shape.IsBatchSymbolic ? shape.WithBatch(1) : shape;

    public TensorShape ShapeOf(string value) => shapes[value];

    public ValueForm FormOf(string value) => forms[value];

    /// <summary>The shape that a node of the graph writes.</summary>
    public TensorShape ShapeOf(Node node) => OneSample(graph.Shapes[node.Output]);

    /// <summary>The element type of a value of the graph.</summary>
    public Runtime.ElementType TypeOf(string value) => graph.Types[value];

    public Weight WeightOf(string name) => weights[name];

    /// <summary>The constant that a value of the graph is, or null.</summary>
    public Weight? ConstantOf(string value) =>
        constants.TryGetValue(value, out Constant? constant) ? graph.WeightOf(constant.Weight) : null;

    /// <summary>Whether one node alone reads the value, and the caller does not.</summary>
    public bool HasOneReader(string value) => readers.GetValueOrDefault(value) == 1;

    /// <summary>Says what a value is, without writing it.</summary>
    public void Define(string value, TensorShape shape, ValueForm form, string layer)
    {
        shapes[value] = shape;
        forms[value] = form;
        layerOf[value] = layer;
    }

    /// <summary>Adds a step.</summary>
    /// <returns>The value that it writes.</returns>
    public string Emit(Node node, TensorShape shape, string layer)
    {
        nodes.Add(node);
        emitted.Add(node.Name);
        writers[node.Output] = node;
        Define(node.Output, shape, new Written(node.Output), layer);
        if (node.Name != layer)
        {
            origins[node.Name] = layer;
        }

        return node.Output;
    }

    /// <summary>A name that nothing has.</summary>
    public string Fresh(string layer, string part)
    {
        string name = $"{layer}:{part}";
        for (int i = 2; !names.Add(name); i++)
        {
            name = $"{layer}:{part}{i}";
        }

        return name;
    }

    public bool HasWeight(string name) => weights.ContainsKey(name);

    /// <summary>A weight made from others.</summary>
    public string AddWeight(string name, TensorShape shape, ReadOnlySpan<float> values)
    {
        weights[name] = new Weight(name, shape, values);
        return name;
    }

    /// <summary>Adds a constant as a written value.</summary>
    public string EmitConstant(string value, TensorShape shape, ReadOnlySpan<float> values, string layer) => Emit(
        new PlanarStep(value, [], value, OperationKind.Constant, MemoryMarshal.AsBytes(values).ToArray()), shape, layer);

    /// <summary>The written value that a value is; writes it where that has not been done.</summary>
    public string Get(string value)
    {
        if (forms[value] is Written { Value: var written })
        {
            return written;
        }

        ValueForm form = forms[value];
        TensorShape shape = shapes[value];
        string layer = layerOf[value];
        if (form is Literal literal)
        {
            return EmitConstant(value, shape, weights[literal.Weight].Values.Span, layer);
        }

        if (form is Moved { Source: var source } moved && forms[source] is not Written)
        {
            form = moved with { Source = Get(source) };
        }

        // A layer whose step has its name already names what follows after the value.
        string name = emitted.Contains(layer) ? Fresh(layer, "move") : layer;
        return Emit(WriterOf(name, value, shape, form), shape, layer);
    }

    /// <summary>A value under another shape.</summary>
    public string Reshaped(string value, TensorShape shape, string layer)
    {
        if (PlaneShape.Of(shapes[value]) == PlaneShape.Of(shape))
        {
            string same = Get(value);
            string alias = Fresh(layer, "shape");
            Define(alias, shape, new Written(same), layer);
            return alias;
        }

        string reshaped = Fresh(layer, "shape");
        Move(value, Movement.Transposed([shapes[value].ElementCount], 0), reshaped, shape, layer);
        return reshaped;
    }

    /// <summary>Defines a value as moved elements of another.</summary>
    /// <param name="source">Any value.</param>
    /// <param name="movement">From the source's elements.</param>
    /// <param name="value">The value to define.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="layer">The layer that moves.</param>
    /// <param name="fill">The constant where the movement has one.</param>
    public void Move(string source, Movement movement, string value, TensorShape shape, string layer, float fill = 0)
    {
        bool fills = movement.Axes.Any(a => a.Indices?.Contains(SeparableMap.Fill) == true);
        ValueForm form = forms[source] switch
        {
            ChannelJoin join => ChannelMovements.AsMoved(join, PlaneShape.Of(shapes[source])) ?? (ValueForm)join,
            var other => other,
        };
        bool composes = form is Moved before && (!fills || !before.Map.HasFill || before.Fill == fill);
        Moved moved = composes && form is Moved first && first.Map.Then(movement) is { } map
            ? new Moved(first.Source, map, first.Map.HasFill ? first.Fill : fill)
            : new Moved(form is ChannelJoin or Joined ? source : Get(source), SeparableMap.Identity(movement.InputDims).Then(movement)!, fill);
        Define(value, shape, Simplified(moved, shape), layer);
    }

    /// <summary>The lowered network; outputs are written.</summary>
    public LoweredGraph Complete()
    {
        var outputs = ImmutableArray.CreateBuilder<LoweredOutput>();
        foreach (string output in graph.Outputs)
        {
            outputs.Add(new LoweredOutput(output, Get(output), shapes[output], graph.Types[output]));
        }

        HashSet<string> needed = [.. outputs.Select(o => o.Value)];
        ImmutableArray<Node>.Builder kept = ImmutableArray.CreateBuilder<Node>();
        foreach (Node node in nodes.ToArray().Reverse().Where(n => needed.Contains(n.Output)))
        {
            kept.Add(node);
            needed.UnionWith(node.Inputs);
        }

        kept.Reverse();
        ImmutableArray<GraphValue> inputs = [.. graph.Inputs.Select(i => i with { Shape = OneSample(i.Shape) })];
        return new LoweredGraph(
            graph, inputs, outputs.DrainToImmutable(), kept.DrainToImmutable(), shapes.Where(s => forms[s.Key] is Written w && w.Value == s.Key),
            weights.ToImmutable(), origins.ToImmutable());
    }

    /// <summary>Whether the value is one that convolutions and their like write: in slots, most likely.</summary>
    public bool IsInSlots(string written) =>
        !PlaneShape.Of(shapes[written]).IsVector
        && writers.GetValueOrDefault(written) is Conv2d or MaxPool or AveragePool or ChannelsStep or BinaryStep or AffineStep or Add
            or PointwiseActivation or ActivationStep or LocalResponseNorm;

    /// <summary>A whole value of the same planes is that value; whole channels of a map are that; a part of parts is the part.</summary>
    private ValueForm Simplified(Moved moved, TensorShape shape)
    {
        PlaneShape target = PlaneShape.Of(shape);
        PlaneShape source = PlaneShape.Of(shapes[moved.Source]);
        switch (forms[moved.Source])
        {
            case Joined joined when PartThat(joined, moved) is { } part:
                return Simplified(part, shape);
            case ChannelJoin join when channels.Of(moved, source, target) is { } picked:
                return channels.Picked(join, picked) ?? (ValueForm)moved;
            case Written when source == target && moved.Map.IsIdentity:
                return new Written(moved.Source);
            case Written when channels.Of(moved, source, target) is { } picked:
                return channels.Simplified(picked);
            default:
                return moved;
        }
    }

    /// <summary>What lies in one part that is a piece of the value; null for what does not.</summary>
    private static Moved? PartThat(Joined joined, Moved moved)
    {
        if (moved.Map.HasFill)
        {
            return null;
        }

        int first = moved.Map.Places.Sum(t => t.Min());
        int last = moved.Map.Places.Sum(t => t.Max());
        foreach (MapPart part in joined.Parts)
        {
            bool isPiece = part.Strides.SequenceEqual(MapPart.RowMajor(part.Map));
            if (isPiece && first >= part.Offset && last < part.Offset + part.Map.Count)
            {
                // Each dimension from 0 on, so that no place becomes negative; the rest is a dimension of one element.
                SeparableMap within = new([[first - part.Offset], .. moved.Map.Places.Select(t => t.Select(p => p - t.Min()).ToArray())]);
                return part.Map.IsIdentity ? new Moved(part.Source, within, 0)
                    : within.IsIdentity && within.Count == part.Map.Count ? new Moved(part.Source, part.Map, 0)
                    : null;
            }
        }

        return null;
    }

    private Node WriterOf(string name, string value, TensorShape shape, ValueForm form)
    {
        switch (form)
        {
            case ChannelJoin join:
                return channels.WriterOf(name, value, join);
            case Joined joined:
                return new PartsStep(name, value, joined.Parts, 0);
            case Moved moved when moved.Map.IsIdentity && moved.Map.Count == shapes[moved.Source].ElementCount:
                return new ViewStep(name, moved.Source, value);
            case Moved moved:
                return channels.StridedWriterOf(name, value, moved, PlaneShape.Of(shape))
                    ?? new PartsStep(name, value, [MapPart.Whole(moved.Source, moved.Map)], moved.Fill);
            default:
                throw new InvalidOperationException($"'{value}' is written already");
        }
    }
}
