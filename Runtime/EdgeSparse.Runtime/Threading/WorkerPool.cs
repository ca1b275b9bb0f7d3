namespace EdgeSparse.Runtime.Threading;

/// <summary>
/// The threads of one session: its caller's, which is worker 0, and as many background threads as it takes. Idle workers spin
/// for some tens of microseconds, the usual gap between two runs, and then sleep; only then does the next run have to wake
/// them. One thread at a time may use a pool. A run allocates nothing.
/// </summary>
internal sealed unsafe class WorkerPool : IDisposable
{
    private readonly PoolState shared;
    private readonly Thread[] threads;
    private bool disposed;

    /// <param name="workers">Workers, the calling thread included.</param>
    /// <exception cref="EdgeSparseException">The machine does not give so many threads.</exception>
    public WorkerPool(int workers)
    {
        Workers = workers;
        shared = new PoolState(workers);
        threads = new Thread[workers - 1];
        try
        {
            for (int i = 0; i < threads.Length; i++)
            {
                threads[i] = Start(shared, i + 1);
            }
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            shared.Stop();
            throw new EdgeSparseException("this machine does not give a session " + workers + " threads", e);
        }
    }

    /// <summary>
    /// Ends the threads of a pool that was forgotten. It waits for none: nobody runs a body, and each ends by itself.
    /// </summary>
    ~WorkerPool() => shared.Stop();

    /// <summary>Workers, the calling thread included.</summary>
    public int Workers { get; }

    /// <summary>The pool's own threads; worker i + 1 runs on thread i.</summary>
    public ReadOnlySpan<Thread> Threads => threads;

    /// <summary>Workers that sleep.</summary>
    public int Parked => shared.Parked;

    /// <summary>Runs a body once on every worker and returns when all have finished.</summary>
    /// <param name="body">
    /// Gets <paramref name="state"/> and the worker's number: 0 on the calling thread, 1 and up on the pool's. It must not throw:
    /// on a pool's thread an exception ends the process, and on the caller's it would leave the others behind in the body.
    /// </param>
    /// <param name="state">Handed to the body as it is. No worker touches it once this has returned.</param>
    public void Run(delegate*<void*, int, void> body, void* state)
    {
        if (threads.Length != 0)
        {
            shared.Publish(body, state);
        }

        body(state, 0);
        if (threads.Length != 0)
        {
            shared.AwaitWorkers();
        }

        // Not before here may the finalizer tell the workers to stop.
        GC.KeepAlive(this);
    }

    /// <summary>Ends the threads and waits until they have.</summary>
    public void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        GC.SuppressFinalize(this);
        shared.Stop();
        foreach (Thread thread in threads)
        {
            thread.Join();
        }
    }

    // Static, so that the thread's closure holds the shared state and not the pool.
    private static Thread Start(PoolState shared, int worker)
    {
        var thread = new Thread(() => shared.Work(worker))
        {
            IsBackground = true,
            Name = "edgesparse-worker-" + worker,
        };

        // Without the caller's execution context, which the thread would otherwise keep alive.
        thread.UnsafeStart();
        return thread;
    }
}
