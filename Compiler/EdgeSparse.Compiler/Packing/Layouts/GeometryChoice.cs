namespace EdgeSparse.Compiler.Packing;

/// <summary>The geometries that hold a map in the fewest slots.</summary>
internal static class GeometryChoice
{
    /// <summary>Rows of slots this long make wide tiles that need no tables of places.</summary>
    private const int WideRow = 4;

    /// <summary>Columns of flat slots: a row should be a panel that a tile or two cover.</summary>
    private const int ShortestFlatRow = 7;
    private const int LongestFlatRow = 16;
    private const int PreferredFlatRow = 8;

    /// <summary>
    /// Slots that a grid may have beyond the fewest, as a part of these: a reader that wants the grid is then spared a copy, which
    /// costs more than so little arithmetic.
    /// </summary>
    private const int FurtherSlots = 50;

    /// <summary>
    /// The grids of <paramref name="lanes"/> regions with the fewest slots or 2 % more, best first: fewest slots, then those with
    /// rows of at least four slots, then those with the least halo around a region.
    /// </summary>
    public static IReadOnlyList<RegionGeometry> Grids(PlaneShape shape, int lanes)
    {
        IReadOnlyList<RegionGeometry> grids = AllGrids(shape, lanes);
        int fewest = grids.Min(g => g.Slots);
        return
        [
            .. grids.Where(g => g.Slots <= fewest + (fewest / FurtherSlots))
                .OrderBy(g => g.Slots)
                .ThenBy(g => g.RegionX < WideRow)
                .ThenBy(g => g.RegionY + g.RegionX)
                .ThenBy(g => Math.Max(g.GridY, g.GridX)),
        ];
    }

    /// <summary>The grids of <paramref name="lanes"/> regions, each with the smallest regions that hold the map.</summary>
    public static IReadOnlyList<RegionGeometry> AllGrids(PlaneShape shape, int lanes)
    {
        List<RegionGeometry> grids = [];
        for (int gridX = 1; gridX <= lanes; gridX *= 2)
        {
            int gridY = lanes / gridX;
            grids.Add(new RegionGeometry(lanes, gridY, gridX, DivideUp(shape.Height, gridY), DivideUp(shape.Width, gridX)));
        }

        return grids;
    }

    /// <summary>The flat geometry with the fewest slots in rows of 7 to 16, one row where that suffices.</summary>
    public static RegionGeometry Flat(PlaneShape shape, int lanes)
    {
        int slots = (int)((((long)shape.Height * shape.Width) + lanes - 1) / lanes);
        if (slots <= LongestFlatRow)
        {
            return new RegionGeometry(lanes, 0, 0, 1, slots);
        }

        return Enumerable.Range(ShortestFlatRow, LongestFlatRow - ShortestFlatRow + 1)
            .Select(columns => new RegionGeometry(lanes, 0, 0, DivideUp(slots, columns), columns))
            .OrderBy(g => g.Slots)
            .ThenBy(g => Math.Abs(g.RegionX - PreferredFlatRow))
            .First();
    }

    private static int DivideUp(int length, int parts) => (int)(((long)length + parts - 1) / parts);
}
