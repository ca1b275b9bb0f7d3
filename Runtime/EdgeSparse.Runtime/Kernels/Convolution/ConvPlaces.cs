namespace EdgeSparse.Runtime.Kernels;

/// <summary>Where the vectors of a tile lie; a parameter of kernels, so that each case is compiled on its own.</summary>
internal interface IPlaces
{
    /// <summary>
    /// Whether each vector follows the one before it in the input: then one address and constant offsets serve a whole tile, and
    /// Arm loads two vectors at once.
    /// </summary>
    static abstract bool AreContiguous { get; }
}

/// <summary>Vectors one after the other.</summary>
internal readonly struct Contiguous : IPlaces
{
    public static bool AreContiguous => true;
}

/// <summary>Vectors anywhere: over rows of slots, or with a stride.</summary>
internal readonly struct Scattered : IPlaces
{
    public static bool AreContiguous => false;
}
