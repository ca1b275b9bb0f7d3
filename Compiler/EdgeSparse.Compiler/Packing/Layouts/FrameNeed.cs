using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>What a reader counts on beyond a region's pixels.</summary>
internal enum FrameNeed
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The neighbours' pixels; what is beyond the map does not reach the result.</summary>
    Neighbours,

    /// <summary>Zeros beyond the map.</summary>
    Zero,

    /// <summary>The lowest number beyond the map.</summary>
    Lowest,
}

/// <summary>Joins the needs of several readers.</summary>
internal static class FrameNeeds
{
    /// <summary>Whether one value can serve both.</summary>
    public static bool Agree(FrameNeed a, FrameNeed b) => !(Math.Min((int)a, (int)b) == (int)FrameNeed.Zero && a != b);

    /// <summary>What serves both of two that agree.</summary>
    public static FrameNeed Union(FrameNeed a, FrameNeed b) => a > b ? a : b;

    public static Frame ToFrame(FrameNeed need) => need switch
    {
        FrameNeed.None => Frame.None,
        FrameNeed.Lowest => Frame.Lowest,
        _ => Frame.Zero,
    };
}
