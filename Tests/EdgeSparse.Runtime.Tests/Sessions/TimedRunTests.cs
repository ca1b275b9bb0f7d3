namespace EdgeSparse.Runtime.Tests.Sessions;

public sealed class TimedRunTests
{
    private static readonly byte[] Blob = SmallNetwork.Build().Build();

    [Fact]
    public void A_timed_run_gives_what_a_run_gives()
    {
        using Model model = Model.FromBytes(Blob);
        using Session session = model.CreateSession();
        float[] expected = new float[SmallNetwork.Outputs];
        float[] actual = new float[SmallNetwork.Outputs];
        session.Run(SmallNetwork.Sample(6), expected);
        session.RunTimed(SmallNetwork.Sample(6), actual, new long[model.Layers.Count]);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void A_timed_run_of_inputs_set_before_computes_and_checks_what_others_do()
    {
        using Model model = Model.FromBytes(Blob);
        using Session session = model.CreateSession();
        float[] expected = new float[SmallNetwork.Outputs];
        float[] actual = new float[SmallNetwork.Outputs];
        session.Run(SmallNetwork.Sample(6), expected);
        using Session timed = model.CreateSession();
        long[] ticks = new long[model.Layers.Count];
        Assert.Throws<InvalidOperationException>(() => timed.RunTimed(ticks));
        timed.SetInput(0, SmallNetwork.Sample(6));
        Assert.Throws<InputShapeException>(() => timed.RunTimed(new long[3]));
        timed.RunTimed(ticks);
        timed.GetOutput(0, actual);
        Assert.Equal(expected, actual);
        Assert.True(ticks.Sum() > 0);
    }

    [Fact]
    public void Times_are_added_to_what_is_there_for_each_layer()
    {
        using Model model = Model.FromBytes(Blob);
        using Session session = model.CreateSession();
        float[] y = new float[SmallNetwork.Outputs];
        long[] ticks = new long[model.Layers.Count];
        Array.Fill(ticks, 1_000_000_000_000);
        for (int i = 0; i < 100; i++)
        {
            session.RunTimed(SmallNetwork.Sample(1), y, ticks);
        }

        // 100 runs of any step take some ticks on every clock.
        Assert.All(ticks, t => Assert.True(t > 1_000_000_000_000));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(25)]
    [InlineData(27)]
    public void Times_of_another_length_than_the_layers_are_an_error(int length)
    {
        using Model model = Model.FromBytes(Blob);
        using Session session = model.CreateSession();
        string message = Assert.Throws<InputShapeException>(
            () => session.RunTimed(SmallNetwork.Sample(1), new float[SmallNetwork.Outputs], new long[length])).Message;
        Assert.Equal("the network has 26 layers, but " + length + " places for their times were given", message);
    }

    [Fact]
    public void A_timed_run_checks_what_a_run_checks()
    {
        using Model model = Model.FromBytes(Blob);
        Session session = model.CreateSession();
        long[] ticks = new long[26];
        Assert.Throws<InputShapeException>(() => session.RunTimed(new float[83], new float[SmallNetwork.Outputs], ticks));
        Assert.Throws<InputShapeException>(() => session.RunTimed(SmallNetwork.Sample(1), new float[4], ticks));
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(
            () => session.RunTimed(SmallNetwork.Sample(1), new float[SmallNetwork.Outputs], ticks));
    }

    [Fact]
    public void A_timed_run_allocates_no_managed_memory()
    {
        using Model model = Model.FromBytes(Blob);
        using Session session = model.CreateSession();
        float[] x = SmallNetwork.Sample(1);
        float[] y = new float[SmallNetwork.Outputs];
        long[] ticks = new long[model.Layers.Count];
        long Allocated(int runs)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < runs; i++)
            {
                session.RunTimed(x, y, ticks);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated(50);
        Assert.Equal(0, Allocated(100));
    }
}
