using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Tests.Sessions;

public sealed class ThreadedSessionTests
{
    private static readonly byte[] Blob = SmallNetwork.Build().Build();

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(16)]
    public void Any_number_of_threads_gives_the_same_bits(int threads)
    {
        using Model model = Model.FromBytes(Blob);
        using Session one = model.CreateSession();
        using Session several = model.CreateSession(new SessionOptions { Threads = threads });
        float[] expected = new float[SmallNetwork.Outputs];
        float[] actual = new float[SmallNetwork.Outputs];
        long[] ticks = new long[model.Layers.Count];
        for (int i = 0; i < Repetitions.Of(200); i++)
        {
            one.Run(SmallNetwork.Sample(i), expected);
            several.Run(SmallNetwork.Sample(i), actual);
            Assert.Equal(expected, actual);
            several.RunTimed(SmallNetwork.Sample(i), actual, ticks);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void A_run_with_threads_allocates_no_managed_memory()
    {
        using Model model = Model.FromBytes(Blob);
        using Session session = model.CreateSession(new SessionOptions { Threads = 2 });
        float[] x = SmallNetwork.Sample(1);
        float[] y = new float[SmallNetwork.Outputs];
        long Allocated(int runs)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < runs; i++)
            {
                session.Run(x, y);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated(50);
        Assert.Equal(0, Allocated(100));
    }

    [Fact]
    public void Dispose_ends_the_threads()
    {
        using Model model = Model.FromBytes(Blob);
        Session session = model.CreateSession(new SessionOptions { Threads = 3 });
        session.Run(SmallNetwork.Sample(1), new float[SmallNetwork.Outputs]);
        Thread[] threads = session.Pool.Threads.ToArray();
        Assert.Equal(2, threads.Length);
        session.Dispose();
        Assert.All(threads, t => Assert.False(t.IsAlive));
    }

    [Fact]
    public void The_threads_of_a_forgotten_session_end()
    {
        using Model model = Model.FromBytes(Blob);
        Thread[] threads = Forget(model);
        Assert.Equal(3, threads.Length);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.All(threads, t => Assert.True(t.Join(TimeSpan.FromMinutes(2))));
    }

    [Fact]
    public void A_session_of_one_thread_has_no_thread_of_its_own()
    {
        using Model model = Model.FromBytes(Blob);
        using Session session = model.CreateSession();
        Assert.Equal(0, session.Pool.Threads.Length);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Thread[] Forget(Model model)
    {
        Session session = model.CreateSession(new SessionOptions { Threads = 4 });
        session.Run(SmallNetwork.Sample(1), new float[SmallNetwork.Outputs]);
        return session.Pool.Threads.ToArray();
    }
}
