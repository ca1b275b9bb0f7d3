using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Copies pixels from one layout to another, frame included. Between planar and blocked values four columns of slots are a tile:
/// four pixels of each lane, transposed by 4×4; what no tile covers is copied element by element. Tables say what goes where, for
/// all channels alike.
/// </summary>
internal static unsafe class Relayout
{
    /// <summary>Channels from which on workers share them whole.</summary>
    private const int ManyChannels = 16;

    /// <summary>Makes the tables.</summary>
    /// <param name="step">A step with its operands.</param>
    /// <param name="memory">Where the tables go.</param>
    public static void Plan(Step* step, NativeArena memory)
    {
        // Where the shapes differ, the planar value's pixels have the order of the other's: it takes that shape.
        if (step->Input.IsPlanar)
        {
            TakeShape(ref step->Input, in step->Output);
        }
        else if (step->Output.IsPlanar)
        {
            TakeShape(ref step->Output, in step->Input);
        }

        var table = (RelayoutTable*)memory.Allocate(sizeof(RelayoutTable));
        Planes target = step->Output;
        if (FillsFrame(in target))
        {
            table->FrameStep = (Step*)memory.Allocate(sizeof(Step));
            table->FrameStep->Output = target;
            FrameFill.Plan(table->FrameStep, Hardware.Best, memory);
            target.HaloTop = target.HaloLeft = target.HaloBottom = target.HaloRight = 0;
        }

        new RelayoutPlan(step->Input, target).Write(table, memory);
        step->Table = table;
        step->TableLength = 1;
    }

    public static void Run(Step* step, int worker, int workers)
    {
        ref readonly Planes x = ref step->Input;
        ref readonly Planes y = ref step->Output;
        if (x.IsPlanar && y.IsPlanar)
        {
            (int first, int end) = WorkerRange.Of(y.Count, worker, workers, 16);
            new ReadOnlySpan<float>(x.Slots + first, end - first).CopyTo(new Span<float>(y.Slots + first, end - first));
            return;
        }

        var table = (RelayoutTable*)step->Table;
        if (x.IsPlanar)
        {
            ToBlocked(step, table, worker, workers);
        }
        else if (y.IsPlanar)
        {
            ToPlanar(step, table, worker, workers);
        }

        (int firstChannel, int endChannel) = WorkerRange.Of(y.Channels, worker, workers);
        for (int c = firstChannel; c < endChannel; c++)
        {
            Elements(step, table, c);
        }

        if (table->FrameStep != null)
        {
            table->FrameStep->Kernel(table->FrameStep, worker, workers);
        }
    }

    /// <summary>
    /// Whether permutations of the region's slots fill the frame, which is faster than to copy pixels to each place. Workers then
    /// share channels, not tiles, for which there have to be enough.
    /// </summary>
    private static bool FillsFrame(in Planes output) =>
        output.Frame != Frame.None && output.Channels >= ManyChannels
        && (output.GridY == 0
            || (output.GridY * (long)output.RegionY >= output.Height && output.GridX * (long)output.RegionX >= output.Width));

    /// <summary>The tiles of a worker, counted over all channels.</summary>
    private static (int First, int End) Tiles(Step* step, RelayoutTable* table, int worker, int workers) => WorkerRange.Of(
        step->Output.Channels * table->TileCount, worker, workers, step->Output.Channels >= ManyChannels ? Math.Max(table->TileCount, 1) : 1);

    private static void TakeShape(ref Planes planar, in Planes other)
    {
        planar.Channels = other.Channels;
        planar.Height = planar.RegionY = other.Height;
        planar.Width = planar.RegionX = planar.RowStride = other.Width;
        planar.ChannelStride = other.Height * other.Width;
    }

    private static void ToBlocked(Step* step, RelayoutTable* table, int worker, int workers)
    {
        int count = table->TileCount;
        int lanes = step->Output.Lanes;
        (int at, int end) = Tiles(step, table, worker, workers);
        while (at < end)
        {
            int channel = at / count;
            float* from = step->Input.Slots + ((nint)channel * step->Input.ChannelStride);
            float* to = step->Output.Slots + ((nint)channel * step->Output.ChannelStride);
            RelayoutTile* tile = table->Tiles + (at % count);
            RelayoutTile* stop = table->Tiles + Math.Min(count, (at % count) + (end - at));
            at += (int)(stop - tile);
            for (; tile < stop; tile++)
            {
                float* target = to + tile->Slot;
                if (tile->Edge < 0)
                {
                    float* source = from + tile->Pixel;
                    for (int lane = 0; lane < lanes; lane += 4)
                    {
                        int* offsets = table->LaneOffsets + lane;
                        Tile4x4.Transpose(
                            Vector128.Load(source + offsets[0]), Vector128.Load(source + offsets[1]),
                            Vector128.Load(source + offsets[2]), Vector128.Load(source + offsets[3]),
                            target + lane, target + lanes + lane, target + (2 * lanes) + lane, target + (3 * lanes) + lane);
                    }
                }
                else
                {
                    RelayoutEdge* edges = table->Edges + tile->Edge;
                    for (int lane = 0; lane < lanes; lane += 4, edges += 4)
                    {
                        Tile4x4.Transpose(
                            Masked(from, edges, table), Masked(from, edges + 1, table),
                            Masked(from, edges + 2, table), Masked(from, edges + 3, table),
                            target + lane, target + lanes + lane, target + (2 * lanes) + lane, target + (3 * lanes) + lane);
                    }
                }
            }
        }
    }

