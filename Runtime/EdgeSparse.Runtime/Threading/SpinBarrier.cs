namespace EdgeSparse.Runtime.Threading;

/// <summary>
/// Where a fixed number of threads wait for one another, again and again: a sense-reversing barrier (Mellor-Crummey and Scott
/// 1991, Algorithm 7) whose sense is the number of the phase, so that a thread keeps no sense of its own between phases. Who
/// waits spins, then yields the core. It lives where all threads see it at one address and must not be copied once in use.
/// </summary>
/// <param name="threads">Threads that must arrive before any goes on.</param>
internal struct SpinBarrier(int threads)
{
    private readonly int threads = threads;
    private readonly long spinTicks = Spinner.Budget(threads);
    private PaddedCounter arrived;
    private PaddedCounter phase;

    /// <summary>
    /// Returns when all threads have called it. All that any of them wrote before, every one of them sees after.
    /// </summary>
    public void Wait()
    {
        // The phase cannot end before this thread has arrived, so that what is read here is the phase that it arrives in. The
        // increment is a full fence: the read stays above it, as does all that this thread wrote in the phase.
        int current = Volatile.Read(ref phase.Value);
        if (Interlocked.Increment(ref arrived.Value) == threads)
        {
            // The release store keeps the reset of the count above it: whoever sees the new phase counts from zero. Together
            // with the acquire load below it also passes on, also on Arm64, what the others wrote before their increments,
            // which the last increment here has seen.
            arrived.Value = 0;
            Volatile.Write(ref phase.Value, current + 1);
            return;
        }

        var spinner = new Spinner(spinTicks);
        while (Volatile.Read(ref phase.Value) == current)
        {
            spinner.PauseOrYield();
        }
    }
}
