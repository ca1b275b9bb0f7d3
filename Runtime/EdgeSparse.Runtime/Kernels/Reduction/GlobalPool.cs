using System.Runtime.Intrinsics;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Mean or maximum of each channel over its map. Each lane sums its pixels slot by slot and the lanes are added in order, so that vectors of
/// any width give the same sum; lanes beyond the map are masked, for they may hold anything.
/// </summary>
internal static unsafe class GlobalPool
{
    public static void Average(Step* step, int worker, int workers) => Run(step, worker, workers, isMaximum: false);

    public static void Max(Step* step, int worker, int workers) => Run(step, worker, workers, isMaximum: true);

    private static void Run(Step* step, int worker, int workers, bool isMaximum)
    {
        ref readonly Planes x = ref step->Input;
        float pixels = (float)((long)x.Height * x.Width);
        int* rows = stackalloc int[16];
        int* columns = stackalloc int[16];
        CountPixels(in x, rows, columns);
        (int first, int end) = WorkerRange.Of(x.Channels, worker, workers);
        for (int c = first; c < end; c++)
        {
            float* from = x.Slots + ((nint)c * x.ChannelStride);
            float result = !x.IsPlanar ? Slots(in x, from, rows, columns, isMaximum)
                : isMaximum ? Fold<MaxFold>.Row(from, x.Height * x.Width)
                : Row(from, x.Height * x.Width);
            step->Output.Slots[(nint)c * step->Output.ChannelStride] = isMaximum ? result : result / pixels;
        }
    }

    private static float Row(float* from, int count)
    {
        Vector128<float> a = Vector128<float>.Zero;
        Vector128<float> b = a;
        int i = 0;
        for (; i + 8 <= count; i += 8)
        {
            a += Vector128.Load(from + i);
            b += Vector128.Load(from + i + 4);
        }

        float sum = Vector128.Sum(a + b);
        for (; i < count; i++)
        {
            sum += from[i];
        }

        return sum;
    }

    /// <summary>How many pixels each lane has: in its first Rows rows of slots the first Columns columns, in flat values fewer with every row.</summary>
    private static void CountPixels(in Planes x, int* rows, int* columns)
    {
        for (int lane = 0; lane < x.Lanes; lane++)
        {
            if (x.GridY == 0)
            {
                rows[lane] = x.RegionY;
                columns[lane] = (int)Math.Max(((long)x.Height * x.Width) - ((long)lane * x.RegionY * x.RegionX), 0);
                continue;
            }

            // The last lanes of a grid may have pixels in the halo.
            (int ly, int lx) = (lane / x.GridX, lane % x.GridX);
            rows[lane] = Math.Min(x.Height - (ly * x.RegionY), ly < x.GridY - 1 ? x.RegionY : int.MaxValue);
            columns[lane] = Math.Min(x.Width - (lx * x.RegionX), lx < x.GridX - 1 ? x.RegionX : int.MaxValue);
        }
    }

    private static float Slots(in Planes x, float* from, int* rows, int* columns, bool isMaximum)
    {
        (int slotRows, int slotColumns) = (x.RegionY, x.RegionX);
        (int fewer, int most) = (x.RegionX, x.RegionX);
        if (x.GridY != 0)
        {
            slotRows = Math.Max(slotRows, x.Height - ((x.GridY - 1) * x.RegionY));
            slotColumns = Math.Max(slotColumns, x.Width - ((x.GridX - 1) * x.RegionX));
            (fewer, most) = (0, int.MaxValue);
        }

        Vector128<float> start = Vector128.Create(isMaximum ? float.NegativeInfinity : 0f);
        float result = start[0];
        for (int piece = 0; piece < x.Lanes; piece += 4)
        {
            Vector128<float> lanes = start;
            Vector128<int> laneRows = Vector128.Load(rows + piece);
            Vector128<int> laneColumns = Vector128.Load(columns + piece);
            for (int ry = 0; ry < slotRows; ry++)
            {
                float* slot = from + ((nint)ry * x.RowStride) + piece;
                Vector128<int> counts = Vector128.Min(laneColumns - Vector128.Create(ry * fewer), Vector128.Create(most))
                    & Vector128.LessThan(Vector128.Create(ry), laneRows);
                for (int rx = 0; rx < slotColumns; rx++, slot += x.Lanes)
                {
                    Vector128<float> isPixel = Vector128.LessThan(Vector128.Create(rx), counts).AsSingle();
                    Vector128<float> pixels = Vector128.ConditionalSelect(isPixel, Vector128.Load(slot), start);
                    lanes = isMaximum ? Vector128.Max(lanes, pixels) : lanes + pixels;
                }
            }

            result = isMaximum
                ? MathF.Max(result, MathF.Max(MathF.Max(lanes[0], lanes[1]), MathF.Max(lanes[2], lanes[3])))
                : result + lanes[0] + lanes[1] + lanes[2] + lanes[3];
        }

        return result;
    }
}
