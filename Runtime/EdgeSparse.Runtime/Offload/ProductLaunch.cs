using System.Numerics;

namespace EdgeSparse.Runtime.Offload;

/// <summary>How a product with the pixels of a map is shared out to groups of threads. The numbers are those that were fastest on an H100.</summary>
internal static class ProductLaunch
{
    /// <summary>Neighbouring elements that a thread computes.</summary>
    public const int PixelsTogether = 4;

    /// <summary>Threads that share a unit of weights, each with its own pixels.</summary>
    private const int PixelThreads = 16;

    private const int FewestGroupThreads = 64;

    /// <summary>Threads of a multiprocessor that are enough to keep it busy.</summary>
    private const int BusyThreads = 256;

    /// <summary>Entries from which on it pays to have many units in a group, and threads of a group with fewer entries.</summary>
    private const int LongUnit = 128;
    private const int MostShortThreads = 256;

    private const int UsualWarp = 32;

    /// <summary>Entries of a part that are worth the joining of its sums.</summary>
    private const int FewestPartEntries = 32;

    public static int Pieces(int elements) => (elements + PixelsTogether - 1) / PixelsTogether;

    /// <summary>Adds the launch.</summary>
    /// <param name="planner">The plan's.</param>
    /// <param name="isQuads">Whether units are four rows.</param>
    /// <param name="entries">Of a unit, on average.</param>
    /// <param name="step">The step.</param>
    /// <param name="samples">How many of the grid there are.</param>
    public static void Add(DevicePlanner planner, bool isQuads, long entries, ref DeviceStep step, int samples)
    {
        int pieces = Pieces(step.Output.MapElements);
        int most = planner.Shape.ProductThreads;
        int unit = 1;
        while (unit < pieces && unit < PixelThreads && unit < planner.Shape.GroupThreads)
        {
            unit *= 2;
        }

        step.UnitThreads = unit;
        step.UnitShift = BitOperations.Log2((uint)unit);
        step.Tiles = (pieces + unit - 1) / unit;
        step.Places = planner.Constants.Add(PlacesOf(in step, pieces));

        // Entries are shared out where there are too few threads to hide how long inputs take to come.
        int parts = 1;
        long threads = (long)step.Count * step.Tiles * unit * samples;
        while (2 * parts * unit <= most && parts < 8 && threads * parts < (long)planner.Shape.Multiprocessors * BusyThreads
            && entries / (2 * parts) >= Math.Max(unit * 4, FewestPartEntries))
        {
            parts *= 2;
        }

        // As many units of a group as there are, so that they share what they load, but enough groups for all multiprocessors.
        int group = entries >= LongUnit ? most : Math.Min(most, MostShortThreads);
        while (group > parts * unit && group / unit > planner.Shape.MostUnits)
        {
            group /= 2;
        }

        while (group > FewestGroupThreads && group > parts * unit && threads * parts / group * 16 < planner.Shape.Multiprocessors * 15L)
        {
            group /= 2;
        }

        int together = group / unit / parts;
        step.IsWarpAlone = planner.Shape.IsWarpAlone(unit, group) ? 1 : 0;
        step.PartShift = BitOperations.Log2((uint)parts);
        step.WarpShift = BitOperations.Log2((uint)Math.Clamp(Math.Max(planner.Shape.WarpThreads, UsualWarp) / unit / parts, 1, together));
        step.Bundles = (step.Count + together - 1) / together;
        planner.Launch(isQuads ? DeviceKernel.SparseQuads : DeviceKernel.SparseRows, in step, checked(step.Bundles * step.Tiles), group, samples);
    }

    /// <summary>Where the window of each four elements of the output begins in the input's arena.</summary>
    private static int[] PlacesOf(in DeviceStep step, int pieces)
    {
        int words = step.IsAligned != 0 ? 1 : PixelsTogether;
        int[] places = new int[pieces * words];
        int rowElements = step.Output.RowElements;
        int last = step.Output.MapElements - 1;
        for (int i = 0; i < places.Length; i++)
        {
            // Those beyond the map are taken for its last.
            int element = Math.Min(i * (PixelsTogether / words), last);
            int row = element / rowElements;
            int slot = element % rowElements / step.Output.Lanes;
            int place = step.Input.Start + (row * step.StrideY * step.Input.RowStride) + (slot * step.StrideX * step.Output.Lanes) + (element % step.Output.Lanes);
            places[i] = step.IsAligned != 0 ? place / PixelsTogether : place;
        }

        return places;
    }
}
