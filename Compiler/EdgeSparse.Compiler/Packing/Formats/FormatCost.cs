namespace EdgeSparse.Compiler.Packing;

/// <summary>What a format's kernel costs, in nanoseconds of one core.</summary>
/// <param name="Weight">A stored weight, zeros of blocks and padding included, times one slot of pixels for a convolution.</param>
/// <param name="Row">Starting a row (row of blocks, slice) of a chunk and storing its sums, for each slot of a convolution.</param>
/// <param name="Layer">Once for a run of the layer.</param>
public sealed record FormatCost(double Weight, double Row, double Layer)
{
    internal double Nanoseconds(WorkCount work) => (Weight * work.Weights) + (Row * work.Rows) + Layer;
}

/// <summary>What one run of a layer does, in the units of <see cref="FormatCost"/>.</summary>
/// <param name="Weights">Stored weights, times slots.</param>
/// <param name="Rows">Rows (of blocks), times chunks, times slots.</param>
internal readonly record struct WorkCount(double Weights, double Rows);
