using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Graphs;

/// <summary>A small network for every kind of node and every way it can be told to work: what exporters and lowerings are checked on.</summary>
internal static class SampleGraphs
{
    private static readonly TensorShape Image = new(TensorShape.Symbolic, 4, 6, 5);
    private static readonly TensorShape Rows = new(TensorShape.Symbolic, 3, 8);

    /// <summary>By a name that says what is in it; each has one input and one output.</summary>
    public static readonly IReadOnlyDictionary<string, Graph> All = Create().ToDictionary(g => g.Name);

    private static IEnumerable<Graph> Create()
    {
        foreach (PointwiseFunction function in Enum.GetValues<PointwiseFunction>().Where(f => f != PointwiseFunction.Not))
        {
            bool positive = function is PointwiseFunction.Log or PointwiseFunction.Sqrt or PointwiseFunction.Reciprocal;
            (float a, float b) = function switch
            {
                PointwiseFunction.Elu => (0.7f, 0f),
                PointwiseFunction.Selu => (1.6732632f, 1.050701f),
                PointwiseFunction.HardSigmoid => (0.3f, 0.4f),
                _ => (0f, 0f),
            };
            Network network = new($"{function}", Rows);
            string x = positive ? network.Add(new Pointwise("exp", "input", "exp.out", PointwiseFunction.Exp)) : network.Add(new LeakyRelu("leaky", "input", "leaky.out", 0.5f));
            yield return network.End(new Pointwise("f", x, "y", function, a, b));
        }

        foreach (BinaryFunction function in Enum.GetValues<BinaryFunction>())
        {
            bool logical = function is BinaryFunction.And or BinaryFunction.Or or BinaryFunction.Xor;
            bool whole = function is BinaryFunction.IntegerDiv or BinaryFunction.Mod;
            Network network = new($"{function} of two", Rows);
            string x = network.Add(new Relu("relu", "input", "relu.out"));
            string y = network.Constant("c", ElementType.Float32, [8], [0.5f, 1.5f, 2, 2.5f, -1, 0.25f, 3, 1]);
            if (logical || whole)
            {
                x = network.Add(new Cast("scale", network.Add(new Binary("tens", x, network.Constant("ten", ElementType.Float32, [], [10]), "tens.out", BinaryFunction.Mul)), "whole.x", logical ? ElementType.Bool : ElementType.Int32));
                y = network.Constant("d", logical ? ElementType.Bool : ElementType.Int32, [3, 1], logical ? [1, 0, 1] : [3, -2, 4]);
            }

            string result = network.Add(new Binary("f", x, y, "f.out", function));
            yield return network.End(new Cast("float", result, "y", ElementType.Float32));
        }

        yield return new Network("Where and Not", Rows).Choice();
        yield return new Network("Cast", Rows).Searched(n => new Cast("c", n.Add(new Binary("b", "input", n.Constant("scale", ElementType.Float32, [], [300]), "b.out", BinaryFunction.Mul)), "c.out", ElementType.Int16));
        yield return new Network("MatMul", Rows).End("m", n => new MatMul("m", "input", n.Add(new Transpose("t", "input", "t.out", [0, 2, 1])), "m.out"));
        yield return new Network("Linear of rows", Rows).End("fc", n => new Linear("fc", "input", "fc.out", n.Weight("fc.weight", 5, 8), n.Weight("fc.bias", 5)));
        yield return new Network("Reshape", Image).End("r", _ => new Reshape("r", "input", "r.out", new TensorShape(TensorShape.Symbolic, 2, 60)));
        yield return new Network("Transpose", Image).End("t", _ => new Transpose("t", "input", "t.out", [0, 2, 3, 1]));
        yield return new Network("Concat", Image).End("c", n => new Concat("c", ["input", n.Add(new Relu("r", "input", "r.out")), "input"], "c.out", 1));
        yield return new Network("Slice", Image).End("s", _ => new Slice("s", "input", "s.out", [SliceRange.Whole(TensorShape.Symbolic), new(3, -1, 4), new(1, 2, 3), new(4, -3, 2)]));
        foreach (PadMode mode in Enum.GetValues<PadMode>())
        {
            yield return new Network($"Pad {mode}", Image).End("p", _ => new Pad("p", "input", "p.out", [0, 0, 2, 1], [0, 0, 1, 3], mode, mode == PadMode.Constant ? 0.5f : 0));
        }

        yield return new Network("Expand", new TensorShape(TensorShape.Symbolic, 1, 4)).End("e", _ => new Expand("e", "input", "e.out", new TensorShape(TensorShape.Symbolic, 3, 4)));
        yield return new Network("Gather", Rows).End("g", _ => new Gather("g", "input", "g.out", 2, [7, 0, 0, 3, 2, 6], new TensorShape(2, 3)));
        yield return new Network("Gather one", Rows).End("g", _ => new Gather("g", "input", "g.out", 1, [2], new TensorShape()));
        yield return new Network("GatherAt places searched", Rows).End("g", n => new GatherAt("g", n.Constant("t", ElementType.Float32, [8, 3], [.. Enumerable.Range(0, 24).Select(i => i / 8f)]), n.Add(new ArgExtreme("a", n.Rounded(), "a.out", true, 2, false, false)), "g.out", 0));
        yield return new Network("GatherAt from the end", Rows).End("g", n => new GatherAt("g", "input", n.Constant("i", ElementType.Int64, [2, 2], [1, -1, 0, -3]), "g.out", 2));
        yield return new Network("DepthToSpace DCR", Image).End("d", _ => new DepthToSpace("d", "input", "d.out", 2, false));
        yield return new Network("DepthToSpace CRD", Image).End("d", _ => new DepthToSpace("d", "input", "d.out", 2, true));
        yield return new Network("SpaceToDepth", new TensorShape(TensorShape.Symbolic, 2, 4, 6)).End("s", _ => new SpaceToDepth("s", "input", "s.out", 2));
        foreach (Graph resize in Resizes())
        {
            yield return resize;
        }

        foreach (ReduceFunction function in Enum.GetValues<ReduceFunction>())
        {
            yield return new Network($"Reduce {function}", Image).End("r", _ => new Reduce("r", "input", "r.out", function, [1, 3], function == ReduceFunction.Max));
        }

        foreach (bool last in new[] { false, true })
        {
            yield return new Network($"ArgMax {last}", Rows).Searched(n => new ArgExtreme("a", n.Rounded(), "a.out", true, 2, last, last));
            yield return new Network($"ArgMin {last}", Rows).Searched(n => new ArgExtreme("a", n.Rounded(), "a.out", false, 1, !last, last));
            yield return new Network($"TopK {last}", Rows).End("k", n => new TopK("k", n.Rounded(), "k.out", 3, 2, last, false));
            yield return new Network($"TopK places {last}", Rows).Searched(n => new TopK("k", n.Rounded(), "k.out", 3, 2, last, true));
        }

        yield return new Network("GlobalMaxPool", Image).End("p", _ => new GlobalMaxPool("p", "input", "p.out"));
        yield return new Network("LayerNorm", Image).End("n", n => new LayerNorm("n", "input", "n.out", n.Weight("scale", 6, 5), n.Weight("shift", 6, 5), 2, 1e-3f));
        yield return new Network("LayerNorm without shift", Rows).End("n", n => new LayerNorm("n", "input", "n.out", n.Weight("scale", 8), null, 2, 1e-3f));
        yield return new Network("InstanceNorm", Image).End("n", n => new InstanceNorm("n", "input", "n.out", n.Weight("scale", 4), n.Weight("shift", 4), 1e-3f));
        yield return new Network("GroupNorm", Image).End("n", n => new GroupNorm("n", "input", "n.out", n.Weight("scale", 4), n.Weight("shift", 4), 2, 1e-3f));
        yield return new Network("LocalResponseNorm", Image).End("n", _ => new LocalResponseNorm("n", "input", "n.out", 3, 0.5f, 0.75f, 1.5f));
        yield return new Network("LogSoftmax", Rows).End("s", _ => new Softmax("s", "input", "s.out", 2, true));
    }

