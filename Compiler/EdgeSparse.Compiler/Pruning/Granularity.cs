using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning;

/// <summary>
/// What is pruned as a whole: single weights, blocks, or groups of M of which N stay. The weight of a layer counts as one matrix
/// for each kernel position and group of a convolution: rows are outputs, columns are inputs (channels of the group).
/// </summary>
public sealed record Granularity
{
    private Granularity(string name, int rows, int columns, int? keptPerGroup = null)
    {
        Name = name;
        Rows = rows;
        Columns = columns;
        KeptPerGroup = keptPerGroup;
    }

    /// <summary>Each weight by itself.</summary>
    public static Granularity Weight { get; } = new("weight", 1, 1);

    public static Granularity Block1x4 { get; } = new("1x4", 1, 4);

    public static Granularity Block4x1 { get; } = new("4x1", 4, 1);

    public static Granularity Block8x1 { get; } = new("8x1", 8, 1);

    public static Granularity Block16x1 { get; } = new("16x1", 16, 1);

    public static Granularity Block4x4 { get; } = new("4x4", 4, 4);

    /// <summary>2:4: two of each four consecutive inputs stay.</summary>
    public static Granularity TwoOfFour { get; } = new("2:4", 1, 4, 2);

    /// <summary>4:8: four of each eight consecutive inputs stay.</summary>
    public static Granularity FourOfEight { get; } = new("4:8", 1, 8, 4);

    public static ImmutableArray<Granularity> All { get; } =
        [Weight, Block1x4, Block4x1, Block8x1, Block16x1, Block4x4, TwoOfFour, FourOfEight];

    /// <summary>As recipes spell it.</summary>
    public string Name { get; }

    /// <summary>Consecutive outputs in a block or group, counted from the first output of a convolution's group.</summary>
    public int Rows { get; }

    /// <summary>Consecutive inputs (channels of a convolution's group) in a block or group: M of N:M.</summary>
    public int Columns { get; }

    /// <summary>N of N:M; null where whole blocks go or stay.</summary>
    public int? KeptPerGroup { get; }

    /// <summary>N/M, the share of weights that N:M keeps by itself; null for the others, which a density goes with.</summary>
    public double? FixedDensity => (double?)KeptPerGroup / Columns;

    public bool IsSingleWeights => Rows == 1 && Columns == 1;

    /// <summary>The granularity that recipes spell so, or null.</summary>
    public static Granularity? Find(string name) => All.FirstOrDefault(g => g.Name == name);

    /// <summary>
    /// Why a layer cannot be pruned so, as a predicate (<c>is a depthwise convolution</c>), or null when it can. Blocks and groups
    /// need more than one channel in the directions in which they extend, and a depthwise convolution has none to offer.
    /// </summary>
    /// <param name="node">A layer with a prunable weight.</param>
    /// <param name="shape">Of its weight, [out, in/groups, …].</param>
    public string? MisfitOf(Node node, TensorShape shape)
    {
        int groups = node is Conv2d conv ? conv.Groups : 1;
        return IsSingleWeights ? null
            : groups > 1 && shape[1] == 1 ? "is a depthwise convolution"
            : Columns > 1 && shape[1] == 1 ? "has only one input channel"
            : Rows > 1 && shape[0] == groups ? $"has only one output channel{(groups > 1 ? " a group" : "")}"
            : null;
    }

    /// <summary>One line for a layer that cannot be pruned so, or null when it can.</summary>
    internal string? RefusalOf(Node node, TensorShape shape) => MisfitOf(node, shape) is { } misfit
        ? $"layer '{node.Name}' {misfit}, where the granularity {Name} makes no sense. Allowed: {string.Join(", ", All.Where(g => g.MisfitOf(node, shape) is null))}"
        : null;

    public override string ToString() => Name;
}
