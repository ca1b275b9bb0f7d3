using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>Finds the tiles of a relayout from <paramref name="input"/> to <paramref name="output"/>, which have the same shape.</summary>
internal sealed unsafe class RelayoutPlan(Planes input, Planes output)
{
    private const int TileColumns = 4;
    private readonly List<RelayoutTile> tiles = [];
    private readonly List<RelayoutEdge> edges = [];
    private readonly List<(int Shift, int Mask)> patterns = [];
    private readonly List<int> pairs = [];
    private readonly List<int> fills = [];

    public void Write(RelayoutTable* table, NativeArena memory)
    {
        if (input.IsPlanar && output.IsPlanar)
        {
            return;
        }

        if (input.IsPlanar)
        {
            ToBlocked();
        }
        else if (output.IsPlanar)
        {
            ToPlanar();
        }
        else if (input.HasRegionsOf(in output) && output.SlotRows == output.RegionY && output.SlotColumns == output.RegionX
            && (table->FrameStep != null || output.Frame == Frame.None))
        {
            table->CopiesRows = 1;
        }
        else
        {
            for (int ry = -output.HaloTop; ry < output.RegionY + output.HaloBottom; ry++)
            {
                AddElements(ry, -output.HaloLeft, output.RegionX + output.HaloRight);
            }
        }

        table->Tiles = Copy(tiles, memory);
        table->TileCount = tiles.Count;
        table->Edges = Copy(edges, memory);
        table->Pairs = Copy(pairs, memory);
        table->PairCount = pairs.Count / 2;
        table->Fills = Copy(fills, memory);
        table->FillCount = fills.Count;
        table->Patterns = (RelayoutPattern*)memory.Allocate((long)patterns.Count * sizeof(RelayoutPattern));
        for (int i = 0; i < patterns.Count; i++)
        {
            WritePattern(table->Patterns + i, patterns[i].Shift, patterns[i].Mask);
        }

        Planes blocked = input.IsPlanar ? output : input;
        for (int lane = 0; lane < blocked.Lanes; lane++)
        {
            table->LaneOffsets[lane] = LaneOffset(in blocked, lane);
        }
    }

    private static T* Copy<T>(List<T> list, NativeArena memory)
        where T : unmanaged
    {
        var to = (T*)memory.Allocate((long)list.Count * sizeof(T));
        list.CopyTo(new Span<T>(to, list.Count));
        return to;
    }

    private static int LaneOffset(in Planes blocked, int lane) => blocked.GridY == 0
        ? lane * blocked.RegionY * blocked.RegionX
        : (lane / blocked.GridX * blocked.RegionY * blocked.Width) + (lane % blocked.GridX * blocked.RegionX);

    /// <summary>Rows of slots and their columns without halo; a flat value whose rows follow on each other is one row.</summary>
    private static (int Rows, int Columns) Region(in Planes blocked) =>
        blocked.GridY == 0 && blocked.RowStride == blocked.RegionX * blocked.Lanes
            ? (1, blocked.RegionY * blocked.RegionX)
            : (blocked.RegionY, blocked.RegionX);

