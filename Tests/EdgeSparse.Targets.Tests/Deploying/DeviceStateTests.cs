using EdgeSparse.Targets.Deploying;

namespace EdgeSparse.Targets.Tests.Deploying;

public class DeviceStateTests
{
    private static readonly HostAddress Host = new("pi", "host", 22);

    [Fact]
    public void Every_fact_is_read()
    {
        DeviceState state = DeviceState.Parse("arch aarch64\ntime 1764115200\nfree 2048\ncurrent slots/b\na 11aa\nb 22bb\nkey 33cc\n", Host);
        Assert.Equal(("aarch64", "b", "a", 2_097_152L, "33cc"), (state.Machine, state.Slot, state.OtherSlot, state.FreeBytes, state.KeyDigest));
        Assert.Equal(new DateTimeOffset(2025, 11, 26, 0, 0, 0, TimeSpan.Zero), state.Clock);
        Assert.Equal(("11aa", "22bb"), (state.ManifestDigests["a"], state.ManifestDigests["b"]));
        Assert.Null(state.Lacks);
    }

    [Fact]
    public void A_new_device_has_no_slot_in_use_and_gets_the_first()
    {
        DeviceState state = DeviceState.Parse("arch x86_64\ntime 1\nfree 1\n", Host);
        Assert.Equal((null, "a"), (state.Slot, state.OtherSlot));
    }

    [Theory]
    [InlineData("")]
    [InlineData("This account is not available.\n")]
    [InlineData("arch x86_64\ntime 1\ncurrent ../elsewhere\n")]
    public void An_answer_that_is_none_is_named(string output) =>
        Assert.StartsWith("pi@host: the device does not answer as a POSIX system does", Assert.Throws<TargetsException>(() => DeviceState.Parse(output, Host)).Message, StringComparison.Ordinal);

    [Fact]
    public void Quoting_makes_one_word_of_anything() => Assert.Equal("'it'\\''s $(here)'", DeviceScripts.Quote("it's $(here)"));
}
