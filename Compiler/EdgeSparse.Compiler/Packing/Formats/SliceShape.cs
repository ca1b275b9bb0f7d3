namespace EdgeSparse.Compiler.Packing;

/// <summary>What slices of SlicedEll look like.</summary>
/// <param name="Lanes">Rows of a slice.</param>
/// <param name="Window">Columns of a window.</param>
/// <param name="Entries">Entries of a unit, which share a window: their inputs are loaded once.</param>
/// <param name="Step">Windows begin at multiples of this.</param>
internal readonly record struct SliceShape(int Lanes, int Window, int Entries, int Step)
{
    /// <summary>
    /// The window is what table lookups reach: 64 columns in two registers of 512 bits that hold 16-bit halves of inputs, 32 in
    /// two of 128 bits that hold bytes (256-bit ones look the bytes of two entries up at once). Longer units and coarser steps
    /// make loads cheaper and fill fewer lanes; these were the fastest.
    /// </summary>
    /// <param name="lanes">Floats of a vector.</param>
    /// <exception cref="PackingException">No such vectors.</exception>
    public static SliceShape ForLanes(int lanes) => lanes switch
    {
        16 => new SliceShape(16, 64, 4, 16),
        8 => new SliceShape(16, 32, 2, 1),
        4 => new SliceShape(16, 32, 1, 1),
        _ => throw new PackingException($"vectors of {lanes} floats are not supported; {string.Join(", ", PackOptions.SupportedLanes)} are"),
    };
}
