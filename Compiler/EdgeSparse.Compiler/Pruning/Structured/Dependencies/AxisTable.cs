using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning.Structured.Dependencies;

/// <summary>The axes of all activations and weights of a graph, and the ties between their positions.</summary>
internal sealed class AxisTable
{
    private static readonly Pin Single = new(PinKind.Shape, "there is only one");

    private readonly Dictionary<(string Tensor, bool IsWeight, int Axis), TensorAxis> byName = [];
    private readonly List<TensorAxis> axes = [];

    public AxisTable(Graph graph)
    {
        Graph = graph;
        int positions = 0;
        foreach (GraphValue input in graph.Inputs)
        {
            positions = Add(input.Name, false, graph.Shapes[input.Name], "", positions);
        }

        foreach (Node node in graph.Nodes)
        {
            positions = Add(node.Output, false, graph.Shapes[node.Output], node.Name, positions);
        }

        foreach (Node node in graph.Nodes)
        {
            foreach (string weight in node.WeightNames.Where(w => !byName.ContainsKey((w, true, 0))))
            {
                positions = Add(weight, true, graph.WeightOf(weight).Shape, node.Name, positions);
            }
        }

        Couplings = new Couplings(positions);
        foreach (TensorAxis axis in axes.Where(a => a.Length == 1))
        {
            Couplings.Hold(axis.First, Single);
        }
    }

    public Graph Graph { get; }

    public Couplings Couplings { get; }

    public IReadOnlyList<TensorAxis> Axes => axes;

    public TensorShape ShapeOf(string value) => Graph.Shapes[value];

    public TensorAxis Value(string value, int axis) => byName[(value, false, axis)];

    public TensorAxis Weight(string weight, int axis, AxisRole role)
    {
        TensorAxis found = byName[(weight, true, axis)];
        found.Role = found.Role == AxisRole.Other ? role : found.Role;
        return found;
    }

    public TensorAxis Find(string tensor, bool isWeight, int axis) => byName[(tensor, isWeight, axis)];

    /// <summary>Position i of one axis with position i of the other; nothing for an open batch.</summary>
    public void Tie(TensorAxis a, TensorAxis b)
    {
        for (int i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            Couplings.Tie(a.First + i, b.First + i);
        }
    }

    public void Tie(TensorAxis a, int positionOfA, TensorAxis b, int positionOfB) => Couplings.Tie(a.First + positionOfA, b.First + positionOfB);

    public void Hold(TensorAxis axis, Pin pin)
    {
        for (int i = 0; i < axis.Length; i++)
        {
            Couplings.Hold(axis.First + i, pin);
        }
    }

    public void BreakZero(TensorAxis axis)
    {
        for (int i = 0; i < axis.Length; i++)
        {
            Couplings.BreakZero(axis.First + i);
        }
    }

    /// <summary>All axes of two activations of one shape.</summary>
    public void TieAll(string a, string b)
    {
        for (int i = 0; i < ShapeOf(a).Rank; i++)
        {
            Tie(Value(a, i), Value(b, i));
        }
    }

    public void HoldAll(string value, Pin pin)
    {
        for (int i = 0; i < ShapeOf(value).Rank; i++)
        {
            Hold(Value(value, i), pin);
        }
    }

    private int Add(string tensor, bool isWeight, TensorShape shape, string layer, int positions)
    {
        for (int axis = 0; axis < shape.Rank; axis++)
        {
            int length = shape[axis] == TensorShape.Symbolic ? 0 : shape[axis];
            TensorAxis added = new(axes.Count, tensor, isWeight, axis, length) { First = positions, Layer = layer };
            axes.Add(added);
            byName[(tensor, isWeight, axis)] = added;
            positions += length;
        }

        return positions;
    }
}
