namespace EdgeSparse.Compiler.Packing;

/// <summary>How the formats of layers were chosen.</summary>
/// <param name="Measured">By measuring.</param>
/// <param name="Known">By times that the cost table has of the same layer.</param>
/// <param name="Predicted">By fitted costs.</param>
/// <param name="Costs">The cost table, or null.</param>
public sealed record TuningCount(int Measured, int Known, int Predicted, string? Costs);
