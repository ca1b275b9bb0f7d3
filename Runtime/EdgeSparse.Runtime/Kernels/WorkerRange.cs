namespace EdgeSparse.Runtime.Kernels;

/// <summary>How items that cost the same are shared among workers.</summary>
internal static class WorkerRange
{
    /// <summary>The items of one worker: First and those up to End, which is not among them.</summary>
    /// <param name="count">Items of all workers.</param>
    /// <param name="worker">The worker.</param>
    /// <param name="workers">How many there are.</param>
    /// <param name="unit">Items that stay together.</param>
    public static (int First, int End) Of(int count, int worker, int workers, int unit = 1)
    {
        long units = (count + (unit - 1L)) / unit;
        return ((int)Math.Min(count, units * worker / workers * unit), (int)Math.Min(count, units * (worker + 1) / workers * unit));
    }
}
