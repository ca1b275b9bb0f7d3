using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Graphs;

/// <summary>A function of each element alone. It need not keep zeros: Sigmoid makes 0.5 of them.</summary>
public abstract record PointwiseActivation(string Name, string Input, string Output)
    : Node(Name, Output)
{
    public override ImmutableArray<string> Inputs => [Input];

    /// <summary>The function in double precision.</summary>
    public abstract double Apply(double x);
}

/// <summary>max(x, 0).</summary>
public sealed record Relu(string Name, string Input, string Output)
    : PointwiseActivation(Name, Input, Output)
{
    public override double Apply(double x) => Math.Max(x, 0);
}

/// <summary>x where it is not negative, else alpha · x.</summary>
/// <param name="Alpha">Finite.</param>
public sealed record LeakyRelu(string Name, string Input, string Output, float Alpha)
    : PointwiseActivation(Name, Input, Output)
{
    public override double Apply(double x) => x < 0 ? Alpha * x : x;
}

/// <summary>min(max(x, Min), Max); ReLU6 is that of 0 and 6.</summary>
/// <param name="Min">Not NaN; <see cref="float.MinValue"/> for none.</param>
/// <param name="Max">Not NaN; <see cref="float.MaxValue"/> for none. Where it is below Min, everything becomes Max.</param>
public sealed record Clip(string Name, string Input, string Output, float Min, float Max)
    : PointwiseActivation(Name, Input, Output)
{
    public override double Apply(double x) => Math.Min(Math.Max(x, Min), Max);
}

/// <summary>x · min(max(x/6 + 1/2, 0), 1) (Howard et al. 2019, "Searching for MobileNetV3", section 5.2).</summary>
public sealed record HardSwish(string Name, string Input, string Output)
    : PointwiseActivation(Name, Input, Output)
{
    public override double Apply(double x) => x * Math.Clamp((x / 6) + 0.5, 0, 1);
}

/// <summary>1 / (1 + e⁻ˣ).</summary>
public sealed record Sigmoid(string Name, string Input, string Output)
    : PointwiseActivation(Name, Input, Output)
{
    public override double Apply(double x) => 1 / (1 + Math.Exp(-x));
}
