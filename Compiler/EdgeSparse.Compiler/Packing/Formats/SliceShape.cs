namespace EdgeSparse.Compiler.Packing;

/// <summary>Rows of a slice and columns of a window of SlicedEll.</summary>
internal readonly record struct SliceShape(int Lanes, int Window)
{
    /// <summary>
    /// The window is what permutes can look up in registers: two registers of 512 bits (16 lanes, 32 floats), 256 bits (8, 16) or 128 bits
    /// (4, 8).
    /// </summary>
    /// <exception cref="PackingException">No such vectors.</exception>
    public static SliceShape ForLanes(int lanes) => lanes switch
    {
        16 => new SliceShape(16, 32),
        8 => new SliceShape(8, 16),
        4 => new SliceShape(4, 8),
        _ => throw new PackingException($"vectors of {lanes} floats are not supported; {string.Join(", ", PackOptions.SupportedLanes)} are"),
    };
}