    private static void ToPlanar(Step* step, RelayoutTable* table, int worker, int workers)
    {
        int count = table->TileCount;
        int lanes = step->Input.Lanes;
        float* rows = stackalloc float[16];
        (int at, int end) = Tiles(step, table, worker, workers);
        while (at < end)
        {
            int channel = at / count;
            float* from = step->Input.Slots + ((nint)channel * step->Input.ChannelStride);
            float* to = step->Output.Slots + ((nint)channel * step->Output.ChannelStride);
            RelayoutTile* tile = table->Tiles + (at % count);
            RelayoutTile* stop = table->Tiles + Math.Min(count, (at % count) + (end - at));
            at += (int)(stop - tile);
            for (; tile < stop; tile++)
            {
                float* source = from + tile->Slot;
                RelayoutEdge* edges = table->Edges + tile->Edge;
                for (int lane = 0; lane < lanes; lane += 4, edges += 4)
                {
                    Vector128<float> a = Vector128.Load(source + lane);
                    Vector128<float> b = Vector128.Load(source + lanes + lane);
                    Vector128<float> c = Vector128.Load(source + (2 * lanes) + lane);
                    Vector128<float> d = Vector128.Load(source + (3 * lanes) + lane);
                    if (tile->Edge < 0)
                    {
                        float* target = to + tile->Pixel;
                        int* offsets = table->LaneOffsets + lane;
                        Tile4x4.Transpose(a, b, c, d, target + offsets[0], target + offsets[1], target + offsets[2], target + offsets[3]);
                    }
                    else
                    {
                        Tile4x4.Transpose(a, b, c, d, rows, rows + 4, rows + 8, rows + 12);
                        for (int i = 0; i < 4; i++)
                        {
                            StoreFirst(rows + (4 * i), to + edges[i].Pixel, edges[i].Pattern);
                        }
                    }
                }
            }
        }
    }

    private static void Elements(Step* step, RelayoutTable* table, int channel)
    {
        float* from = step->Input.Slot(channel, 0, 0);
        float* to = step->Output.Slot(channel, 0, 0);
        for (int* pair = table->Pairs, stop = pair + (2 * (nint)table->PairCount); pair < stop; pair += 2)
        {
            to[pair[0]] = from[pair[1]];
        }

        float fill = step->Output.Frame == Frame.Lowest ? float.NegativeInfinity : 0f;
        for (int* element = table->Fills, stop = element + table->FillCount; element < stop; element++)
        {
            to[*element] = fill;
        }

        int length = step->Output.RegionX * step->Output.Lanes;
        for (int ry = 0; ry < step->Output.RegionY && table->CopiesRows != 0; ry++)
        {
            new ReadOnlySpan<float>(step->Input.Slot(channel, ry, 0), length).CopyTo(new Span<float>(step->Output.Slot(channel, ry, 0), length));
        }
    }

    /// <summary>Four pixels of a lane, some of which the map does not have.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Masked(float* from, RelayoutEdge* edge, RelayoutTable* table)
    {
        RelayoutPattern* pattern = table->Patterns + edge->Pattern;
        Vector128<byte> pixels = Vector128.Load(from + edge->Pixel).AsByte();
        Vector128<byte> places = Vector128.Load(pattern->Places);
        Vector128<byte> moved = Ssse3.IsSupported ? Ssse3.Shuffle(pixels, places)
            : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.VectorTableLookup(pixels, places)
            : Vector128.Shuffle(pixels, places);
        return (moved | Vector128.Load(pattern->Fill)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreFirst(float* from, float* to, int count)
    {
        if (count == 4)
        {
            Vector128.Load(from).Store(to);
            return;
        }

        for (int i = 0; i < count; i++)
        {
            to[i] = from[i];
        }
    }
}
