namespace EdgeSparse.Runtime;

/// <summary>How a session runs its model.</summary>
public sealed record SessionOptions
{
    internal const int MostThreads = 256;

    /// <summary>
    /// Threads that a run uses, the calling one included: 1 to 256. More threads than processor cores only cost time.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1 or above 256.</exception>
    public int Threads
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(Threads));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MostThreads, nameof(Threads));
            field = value;
        }
    }

    = 1;
}
