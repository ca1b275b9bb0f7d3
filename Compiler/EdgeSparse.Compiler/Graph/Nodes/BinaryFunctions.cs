namespace EdgeSparse.Compiler.Graphs;

/// <summary>The functions of two elements in double precision.</summary>
internal static class BinaryFunctions
{
    public static double Apply(BinaryFunction function, double x, double y) => function switch
    {
        BinaryFunction.Add => x + y,
        BinaryFunction.Sub => x - y,
        BinaryFunction.Mul => x * y,
        BinaryFunction.Div => x / y,
        BinaryFunction.IntegerDiv => Math.Truncate(x / y),
        BinaryFunction.Pow => Math.Pow(x, y),
        BinaryFunction.Min => Math.Min(x, y),
        BinaryFunction.Max => Math.Max(x, y),
        BinaryFunction.PRelu => x < 0 ? x * y : x,
        BinaryFunction.Fmod => x % y,
        BinaryFunction.Mod => x - (y * Math.Floor(x / y)),
        BinaryFunction.Equal => Flag(x == y),
        BinaryFunction.Less => Flag(x < y),
        BinaryFunction.LessOrEqual => Flag(x <= y),
        BinaryFunction.Greater => Flag(x > y),
        BinaryFunction.GreaterOrEqual => Flag(x >= y),
        BinaryFunction.And => Flag(x != 0 && y != 0),
        BinaryFunction.Or => Flag(x != 0 || y != 0),
        BinaryFunction.Xor => Flag((x != 0) != (y != 0)),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, null),
    };

    private static double Flag(bool holds) => holds ? 1 : 0;
}
