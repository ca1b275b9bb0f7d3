namespace EdgeSparse.Runtime.Kernels;

/// <summary>What a relayout copies, the same for every channel. Slots and elements count from a channel's slot (0, 0).</summary>
internal unsafe struct RelayoutTable
{
    public RelayoutTile* Tiles;
    public int TileCount;

    /// <summary>One a lane for each tile that is not whole.</summary>
    public RelayoutEdge* Edges;

    /// <summary>Of edges towards a blocked value.</summary>
    public RelayoutPattern* Patterns;

    /// <summary>Pairs: the element that is written, and the one that is read.</summary>
    public int* Pairs;
    public int PairCount;

    /// <summary>Elements that get the frame's number.</summary>
    public int* Fills;
    public int FillCount;

    /// <summary>1 where both values have the same regions: their rows of slots are copied as they are.</summary>
    public int CopiesRows;

    /// <summary>Null, or a step that fills the output's frame when a channel's pixels are in its region.</summary>
    public Step* FrameStep;

    /// <summary>Pixels from the first of lane 0 to the first of each lane.</summary>
    public fixed int LaneOffsets[16];
}

/// <summary>Four slots side by side, all lanes: four consecutive pixels of each lane.</summary>
internal struct RelayoutTile
{
    public int Slot;

    /// <summary>The first pixel of lane 0; the others' are <see cref="RelayoutTable.LaneOffsets"/> further on.</summary>
    public int Pixel;

    /// <summary>The place of lane 0's edge, −1 where the map has all pixels of the tile.</summary>
    public int Edge;
}

/// <summary>What the map has of a lane's four pixels.</summary>
internal struct RelayoutEdge
{
    /// <summary>The first pixel that is read or written: towards a blocked value four pixels of the channel from here on exist.</summary>
    public int Pixel;

    /// <summary>Towards a blocked value the index of a pattern; towards a planar one how many pixels there are, the first ones.</summary>
    public int Pattern;
}

/// <summary>How four loaded pixels go to four slots.</summary>
internal unsafe struct RelayoutPattern
{
    /// <summary>The byte that each byte comes from, 255 for none.</summary>
    public fixed byte Places[16];

    /// <summary>The frame's number where there is no pixel, else zeros.</summary>
    public fixed byte Fill[16];
}
