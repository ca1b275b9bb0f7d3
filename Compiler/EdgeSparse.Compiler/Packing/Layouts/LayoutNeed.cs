namespace EdgeSparse.Compiler.Packing;

/// <summary>What a reader asks of the layout of a value.</summary>
/// <param name="Geometry">The regions, exactly.</param>
/// <param name="Halo">Slots around the regions, at least.</param>
/// <param name="Frame">What they hold.</param>
internal readonly record struct LayoutNeed(RegionGeometry Geometry, Halo Halo = default, FrameNeed Frame = FrameNeed.None)
{
    /// <summary>Whether one value can serve both.</summary>
    public bool AgreesWith(LayoutNeed other) => Geometry == other.Geometry && FrameNeeds.Agree(Frame, other.Frame);

    /// <summary>What serves both of two that agree.</summary>
    public LayoutNeed Union(LayoutNeed other) => new(Geometry, Halo.Union(other.Halo), FrameNeeds.Union(Frame, other.Frame));

    public ValueLayout ToLayout(string owner, PlaneShape shape) => Geometry.IsPlanar
        ? ValueLayout.Planar(owner, shape)
        : ValueLayout.Blocked(owner, shape, Geometry, Halo, FrameNeeds.ToFrame(Frame));
}
