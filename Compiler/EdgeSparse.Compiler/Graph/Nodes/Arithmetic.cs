using System.Collections.Immutable;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>A constant as an activation, for operators that take activations; nothing is computed.</summary>
/// <param name="Weight">The weight whose values and shape it has.</param>
/// <param name="Type">What its elements are to the network; the weight holds them as fp32.</param>
public sealed record Constant(string Name, string Output, string Weight, ElementType Type = ElementType.Float32)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [];

    public override IEnumerable<string> WeightNames => [Weight];
}

/// <summary>A function of two elements, operands broadcast as ONNX defines it: aligned at the last dimension, length 1 repeated.</summary>
public sealed record Binary(string Name, string Left, string Right, string Output, BinaryFunction Function)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Left, Right];
}

/// <summary>Functions of two elements x and y.</summary>
public enum BinaryFunction
{
    Add,
    Sub,
    Mul,
    Div,

    /// <summary>x/y of integers, rounded towards zero.</summary>
    IntegerDiv,
    Pow,
    Min,
    Max,

    /// <summary>x where it is not negative, else x · y (He et al. 2015, "Delving Deep into Rectifiers").</summary>
    PRelu,

    /// <summary>The remainder that has the sign of x.</summary>
    Fmod,

    /// <summary>The remainder that has the sign of y.</summary>
    Mod,

    /// <summary>1 or 0, as the following ones.</summary>
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
    Xor,
}

/// <summary>Left where the condition is not 0, else Right; all three broadcast.</summary>
public sealed record Where(string Name, string Condition, string Left, string Right, string Output)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Condition, Left, Right];
}

/// <summary>Other elements of the same value: floats to integers round towards zero, integers wrap, bool is whether x ≠ 0.</summary>
public sealed record Cast(string Name, string Input, string Output, ElementType To)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];
}

/// <summary>The matrix product of two activations [..., m, k] · [..., k, n], leading dimensions broadcast; neither is a weight.</summary>
public sealed record MatMul(string Name, string Left, string Right, string Output)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Left, Right];
}
