using System.Runtime.CompilerServices;
using EdgeSparse.Runtime.Threading;

namespace EdgeSparse.Runtime.Tests.Threading;

public sealed unsafe class WorkerPoolTests
{
    /// <summary>No claim, but the end of a test that hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Every_worker_runs_every_body_exactly_once(int workers)
    {
        using var pool = new WorkerPool(workers);
        using var counts = new WorkerCounts(workers);
        for (int round = 1; round <= Repetitions.Of(100_000); round++)
        {
            pool.Run(&CountRound, counts.First);
            for (int worker = 0; worker < workers; worker++)
            {
                if (*counts.Of(worker) != round)
                {
                    Assert.Fail("after round " + round + " worker " + worker + " has run " + *counts.Of(worker) + " bodies");
                }
            }
        }
    }

    [Fact]
    public void Rounds_of_different_bodies_do_not_mix()
    {
        using var pool = new WorkerPool(3);
        using var counts = new WorkerCounts(3);
        for (int round = 0; round < Repetitions.Of(10_000); round++)
        {
            pool.Run(&CountRound, counts.First);
            pool.Run(&UncountRound, counts.First);
        }

        Assert.Equal((0, 0, 0), (*counts.Of(0), *counts.Of(1), *counts.Of(2)));
    }

    [Fact]
    public void Worker_0_is_the_calling_thread_and_the_others_are_named_background_threads()
    {
        using var pool = new WorkerPool(3);
        using var ids = new WorkerCounts(3);
        pool.Run(&StoreThreadId, ids.First);
        Assert.Equal(Environment.CurrentManagedThreadId, (int)*ids.Of(0));
        Assert.Equal(["edgesparse-worker-1", "edgesparse-worker-2"], pool.Threads.ToArray().Select(t => t.Name));
        Assert.Equal(pool.Threads.ToArray().Select(t => t.ManagedThreadId), [(int)*ids.Of(1), (int)*ids.Of(2)]);
        Assert.All(pool.Threads.ToArray(), t => Assert.True(t.IsBackground));
    }

    [Fact]
    public void Idle_workers_sleep_and_the_next_run_wakes_them()
    {
        using var pool = new WorkerPool(3);
        using var counts = new WorkerCounts(3);
        for (int round = 1; round <= 200; round++)
        {
            AwaitSleep(pool);
            pool.Run(&CountRound, counts.First);
            Assert.Equal((round, round, round), ((int)*counts.Of(0), (int)*counts.Of(1), (int)*counts.Of(2)));
        }
    }

    [Fact]
    public void Workers_may_fall_asleep_at_any_moment_around_a_run()
    {
        using var pool = new WorkerPool(2);
        using var counts = new WorkerCounts(2);
        var random = new Random(5);
        int rounds = Repetitions.Of(20_000);
        for (int round = 1; round <= rounds; round++)
        {
            // Gaps around the time that a worker spins for, so that runs meet it on its way to sleep.
            Thread.SpinWait(random.Next(2000));
            pool.Run(&CountRound, counts.First);
        }

        Assert.Equal((rounds, rounds), ((int)*counts.Of(0), (int)*counts.Of(1)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Dispose_ends_sleeping_workers(int workers)
    {
        var pool = new WorkerPool(workers);
        AwaitSleep(pool);
        pool.Dispose();
        Assert.All(pool.Threads.ToArray(), t => Assert.False(t.IsAlive));
        pool.Dispose();
    }

    [Fact]
    public void Dispose_right_after_a_run_ends_the_workers()
    {
        using var counts = new WorkerCounts(3);
        for (int round = 1; round <= 200; round++)
        {
            var pool = new WorkerPool(3);
            pool.Run(&CountRound, counts.First);
            pool.Dispose();
            Assert.All(pool.Threads.ToArray(), t => Assert.False(t.IsAlive));
            Assert.Equal((round, round, round), ((int)*counts.Of(0), (int)*counts.Of(1), (int)*counts.Of(2)));
        }
    }

    [Fact]
    public void Dispose_before_any_run_ends_the_workers()
    {
        for (int i = 0; i < 200; i++)
        {
            var pool = new WorkerPool(4);
            pool.Dispose();
            Assert.All(pool.Threads.ToArray(), t => Assert.False(t.IsAlive));
        }
    }

    [Fact]
    public void The_threads_of_a_forgotten_pool_end()
    {
        Thread[] threads = Forget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.All(threads, t => Assert.True(t.Join(Patience)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void A_run_allocates_nothing_on_any_thread_awake_or_asleep(int workers)
    {
        using var pool = new WorkerPool(workers);
        using var allocated = new WorkerCounts(workers);
        void RunAll()
        {
            for (int round = 0; round < 50; round++)
            {
                pool.Run(&StoreAllocatedBytes, allocated.First);
                if (round % 10 == 0)
                {
                    AwaitSleep(pool);
                }
            }
        }

        RunAll();
        long[] before = allocated.ToArray();
        RunAll();
        Assert.Equal(before, allocated.ToArray());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Thread[] Forget()
    {
        var pool = new WorkerPool(3);
        using var counts = new WorkerCounts(3);
        pool.Run(&CountRound, counts.First);
        return pool.Threads.ToArray();
    }

    private static void AwaitSleep(WorkerPool pool)
    {
        if (!SpinWait.SpinUntil(() => pool.Parked == pool.Workers - 1, Patience))
        {
            Assert.Fail("only " + pool.Parked + " of " + (pool.Workers - 1) + " workers have gone to sleep");
        }
    }

    private static void CountRound(void* state, int worker) => ++*WorkerCounts.At(state, worker);

    private static void UncountRound(void* state, int worker) => --*WorkerCounts.At(state, worker);

    private static void StoreThreadId(void* state, int worker) =>
        *WorkerCounts.At(state, worker) = Environment.CurrentManagedThreadId;

    private static void StoreAllocatedBytes(void* state, int worker) =>
        *WorkerCounts.At(state, worker) = worker == 0 ? 0 : GC.GetAllocatedBytesForCurrentThread();
}
