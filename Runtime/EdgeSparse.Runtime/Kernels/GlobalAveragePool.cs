using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Mean of each channel over its map. Each lane sums its pixels slot by slot and the lanes are added in order, so that vectors of
/// any width give the same sum; lanes beyond the map are masked, for they may hold anything.
/// </summary>
internal static unsafe class GlobalAveragePool
{
    public static void Run(Step* step, int worker, int workers)
    {
        ref readonly Planes x = ref step->Input;
        float pixels = (float)((long)x.Height * x.Width);
        (int first, int end) = WorkerRange.Of(x.Channels, worker, workers);
        for (int c = first; c < end; c++)
        {
            float* from = x.Slots + ((nint)c * x.ChannelStride);
            step->Output.Slots[(nint)c * step->Output.ChannelStride] = (x.IsPlanar ? Row(from, x.Height * x.Width) : Slots(in x, from)) / pixels;
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

    private static float Slots(in Planes x, float* from)
    {
        // The last lanes of a grid may have pixels in the halo.
        int rows = x.GridY == 0 ? x.RegionY : Math.Max(x.RegionY, x.Height - ((x.GridY - 1) * x.RegionY));
        int columns = x.GridY == 0 ? x.RegionX : Math.Max(x.RegionX, x.Width - ((x.GridX - 1) * x.RegionX));
        float sum = 0f;
        for (int piece = 0; piece < x.Lanes; piece += 4)
        {
            Vector128<float> lanes = Vector128<float>.Zero;
            for (int ry = 0; ry < rows; ry++)
            {
                float* row = from + ((nint)ry * x.RowStride) + piece;
                Vector128<int> counts = Vector128.Create(
                    Columns(in x, piece, ry), Columns(in x, piece + 1, ry), Columns(in x, piece + 2, ry), Columns(in x, piece + 3, ry));
                for (int rx = 0; rx < columns; rx++)
                {
                    Vector128<float> mask = Vector128.LessThan(Vector128.Create(rx), counts).AsSingle();
                    lanes += Vector128.Load(row + ((nint)rx * x.Lanes)) & mask;
                }
            }

            sum = sum + lanes[0] + lanes[1] + lanes[2] + lanes[3];
        }

        return sum;
    }

    /// <summary>Pixels of a lane in a row of slots: its first so many columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Columns(in Planes x, int lane, int ry)
    {
        if (x.GridY == 0)
        {
            long before = (((long)lane * x.RegionY) + ry) * x.RegionX;
            return (int)Math.Clamp(((long)x.Height * x.Width) - before, 0, x.RegionX);
        }

        (int ly, int lx) = (lane / x.GridX, lane % x.GridX);
        if ((ry >= x.RegionY && ly < x.GridY - 1) || (ly * x.RegionY) + ry >= x.Height)
        {
            return 0;
        }

        int columns = x.Width - (lx * x.RegionX);
        return lx < x.GridX - 1 ? Math.Min(columns, x.RegionX) : columns;
    }
}