    private static IEnumerable<Graph> Resizes()
    {
        ResizeCoordinates[] exact = [ResizeCoordinates.HalfPixel, ResizeCoordinates.PytorchHalfPixel, ResizeCoordinates.AlignCorners, ResizeCoordinates.Asymmetric];
        foreach (ResizeCoordinates coordinates in exact)
        {
            yield return Resized($"Resize linear {coordinates}", 12, 8, n => n with { Mode = ResizeMode.Linear, Coordinates = coordinates });
            yield return Resized($"Resize cubic {coordinates}", 4, 10, n => n with { Mode = ResizeMode.Cubic, Coordinates = coordinates });
        }

        foreach (ResizeRounding rounding in Enum.GetValues<ResizeRounding>())
        {
            yield return Resized($"Resize nearest {rounding}", 12, 3, n => n with { Rounding = rounding, Coordinates = ResizeCoordinates.Asymmetric });
        }

        yield return Resized("Resize cubic within", 3, 10, n => n with { Mode = ResizeMode.Cubic, ExcludeOutside = true });
        yield return Resized("Resize linear stretched", 3, 2, n => n with { Mode = ResizeMode.Linear, Antialias = true });
    }

    private static Graph Resized(string name, int rows, int columns, Func<Resize, Resize> change) => new Network(name, Image).End(
        "r",
        _ => change(new Resize(
            "r", "input", "r.out", new TensorShape(TensorShape.Symbolic, 4, rows, columns), [1, 1, rows / 6.0, columns / 5.0], ResizeMode.Nearest,
            ResizeCoordinates.HalfPixel, ResizeRounding.RoundPreferFloor)));

