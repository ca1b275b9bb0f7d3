namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// How a map is shared out to the lanes of a vector: each lane owns a region of RegionY × RegionX slots. The lanes form a grid
/// of regions, or (flat, the grid being 0) take the pixels in row-major order; <see cref="Runtime.Blob.ValueRecord"/> has the
/// formulas.
/// </summary>
internal readonly record struct RegionGeometry(int Lanes, int GridY, int GridX, int RegionY, int RegionX)
{
    /// <summary>Pixels in row-major order, one lane.</summary>
    public static RegionGeometry Planar(PlaneShape shape) => new(1, 1, 1, shape.Height, shape.Width);

    public bool IsPlanar => Lanes == 1;

    public bool IsFlat => GridY == 0;

    /// <summary>Slots of a channel: the vectors that a layer computes for each output channel.</summary>
    public int Slots => RegionY * RegionX;

    /// <summary>
    /// What a window's input must be so that sliding over output slots slides over input slots: the same grid, regions as much
    /// larger as the window strides.
    /// </summary>
    /// <exception cref="PackingException">The regions get larger than 32 bits count.</exception>
    public RegionGeometry BeforeStrides(int strideY, int strideX)
    {
        long rows = (long)RegionY * strideY;
        long columns = (long)RegionX * strideX;
        return rows <= int.MaxValue && columns <= int.MaxValue
            ? this with { RegionY = (int)rows, RegionX = (int)columns }
            : throw new PackingException($"strides of {strideY}×{strideX} need regions of {rows}×{columns} slots; 32 bits must count them");
    }
}