    private static bool IsWhole(in Planes blocked, int ry, int rx)
    {
        int first = blocked.PixelOf(0, ry, rx);
        for (int lane = 0; lane < blocked.Lanes; lane++)
        {
            for (int k = 0; k < TileColumns; k++)
            {
                int pixel = blocked.PixelOf(lane, ry, rx + k);
                if (pixel < 0 || pixel != first + LaneOffset(in blocked, lane) + k)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private void ToBlocked()
    {
        (int rows, int columns) = Region(in output);
        int left = -output.HaloLeft;
        int right = columns + output.HaloRight;
        for (int ry = -output.HaloTop; ry < rows + output.HaloBottom; ry++)
        {
            if (right - left < TileColumns || input.ChannelStride < TileColumns)
            {
                AddElements(ry, left, right);
                continue;
            }

            // The last tile of a row goes over slots of the one before it again.
            for (int column = left; column < right; column += TileColumns)
            {
                AddTileToBlocked(ry, Math.Min(column, right - TileColumns));
            }
        }
    }

    private void AddTileToBlocked(int ry, int rx)
    {
        bool isWhole = IsWhole(in output, ry, rx);
        tiles.Add(new RelayoutTile
        {
            Slot = (ry * output.RowStride) + (rx * output.Lanes),
            Pixel = isWhole ? output.PixelOf(0, ry, rx) : 0,
            Edge = isWhole ? -1 : edges.Count,
        });
        for (int lane = 0; lane < output.Lanes && !isWhole; lane++)
        {
            int mask = 0;
            int start = 0;
            for (int k = 0; k < TileColumns; k++)
            {
                int pixel = output.PixelOf(lane, ry, rx + k);
                if (pixel >= 0)
                {
                    mask |= 1 << k;
                    start = pixel - k;
                }
            }

            // Where four pixels from the first on would leave the channel, they are loaded from elsewhere and moved.
            int loaded = Math.Clamp(start, 0, input.ChannelStride - TileColumns);
            (int, int) pattern = (mask == 0 ? 0 : start - loaded, mask);
            int known = patterns.IndexOf(pattern);
            if (known < 0)
            {
                known = patterns.Count;
                patterns.Add(pattern);
            }

            edges.Add(new RelayoutEdge { Pixel = loaded, Pattern = known });
        }
    }

    private void WritePattern(RelayoutPattern* pattern, int shift, int mask)
    {
        uint fill = BitConverter.SingleToUInt32Bits(output.Frame == Frame.Lowest ? float.NegativeInfinity : 0f);
        for (int i = 0; i < TileColumns * sizeof(float); i++)
        {
            bool hasPixel = (mask >> (i / sizeof(float)) & 1) != 0;
            pattern->Places[i] = hasPixel ? (byte)(i + (shift * sizeof(float))) : byte.MaxValue;
            pattern->Fill[i] = hasPixel ? (byte)0 : (byte)(fill >> (i % sizeof(float) * 8));
        }
    }

    private void ToPlanar()
    {
        (int rows, int columns) = Region(in input);
        for (int ry = 0; ry < rows; ry++)
        {
            for (int column = 0; column < columns && columns >= TileColumns; column += TileColumns)
            {
                AddTileToPlanar(ry, Math.Min(column, columns - TileColumns));
            }
        }

        // Narrow regions, and the pixels that the last lanes have in the halo.
        for (int pixel = 0; pixel < input.Height * input.Width; pixel++)
        {
            (int ry, int rx, int lane) = Place(in input, pixel);
            if (columns < TileColumns || ry >= input.RegionY || rx >= input.RegionX)
            {
                pairs.Add(pixel);
                pairs.Add((ry * input.RowStride) + (rx * input.Lanes) + lane);
            }
        }
    }

    private void AddTileToPlanar(int ry, int rx)
    {
        bool isWhole = IsWhole(in input, ry, rx);
        tiles.Add(new RelayoutTile
        {
            Slot = (ry * input.RowStride) + (rx * input.Lanes),
            Pixel = isWhole ? input.PixelOf(0, ry, rx) : 0,
            Edge = isWhole ? -1 : edges.Count,
        });
        for (int lane = 0; lane < input.Lanes && !isWhole; lane++)
        {
            int count = 0;
            while (count < TileColumns && input.PixelOf(lane, ry, rx + count) >= 0)
            {
                count++;
            }

            edges.Add(new RelayoutEdge { Pixel = Math.Max(input.PixelOf(lane, ry, rx), 0), Pattern = count });
        }
    }

    /// <summary>The slots of a row, element by element.</summary>
    private void AddElements(int ry, int left, int right)
    {
        for (int rx = left; rx < right; rx++)
        {
            for (int lane = 0; lane < output.Lanes; lane++)
            {
                int to = (ry * output.RowStride) + (rx * output.Lanes) + lane;
                int pixel = output.PixelOf(lane, ry, rx);
                if (pixel < 0)
                {
                    fills.Add(to);
                    continue;
                }

                (int fromY, int fromX, int fromLane) = Place(in input, pixel);
                pairs.Add(to);
                pairs.Add((fromY * input.RowStride) + (fromX * input.Lanes) + fromLane);
            }
        }
    }

    /// <summary>Slot and lane of a pixel.</summary>
    private static (int Ry, int Rx, int Lane) Place(in Planes planes, int pixel)
    {
        if (planes.GridY == 0)
        {
            int region = planes.RegionY * planes.RegionX;
            return (pixel % region / planes.RegionX, pixel % planes.RegionX, pixel / region);
        }

        (int y, int x) = (pixel / planes.Width, pixel % planes.Width);
        int ly = Math.Min(y / planes.RegionY, planes.GridY - 1);
        int lx = Math.Min(x / planes.RegionX, planes.GridX - 1);
        return (y - (ly * planes.RegionY), x - (lx * planes.RegionX), (ly * planes.GridX) + lx);
    }
}
