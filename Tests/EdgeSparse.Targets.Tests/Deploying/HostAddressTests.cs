using EdgeSparse.Targets.Deploying;

namespace EdgeSparse.Targets.Tests.Deploying;

public class HostAddressTests
{
    [Theory]
    [InlineData("pi@raspberrypi", "pi", "raspberrypi", 22, "raspberrypi")]
    [InlineData("pi@10.0.0.5:2222", "pi", "10.0.0.5", 2222, "[10.0.0.5]:2222")]
    [InlineData("pi@[fe80::1]", "pi", "fe80::1", 22, "fe80::1")]
    [InlineData("pi@[fe80::1]:23", "pi", "fe80::1", 23, "[fe80::1]:23")]
    public void A_host_has_a_user_a_name_and_a_port(string text, string user, string host, int port, string knownAs)
    {
        HostAddress address = HostAddress.Parse(text);
        Assert.Equal(new HostAddress(user, host, port), address);
        Assert.Equal(text, address.ToString());
        Assert.Equal(knownAs, address.KnownAs);
    }

    [Fact]
    public void Without_a_user_it_is_the_present_one() => Assert.Equal(Environment.UserName, HostAddress.Parse("raspberrypi").User);

    [Theory]
    [InlineData("")]
    [InlineData("@host")]
    [InlineData("pi@")]
    [InlineData("pi@host:0")]
    [InlineData("pi@host:65536")]
    [InlineData("pi@host:ssh")]
    [InlineData("pi@ho st")]
    [InlineData("pi@[fe80::1")]
    [InlineData("pi@[fe80::1]x:22")]
    public void What_is_no_host_is_named(string text) =>
        Assert.Equal($"'{text}' is no host; hosts have the form user@host or user@host:port", Assert.Throws<TargetsException>(() => HostAddress.Parse(text)).Message);
}
