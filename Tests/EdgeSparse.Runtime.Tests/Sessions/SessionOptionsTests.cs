namespace EdgeSparse.Runtime.Tests.Sessions;

public sealed class SessionOptionsTests
{
    [Theory]
    [InlineData(int.MinValue)]
    [InlineData(0)]
    [InlineData(257)]
    public void A_number_of_threads_outside_1_to_256_is_an_error(int threads)
    {
        Assert.Equal("Threads", Assert.Throws<ArgumentOutOfRangeException>(() => new SessionOptions { Threads = threads }).ParamName);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(256)]
    public void One_to_256_threads_are_allowed(int threads)
    {
        Assert.Equal(threads, new SessionOptions { Threads = threads }.Threads);
    }

    [Fact]
    public void A_session_uses_one_thread_unless_told_otherwise()
    {
        using Model model = Model.FromBytes(SmallNetwork.Build().Build());
        using Session plain = model.CreateSession();
        using Session byDefault = model.CreateSession(new SessionOptions());
        using Session two = model.CreateSession(new SessionOptions { Threads = 2 });
        Assert.Equal((1, 1, 2), (plain.Threads, byDefault.Threads, two.Threads));
        Assert.Throws<ArgumentNullException>(() => model.CreateSession((SessionOptions)null!));
    }
}
