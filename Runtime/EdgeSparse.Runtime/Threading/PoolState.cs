namespace EdgeSparse.Runtime.Threading;

/// <summary>
/// What the threads of a pool share with its owner, and the protocol between them. The threads reference this and nothing else,
/// so that they keep neither the pool nor its session alive.
/// </summary>
/// <remarks>
/// The owner writes the body and the count of pending workers, then raises the generation. A worker that sees a new generation
/// runs the body and lowers the count. Between two generations the owner waits for the count to be zero, hence no worker can
/// miss a generation, and after the wait none touches what the body was given.
/// </remarks>
/// <param name="threads">Threads of the pool, the owner's included.</param>
internal sealed unsafe class PoolState(int threads)
{
    private readonly long spinTicks = Spinner.Budget(threads);
    private readonly object gate = new();
    private PaddedCounter generation;
    private PaddedCounter pending;
    private PaddedCounter parked;
    private delegate*<void*, int, void> body;
    private void* argument;
    private bool stopping;

    /// <summary>Workers that sleep.</summary>
    public int Parked => Volatile.Read(ref parked.Value);

    /// <summary>Lets every worker run a body once.</summary>
    public void Publish(delegate*<void*, int, void> newBody, void* newArgument)
    {
        body = newBody;
        argument = newArgument;
        pending.Value = threads - 1;
        Advance();
    }

    /// <summary>Returns when every worker has run the published body; the owner then sees all that they wrote.</summary>
    public void AwaitWorkers()
    {
        // The acquire load pairs with the workers' decrements: what a worker wrote in the body comes before its decrement.
        var spinner = new Spinner(spinTicks);
        while (Volatile.Read(ref pending.Value) != 0)
        {
            spinner.PauseOrYield();
        }
    }

    /// <summary>Lets the workers' threads end. No body may be running.</summary>
    public void Stop()
    {
        Volatile.Write(ref stopping, true);
        Advance();
    }

    /// <summary>A worker's life.</summary>
    public void Work(int worker)
    {
        int seen = 0;
        while (true)
        {
            seen = AwaitGeneration(seen);
            if (Volatile.Read(ref stopping))
            {
                return;
            }

            body(argument, worker);

            // A full fence: all that the body wrote is visible before the owner can see the count.
            Interlocked.Decrement(ref pending.Value);
        }
    }

    private void Advance()
    {
        // The increment is a full fence, which both halves below need, on x64 too. First: a worker that sees the generation
        // (by an acquire load) sees the body. Second: this store and the load of the sleepers' count cannot change places. A
        // worker that goes to sleep raises that count, by a full fence, before it looks at the generation a last time. So
        // either it sees the new generation, or it is seen here and woken.
        Interlocked.Increment(ref generation.Value);
        if (Volatile.Read(ref parked.Value) != 0)
        {
            // A worker holds the gate from before its last look until it sleeps: the pulse cannot fall between the two.
            lock (gate)
            {
                Monitor.PulseAll(gate);
            }
        }
    }

    private int AwaitGeneration(int seen)
    {
        var spinner = new Spinner(spinTicks);
        int current;
        while ((current = Volatile.Read(ref generation.Value)) == seen)
        {
            if (!spinner.Pause())
            {
                return Park(seen);
            }
        }

        return current;
    }

    private int Park(int seen)
    {
        lock (gate)
        {
            Interlocked.Increment(ref parked.Value);
            int current;
            while ((current = Volatile.Read(ref generation.Value)) == seen)
            {
                Monitor.Wait(gate);
            }

            Interlocked.Decrement(ref parked.Value);
            return current;
        }
    }
}