    /// <summary>Nodes one after another, with seeded weights.</summary>
    private sealed class Network(string name, TensorShape input)
    {
        private readonly Random random = new(name.Length);
        private readonly ImmutableArray<Node>.Builder nodes = ImmutableArray.CreateBuilder<Node>();
        private readonly ImmutableDictionary<string, Weight>.Builder weights = ImmutableDictionary.CreateBuilder<string, Weight>();

        public string Add(Node node)
        {
            nodes.Add(node);
            return node.Output;
        }

        public string Weight(string weight, params int[] dims)
        {
            float[] values = [.. Enumerable.Range(0, new TensorShape(dims).ElementCount).Select(_ => (random.NextSingle() * 2) - 1)];
            weights[weight] = new Weight(weight, new TensorShape(dims), values);
            return weight;
        }

        public string Constant(string weight, ElementType type, int[] dims, float[] values)
        {
            weights[weight] = new Weight(weight, new TensorShape(dims), values);
            return Add(new Constant($"{weight}.node", $"{weight}.out", weight, type));
        }

        /// <summary>Quarters, so that some elements are equal.</summary>
        public string Rounded() => Add(new Pointwise("round", Add(new Binary("four", "input", Constant("f", ElementType.Float32, [], [4]), "four.out", BinaryFunction.Mul)), "round.out", PointwiseFunction.Round));

        public Graph End(string _, Func<Network, Node> last) => End(last(this));

        public Graph Searched(Func<Network, Node> last) => End(new Cast("float", Add(last(this)), "y", ElementType.Float32));

        public Graph Choice()
        {
            string condition = Add(new Binary("less", "input", Constant("half", ElementType.Float32, [], [0.5f]), "less.out", BinaryFunction.Less));
            return End(new Where("w", Add(new Pointwise("not", condition, "not.out", PointwiseFunction.Not)), "input", Constant("c", ElementType.Float32, [8], [1, 2, 3, 4, 5, 6, 7, 8]), "w.out"));
        }

        public Graph End(Node last)
        {
            nodes.Add(last);
            return new Graph(name, [new GraphValue("input", input)], [last.Output], nodes.ToImmutable(), weights.ToImmutable());
        }
    }
}
